package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/explain"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/server"
)

// TestScopeOfAContract has a contract with a term over two zones: what the term
// comes to is that of the whole contract whoever asks, and its parcels in the
// other zone stay unnamed.
func TestScopeOfAContract(t *testing.T) {
	d := newDistrict(t)
	files, err := data.Samples()
	if err != nil {
		t.Fatal(err)
	}
	sample, err := fs.ReadFile(files, "parcels.geojson")
	if err != nil {
		t.Fatal(err)
	}
	own, _ := hidden(t, d.server(t))
	bare := regexp.MustCompile(`"contract_no":"[^"]*",?`).ReplaceAll(sample, nil)
	spread := regexp.MustCompile(`"project_no":"[^"]*"`).ReplaceAll(bare, []byte(`"contract_no":"HT"`))
	for _, id := range own[:20] {
		spread = bytes.Replace(spread, []byte(`"id":"`+id+`"`), []byte(`"contract_no":"HT","id":"`+id+`"`), 1)
	}
	load := func(layer, name string, content []byte) {
		d.loadFile(t, snapshot, layer, ingest.File{Name: name, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content)), nil
		}})
	}
	load(ingest.LayerParcels, "parcels.geojson", spread)
	load(ingest.LayerTerms, "terms.csv", []byte("contract_no,indicator,comparison,value,unit\nHT,ancillary_land_share.project,<=,0.001,ratio\n"))
	d.analyze(t, snapshot)
	s := d.server(t)
	secret := d.token(t, server.Viewer, "GX02")
	_, other := hidden(t, s)
	path := api + "/explain/GX02/contract%2Fterms%23ancillary_land_share.project.le?parcel=HT&limit=1000"
	named := func(body string) bool {
		return slices.ContainsFunc(other, func(id string) bool { return strings.Contains(body, `"`+id+`"`) })
	}
	var docs [2]explain.Document
	all, mine := get(t, s, path), do(t, s, remoteRequest("GET", path, secret, nil))
	if mine.Code != http.StatusOK || !named(all.Body.String()) || named(mine.Body.String()) || !strings.Contains(mine.Body.String(), "withheld:") {
		t.Errorf("%d; everybody is told of the other zone: %v, the caller of GX02: %v", mine.Code, named(all.Body.String()), named(mine.Body.String()))
	}
	for i, body := range [][]byte{all.Body.Bytes(), mine.Body.Bytes()} {
		if err := json.Unmarshal(body, &docs[i]); err != nil || docs[i].Verdict == nil {
			t.Fatalf("%v in %.300s", err, body)
		}
	}
	a, b := docs[0], docs[1]
	if a.Verdict.Outcome != b.Verdict.Outcome || len(a.Subject.Parcels) != len(b.Subject.Parcels) || a.Parcels.AreaM2 != b.Parcels.AreaM2 || a.LeftOut.AreaM2 != b.LeftOut.AreaM2 {
		t.Errorf("the contract's figure depends on who asks: %+v and %+v", a.Verdict, b.Verdict)
	}
}
