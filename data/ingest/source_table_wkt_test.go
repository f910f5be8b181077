package ingest

import (
	"slices"
	"strings"
	"testing"
)

// TestTableWithWKT: rows of a table with well-known text are features; what is
// no polygon is rejected by its row.
func TestTableWithWKT(t *testing.T) {
	const header = "id,WKT,price_wan\n"
	rows := []string{
		`a,"POLYGON ((108 22,108.001 22,108.001 22.001,108 22.001,108 22))",5`,
		`b,"MULTIPOLYGON (((108.01 22,108.011 22,108.011 22.001,108.01 22)),((108.02 22,108.021 22,108.021 22.001,108.02 22)))",6`,
		`c,POINT (108 22),7`,
		`d,,8`,
		`e,"POLYGON ((108 22,108.001",9`,
		`f,"POLYGON ((NaN 22,108.001 22,108.001 22.001,NaN 22))",1`,
	}
	said := &told{}
	opt := Options{Files: []File{text("p.csv", header+strings.Join(rows, "\n")+"\n")}, MaxRejects: NoLimit}
	said.listen(&opt)
	sink, res := loadFile(t, opt)
	if res.Loaded() != 2 || res.Rejected() != 4 || sink.parcels[1].PriceWan.String() != "5" || len(sink.shapes[2]) != 2 {
		t.Errorf("%+v %+v", res.Inputs, sink.parcels)
	}
	want := []string{"3 c geometry.not_polygon", "4 d geometry.null", "5 table.wkt", "6 table.wkt"}
	if !slices.Equal(said.lines, want) {
		t.Errorf("%q, want %q", said.lines, want)
	}
	if got := refusedCode(t, text("p.csv", "id,name\na,b\n")); got != "table.no_boundary" {
		t.Error(got)
	}
}
