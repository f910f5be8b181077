package ingest

import "testing"

func TestDates(t *testing.T) {
	d, err := newDates()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, form, want string }{
		{"2023-02-28", "", "2023-02-28"},
		{"2023/02/28", "", "2023-02-28"},
		{"2023/2/8", "", "2023-02-08"},
		{"2023-2-8", "", "2023-02-08"},
		{"2007年01月31日", "", "2007-01-31"},
		{"2007年1月3日", "", "2007-01-03"},
		{"2024-02-29", "", "2024-02-29"},
		{"1546185600000", "", "2018-12-31"},   // 00:00 in Shanghai
		{"1546185599999", "", "2018-12-30"},   // a millisecond before
		{"1546185600000.0", "", "2018-12-31"}, // as a float
		{"576864000000", "", "1988-04-13"},    // summer time: 01:00 in Shanghai
		{"144000000", "", "1970-01-03"},
		{"-201600000", "", "1969-12-30"},
		{"57600000", "epoch_ms", "1970-01-02"},
		{"2018-12-31T16:00:00Z", "", "2019-01-01"},
		{"2018-12-31T00:00:00+08:00", "", "2018-12-31"},
		{"2018-12-31T00:00:00.000+0800", "", "2018-12-31"},
		{"2018-12-31T00:00:00", "", "2018-12-31"},
		{"2018-12-31 23:59:59", "", "2018-12-31"},
		{"2018/1/3 8:00", "", "2018-01-03"},
		{"1949-10-01", "", "1949-10-01"},
		{"20181231", "YYYYMMDD", "2018-12-31"},
		{"31/12/2018", "DD/MM/YYYY", "2018-12-31"},
		{"1992.04", "YYYY.MM", "1992-04-01"},
		{"2001", "YYYY", "2001-01-01"},
		{"2018年3月", "YYYY年M月", "2018-03-01"},
		{"1546185600", "epoch_s", "2018-12-31"},
		{"43465", "excel", "2018-12-31"},
		{"43465.75", "excel", "2018-12-31"},
		{"2018-12-31", "DD/MM/YYYY", "2018-12-31"}, // the contract's forms stay

		{"1949-09-30", "", "early"},
		{"1900-01-01", "", "early"},
		{"1901年01月02日", "", "early"},
		{"-2208988800000", "", "early"}, // 1900-01-01 in milliseconds
		{"9999-12-31", "", "late"},
		{"253402185600000", "", "late"},
		{"20181231", "", "ambiguous"},
		{"2023-02-30", "", "!"},
		{"2023-13-01", "", "!"},
		{"2023-00-01", "", "!"},
		{"2023-02/28", "", "!"},
		{"28.02.2023", "", "!"},
		{"2023", "", "ambiguous"},
		{"0", "", "ambiguous"},
		{"2023年", "", "!"},
		{"soon", "", "!"},
		{"Nah", "", "!"},
		{"99999999999999999999", "", "!"},
		{"2018-12-31T25:00:00Z", "", "!"},
	} {
		layout := ""
		if c.form != "" {
			if layout, err = dateLayout(c.form); err != nil {
				t.Fatal(err)
			}
		}
		v, err := d.parse([]byte(c.in), layout)
		got := v.String()
		switch err {
		case errTooEarly:
			got = "early"
		case errTooLate:
			got = "late"
		case errAmbiguous:
			got = "ambiguous"
		case errNotDate:
			got = "!"
		}
		if got != c.want {
			t.Errorf("%q (%s): %s, want %s", c.in, c.form, got, c.want)
		}
	}
	for _, form := range []string{"", "MM/DD", "YY-MM-DD", "YYYY-DD", "YYYY hh:mm", "Jan 2 YYYY"} {
		if _, err := dateLayout(form); err == nil {
			t.Errorf("date form %q accepted", form)
		}
	}
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"2023-02-28", "2007年1月31日", "1546185600000", "20181231", "2018-12-31T00:00:00Z", "-1", "2018/1/3 8:00"} {
		f.Add(s, "")
		f.Add(s, "YYYYMMDD")
	}
	f.Fuzz(func(t *testing.T, s, form string) {
		d, err := newDates()
		if err != nil {
			t.Fatal(err)
		}
		layout, err := dateLayout(form)
		if err != nil {
			layout = ""
		}
		v, err := d.parse([]byte(s), layout)
		if err != nil {
			return
		}
		if v < d.earliest || v > d.latest {
			t.Fatalf("%q gives %s, out of bounds", s, v)
		}
		if again, err := d.parse([]byte(v.String()), ""); err != nil || again != v {
			t.Fatalf("%q gives %s, which gives %s, %v", s, v, again, err)
		}
	})
}
