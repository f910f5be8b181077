package geo

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// TestParseWKT reads descriptions as Esri, OGC, QGIS and local software write
// them.
func TestParseWKT(t *testing.T) {
	const china = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	gk := func(name, params string) string {
		return `PROJCS["` + name + `",` + china + `,PROJECTION["Gauss_Kruger"],` + params + `,UNIT["Meter",1.0]]`
	}
	p := func(cm, fe string) string {
		return `PARAMETER["False_Easting",` + fe + `],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",` + cm + `],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0]`
	}
	for _, c := range []struct{ wkt, want string }{
		{china, "EPSG:4490"},
		{`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`, "EPSG:4326"},
		{"\uFEFF" + gk("CGCS2000_3_Degree_GK_Zone_36", p("108.0", "36500000.0")), "EPSG:4524"},
		{gk("CGCS2000_3_Degree_GK_CM_108E", p("108.0", "500000.0")), "EPSG:4545"},
		{gk("CGCS2000_3_Degree_GK_CM_105E", p("105.0", "500000.0")), "EPSG:4544"},
		{gk("CGCS2000_GK_CM_105E", p("105.0", "500000.0")), "EPSG:4507"},
		{gk("CGCS2000_GK_CM_93E", p("93.0", "500000.0")), "EPSG:4505"},
		{gk("CGCS2000_GK_Zone_18", p("105.0", "18500000.0")), "EPSG:4496"},
		{gk("mine", p("108.0", "500000.0")), "EPSG:4545"},
		{gk("local", p("108.5", "500000.0")), "crs_unsupported"},
		{gk("local", p("108.0", "550000.0")), "crs_unsupported"},
		{strings.Replace(gk("feet", p("108.0", "500000.0")), `"Meter",1.0`, `"Foot",0.3048`, 1), "crs_unsupported"},
		{`PROJCS["Xian_1980_3_Degree_GK_Zone_36",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],` + p("108.0", "36500000.0") + `,UNIT["Meter",1.0]]`, "crs_old_datum"},
		{`GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`, "crs_old_datum"},
		{`PROJCS["TWD97 / TM2 zone 121",GEOGCS["TWD97",DATUM["Taiwan_Datum_1997",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",121],PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",250000],PARAMETER["false_northing",0],UNIT["metre",1]]`, "EPSG:3826"},
		{`PROJCS["any",` + china + `,PROJECTION["Transverse_Mercator"],UNIT["metre",1],AUTHORITY["EPSG","4547"]]`, "EPSG:4547"},
		{`GEOGCS["x",DATUM["D_Nowhere",SPHEROID["x",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`, "crs_unsupported"},
		{`GEOGCS["x"`, "crs_unreadable"},
		{``, "crs_unreadable"},
		{strings.Repeat(`A[`, 1000), "crs_unreadable"},
		{`LOCAL_CS["plan",UNIT["Meter",1]]`, "crs_unsupported"},
	} {
		crs, err := ParseWKT(c.wkt)
		got := crs.ID()
		var e *CRSError
		if errors.As(err, &e) {
			got = string(e.Code)
		}
		if got != c.want {
			t.Errorf("%s, want %s: %s", got, c.want, c.wkt)
		}
	}
}

// TestParseWKTOfGDAL reads every system of the list as PROJ writes it, in all
// three dialects: the second engine's words give our ids.
func TestParseWKTOfGDAL(t *testing.T) {
	if _, err := exec.LookPath("gdalsrsinfo"); err != nil {
		t.Fatalf("GDAL is the second engine of this test: %v", err)
	}
	for _, id := range []string{"EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:3826", "EPSG:4491", "EPSG:4501", "EPSG:4502", "EPSG:4512",
		"EPSG:4513", "EPSG:4524", "EPSG:4533", "EPSG:4534", "EPSG:4545", "EPSG:4554", "EPSG:32648", "EPSG:32748"} {
		for _, dialect := range []string{"wkt1", "wkt_esri", "wkt2"} {
			out, err := exec.Command("gdalsrsinfo", "-o", dialect, id).Output()
			if err != nil {
				t.Fatal(err)
			}
			text := string(out)
			if dialect != "wkt_esri" { // without the codes, the parameters must do
				if bare, err := ParseWKT(withoutCode(text)); err != nil || bare.ID() != id {
					t.Errorf("%s %s without its code: %v %v", id, dialect, bare, err)
				}
			}
			if crs, err := ParseWKT(text); err != nil || crs.ID() != id {
				t.Errorf("%s %s: %v %v\n%s", id, dialect, crs, err, text)
			}
		}
	}
}

func withoutCode(wkt string) string {
	i := max(strings.LastIndex(wkt, `AUTHORITY["EPSG"`), strings.LastIndex(wkt, `ID["EPSG"`))
	if i < 0 {
		return wkt
	}
	i = strings.LastIndexByte(wkt[:i], ',')
	return wkt[:i] + "]"
}

func FuzzParseWKT(f *testing.F) {
	f.Add(`PROJCS["a",GEOGCS["b",DATUM["D_China_2000",SPHEROID["c",6378137,298.2]]],PROJECTION["Gauss_Kruger"],PARAMETER["Central_Meridian",108],UNIT["Meter",1]]`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseWKT(s)
		var e *CRSError
		if err != nil && !errors.As(err, &e) || (err == nil) == c.IsZero() {
			t.Fatal(c, err)
		}
		if e != nil && (e.Message("zh") == "" || e.Message("en") == "") {
			t.Fatal("no words")
		}
	})
}
