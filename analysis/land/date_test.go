package land

import "testing"

func TestParseDate(t *testing.T) {
	for _, s := range []string{"2024-02-29", "1949-10-01", "0001-01-01", "9999-12-31"} {
		d, err := ParseDate(s)
		if err != nil || d.String() != s || !d.Known() {
			t.Errorf("ParseDate(%q) = %s, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "2023-02-29", "2023-2-9", "2023-13-01", "2023/01/01", "0000-01-01", "２０２３-01-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", s, d)
		}
	}
}

// A year is full on the corresponding day; where there is none, on the last
// day of the month (Civil Code 201–203).
func TestAddYears(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2023-03-15", 1, "2024-03-15"}, {"2024-02-29", 1, "2025-02-28"}, {"2024-02-29", 4, "2028-02-29"}, {"2023-02-28", 1, "2024-02-28"},
	} {
		from, err := ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.AddYears(c.n).String(); got != c.want {
			t.Errorf("%s + %d years = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestFullYears(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2022-03-01", "2023-02-28", 0}, {"2022-03-01", "2023-03-01", 1}, {"2022-03-01", "2024-02-29", 1},
		{"2024-02-29", "2025-02-28", 1}, {"2024-01-01", "2023-01-01", 0},
	} {
		from, _ := ParseDate(c.from)
		to, _ := ParseDate(c.to)
		if got := from.FullYears(to); got != c.want {
			t.Errorf("full years from %s to %s = %d, want %d", c.from, c.to, got, c.want)
		}
	}
}
