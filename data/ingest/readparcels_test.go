package ingest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

func TestReadParcels(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want, said    []string
	}{
		{"csv", "id,use_code,price_wan,zone\na,0601,\"1,000\",Z\nb,,x,\n", []string{"a 0601 1000 Z", "b"}, []string{"2 b price_wan field.not_a_number"}},
		{"json", ` [{"id":"a","use_code":601,"price_wan":null},{"id":7,"zone":"Z"}]`, []string{"a 0601", "7 Z"}, nil},
		{"faults", "id,zone\na,Z\n,Z\na,Y\nb,Z,extra\nc,Z,\n", []string{"a Z", "c Z"},
			[]string{"2 id id.missing", "3 a id id.duplicate", "4 table.row_too_wide"}},
	} {
		said := &told{}
		opt := Options{Files: []File{text("t", c.content)}, MaxRejects: NoLimit}
		said.listen(&opt)
		var got []string
		res, err := ReadParcels(context.Background(), opt, func(p *land.Parcel) error {
			got = append(got, strings.Join(strings.Fields(p.ID+" "+p.UseCode+" "+p.PriceWan.String()+" "+p.Zone), " "))
			return nil
		})
		if err != nil || !slices.Equal(got, c.want) || !slices.Equal(said.lines, c.said) || res.Features() != res.Loaded()+res.Rejected() {
			t.Errorf("%s: %v, %q, said %q", c.name, err, got, said.lines)
		}
	}
	for _, c := range []struct{ content, code string }{
		{`[{"id":"a"},`, "table.json"}, {`[1]`, "table.json"}, {`[]`, "load.nothing"}, {"", "table.empty"}, {"id\n", "load.nothing"}, {"id\n\"a", "table.csv"},
	} {
		_, err := ReadParcels(context.Background(), Options{Files: []File{text("t", c.content)}}, func(*land.Parcel) error { return nil })
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != c.code {
			t.Errorf("%q: %v, want %s", c.content, err, c.code)
		}
	}
	stop := errors.New("enough")
	if _, err := ReadParcels(context.Background(), Options{Files: []File{text("t", "id\na\n")}}, func(*land.Parcel) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}
