package land

import (
	"errors"
	"fmt"
	"time"
)

// Date is a calendar day in China, held as a count of days with 0001-01-01 as
// day 1. Its zero value is "unknown". Dates compare with < and ==; compare
// only known ones.
type Date int32

// ErrDate is wrapped by every error of ParseDate.
var ErrDate = errors.New("not a calendar date")

var dayZero = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)

// DateOf is the Date of a civil day; an impossible day (2023-02-30) is an error.
func DateOf(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != month || t.Day() != day || year < 1 || year > 9999 {
		return 0, fmt.Errorf("%w: %04d-%02d-%02d", ErrDate, year, month, day)
	}
	return DateOfTime(t), nil
}

// DateOfTime is the day that t shows on its own clock.
func DateOfTime(t time.Time) Date {
	y, m, d := t.Date()
	// Not Time.Sub: a Duration ends after 292 years.
	return Date((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - dayZero.Unix()) / 86400)
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("%w: %q, want YYYY-MM-DD", ErrDate, s)
	}
	y, ok1 := digits(s[:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:])
	if !ok1 || !ok2 || !ok3 {
		return 0, fmt.Errorf("%w: %q, want YYYY-MM-DD", ErrDate, s)
	}
	return DateOf(y, time.Month(m), d)
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// Known reports whether the date is known.
func (d Date) Known() bool { return d != 0 }

// Time is midnight UTC of the day.
func (d Date) Time() time.Time { return dayZero.AddDate(0, 0, int(d)) }

// Year is the calendar year.
func (d Date) Year() int { return d.Time().Year() }

// AddYears is the corresponding day n years later, the day on which n years
// are full; 29 February gives 28 February (Civil Code 201–203).
func (d Date) AddYears(n int) Date {
	y, m, day := d.Time().Date()
	t := time.Date(y+n, m, day, 0, 0, 0, 0, time.UTC)
	if t.Month() != m {
		t = time.Date(y+n, m+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return DateOfTime(t)
}

// FullYears is the number of whole years from d to end, at least 0.
func (d Date) FullYears(end Date) int {
	n := end.Year() - d.Year()
	if n > 0 && d.AddYears(n) > end {
		n--
	}
	return max(n, 0)
}

// String is YYYY-MM-DD, or "" where the date is unknown.
func (d Date) String() string { return string(d.Append(nil)) }

// Append writes YYYY-MM-DD, or nothing where the date is unknown.
func (d Date) Append(b []byte) []byte {
	if !d.Known() {
		return b
	}
	return d.Time().AppendFormat(b, time.DateOnly)
}

// MarshalJSON writes "YYYY-MM-DD", or null where the date is unknown.
func (d Date) MarshalJSON() ([]byte, error) {
	if !d.Known() {
		return []byte("null"), nil
	}
	return append(d.Append([]byte{'"'}), '"'), nil
}

// UnmarshalJSON reads "YYYY-MM-DD" or null.
func (d *Date) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*d = 0
		return nil
	}
	if len(b) < 2 || b[0] != '"' {
		return fmt.Errorf("%w: %s", ErrDate, b)
	}
	v, err := ParseDate(string(b[1 : len(b)-1]))
	*d = v
	return err
}
