package supply_test

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/supply"
)

// Real supply results of 2007: 225 rows, of which 164 have an agreed start and
// no actual one. Nobody wrote down whether they started, so none may be called
// idle.
func TestLandchina2007(t *testing.T) {
	rows := landchinaRows(t)
	a := assessor(t, "2024-12-31")
	got := map[string]int{}
	classes := map[land.Class]int{}
	for _, row := range rows {
		p := &land.Part{Share: 1}
		p.UseScheme, p.UseCode = land.Landchina2007, row["土地用途"]
		p.SuppliedOn = chinese(row["合同签订日期"])
		p.AgreedStartOn = chinese(row["约定开工时间"])
		p.AgreedCompletionOn = chinese(row["约定竣工时间"])
		p.StartedOn = chinese(row["实际开工时间"])
		p.CompletedOn = chinese(row["实际竣工时间"])
		out := a.Assess(p)
		got[string(out.Status)+" "+out.Reason]++
		classes[out.Class]++
	}
	for key, want := range map[string]int{
		"undetermined " + supply.ReasonStartUnknown:       164,
		"undetermined " + supply.ReasonStartUnknownNoDate: 47, // agreed start blank, Nah or 1901-01-02
	} {
		if got[key] != want {
			t.Errorf("%s: %d rows, want %d (all: %v)", key, got[key], want, got)
		}
	}
	if len(rows) != 225 {
		t.Errorf("%d rows, want 225", len(rows))
	}
	for key := range got {
		if strings.HasPrefix(key, string(land.SuspectedIdle)) {
			t.Errorf("%d rows are %s", got[key], key)
		}
	}
	if classes[land.ClassIndustrial] != 129 {
		t.Errorf("%d industrial rows by name, want 129", classes[land.ClassIndustrial])
	}
}

func landchinaRows(t *testing.T) []map[string]string {
	t.Helper()
	f, err := os.Open("../../../shared/data/landchina/supply_results_2007.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the shared data are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines[0][0] = strings.TrimPrefix(lines[0][0], "\ufeff")
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = strings.TrimSpace(line[i])
		}
		out = append(out, row)
	}
	return out
}

// chinese reads the two ways in which this file writes a day; what stands for
// none there is unknown.
func chinese(s string) land.Date {
	for _, layout := range []string{"2006年01月02日", "2006/1/2 15:04:05"} {
		if d, err := time.Parse(layout, s); err == nil && d.Year() >= 1950 {
			return land.DateOfTime(d)
		}
	}
	return 0
}
