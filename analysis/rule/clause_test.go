package rule_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
)

// policyTexts is the five documents the packs restate clause by clause: how
// many clauses each has.
func policyTexts() map[string]int {
	return map[string]int{"chongqing/hightech-draft-2021": 25, "chongqing/demonstration-2021": 20, "yunnan/hightech-2020": 21,
		"state-council/hightech-2020": 21, "guangxi/hightech-2021": 27}
}

// number writes a clause number as a document does: （二十二）, or 8.
func number(n int, arabic bool) string {
	if arabic {
		return strconv.Itoa(n)
	}
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	tens := []string{"", "十", "二十", "三十"}
	return "（" + tens[n/10] + digits[n%10] + "）"
}

// Every numbered clause of the five texts is listed exactly once, and nothing
// else is. (The packs say how many there are; the texts are asked below.)
func TestEveryClauseIsListed(t *testing.T) {
	total := 0
	for id, clauses := range policyTexts() {
		p := pack(t, id)
		if p.Document.Clauses != clauses || len(p.Document.SHA256) != 64 {
			t.Errorf("%s: %d clauses of a text with digest %q; want %d", id, p.Document.Clauses, p.Document.SHA256, clauses)
		}
		var got, want []string
		for _, c := range p.Clauses {
			got = append(got, c.No)
		}
		for n := range clauses {
			want = append(want, number(n+1, id == "chongqing/demonstration-2021"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists the clauses %v; want %v", id, got, want)
		}
		total += len(got)
	}
	if total != 114 {
		t.Errorf("%d clauses are listed; the five texts have 114", total)
	}
}

// clauseHead begins a clause at the start of a line: （二十二）, (二十二), 8. ; one
// text has an editor's bookmark before it.
var clauseHead = regexp.MustCompile(`(?m)^[\s\p{Z}]*(?:\[bookmark:[^\]]*\])?(?:[（(]([一二三四五六七八九十]+)[）)]|([0-9]+)\. )`)

// clausesOf cuts a policy text into its numbered clauses.
func clausesOf(text string) (numbers []string, bodies map[string]string) {
	bodies = map[string]string{}
	heads := clauseHead.FindAllStringSubmatchIndex(text, -1)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		no := ""
		if h[2] >= 0 {
			no = "（" + text[h[2]:h[3]] + "）"
		} else {
			no = text[h[4]:h[5]]
		}
		numbers = append(numbers, no)
		bodies[no] = text[h[0]:end]
	}
	return numbers, bodies
}

// The policy texts themselves have the clauses the packs list, and every quoted
// fragment stands in the clause it is quoted from.
func TestPacksHoldAgainstThePolicyTexts(t *testing.T) {
	files, err := filepath.Glob("../../../shared/policy/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the policy texts are not here")
	}
	texts := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		texts[hex.EncodeToString(sum[:])] = string(b)
	}
	for id := range policyTexts() {
		p := pack(t, id)
		text, ok := texts[p.Document.SHA256]
		if !ok {
			t.Errorf("%s: no policy text has the digest %s", id, p.Document.SHA256)
			continue
		}
		numbers, bodies := clausesOf(text)
		var listed []string
		for _, c := range p.Clauses {
			listed = append(listed, c.No)
		}
		if !slices.Equal(numbers, listed) {
			t.Errorf("%s: the text has the clauses %v, the pack lists %v", id, numbers, listed)
		}
		quotesStand(t, p, bodies)
		delete(texts, p.Document.SHA256)
	}
	if len(texts) > 0 {
		t.Errorf("%d policy texts have no pack", len(texts))
	}
}

func quotesStand(t *testing.T, p *rule.Pack, bodies map[string]string) {
	t.Helper()
	for _, r := range p.All() {
		if !strings.Contains(bodies[r.Clause], r.Quote) {
			t.Errorf("%s: %q is not in %s", r.Key(), r.Quote, r.Clause)
		}
	}
	for _, c := range p.Clauses {
		for _, v := range c.Provisions {
			if !strings.Contains(bodies[c.No], v.Quote) {
				t.Errorf("%s %s: %q is not in the clause", p.ID, c.No, v.Quote)
			}
			if n := len([]rune(v.Quote)); n > 48 {
				t.Errorf("%s %s: a quote of %d characters; keep to the fragment that matters", p.ID, c.No, n)
			}
			if v.As != rule.AsOutOfScope && v.Quote == "" {
				t.Errorf("%s %s: %q quotes nothing of the clause", p.ID, c.No, v.Text.EN)
			}
		}
	}
}

// What a rule, a measure or a reference names is computed or read by somebody.
func TestPacksNameWhatIsThere(t *testing.T) {
	units := map[string]land.Unit{}
	for _, d := range indicator.Definitions() {
		units[d.ID] = d.Unit
	}
	packs, err := rule.LoadFS(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs {
		for _, r := range p.All() {
			of, _ := indicator.IsMean(r.Indicator)
			if u, ok := units[of]; r.Indicator != "" && (!ok || u != r.Unit) {
				t.Errorf("%s: there is no indicator %s in %s", r.Key(), r.Indicator, r.Unit)
			}
		}
		for _, r := range p.References {
			if _, ok := units[r.Indicator]; !ok || r.Num <= 0 || r.Den <= 0 {
				t.Errorf("%s: reference %s names no indicator, or no value: %q %d/%d", p.ID, r.ID, r.Indicator, r.Num, r.Den)
			}
		}
		for _, c := range p.Clauses {
			for _, v := range c.Provisions {
				for _, id := range v.Indicators {
					if _, ok := units[id]; !ok {
						t.Errorf("%s %s: there is no indicator %s", p.ID, c.No, id)
					}
				}
				for _, f := range v.Fields {
					if !isField(f) {
						t.Errorf("%s %s: no input has a field %s", p.ID, c.No, f)
					}
				}
			}
		}
	}
}

func isField(name string) bool {
	_, zone := land.FieldNamed(land.ZoneFields(), name)
	_, parcel := land.FieldNamed(land.ParcelFields(), name)
	_, building := land.FieldNamed(land.BuildingFields(), name)
	_, stats := land.FieldNamed(land.StatsFields(), name)
	_, approval := land.FieldNamed(land.ApprovalFields(), name)
	_, phase := land.FieldNamed(land.PhaseFields(), name)
	_, use := land.FieldNamed(land.UseFields(), name)
	_, term := land.FieldNamed(land.TermFields(), name)
	_, firm := land.FieldNamed(land.FirmFields(), name)
	_, event := land.FieldNamed(land.EventFields(), name)
	_, ranking := land.FieldNamed(land.RankingFields(), name)
	_, action := land.FieldNamed(land.ZoneActionFields(), name)
	return zone || parcel || building || stats || approval || phase || use || term || firm || event || ranking || action
}

// What is not confirmed is off; what is a draft says so; and the three first
// packs alone give verdicts on the zones, projects and parcels of most places.
func TestWhatIsJudgedByDefault(t *testing.T) {
	packs, err := rule.LoadFS(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	everywhere := 0
	for _, p := range packs {
		for _, r := range p.Rules {
			if r.Mark != "" || r.Empty() {
				t.Errorf("%s is judged, and is marked %q or has no limit", r.Key(), r.Mark)
			}
			if len(p.Applies.Province) == 0 {
				everywhere++
			}
			if r.Level == land.LevelZoneSet && len(p.Applies.ZoneKind)+len(p.Applies.ZoneLevel) > 0 {
				t.Errorf("%s: a set of zones has no kind and no level, so the rule would never be judged", r.Key())
			}
		}
		for _, r := range p.Off {
			if r.Off.ZH == "" || r.Off.EN == "" {
				t.Errorf("%s is off and does not say why in both languages", r.Key())
			}
		}
	}
	if everywhere != 3 {
		t.Errorf("%d rules are judged in every province; a new one needs a decision", everywhere)
	}
}

func TestSwitchOn(t *testing.T) {
	p := pack(t, "national/industrial-project-2023")
	if len(p.Rules) != 0 || len(p.Off) != 5 {
		t.Fatalf("%d rules judged and %d off; want 0 and 5", len(p.Rules), len(p.Off))
	}
	on, err := p.SwitchOn("far.project-min")
	if err != nil {
		t.Fatal(err)
	}
	if len(on.Rules) != 1 || len(on.Off) != 4 || on.Rules[0].IsOff() || on.Rules[0].Pack != on || !on.Rules[0].Empty() {
		t.Errorf("switched on: %+v", on.Rules)
	}
	if len(p.Rules) != 0 || !p.Rule("far.project-min").IsOff() {
		t.Error("switching on changed the pack itself")
	}
	if _, err := p.SwitchOn("far.forgotten"); !errors.Is(err, rule.ErrPack) {
		t.Errorf("an unknown rule: %v", err)
	}
	var ids []string
	for _, r := range pack(t, "national/industrial-project-2008").All() {
		ids = append(ids, r.ID)
	}
	if want := []string{"ancillary.project-land-max", "far.project-min", "building-coefficient.project-min", "green.project-max"}; !slices.Equal(ids, want) {
		t.Errorf("all rules %v, want %v", ids, want)
	}
}

func TestClauseFaults(t *testing.T) {
	b, err := fs.ReadFile(tree(t), "guangxi/hightech-2021/pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, put, want string }{
		{"a clause too few", "clauses: 27", "clauses: 28", "has 28 clauses; the pack lists 27"},
		{"twice the same", "  - clause: （二）", "  - clause: （一）", `"（一）" stands twice`},
		{"a rule that is not there", "rules: [rd-intensity.gdp-target]", "rules: [rd-intensity.target]", `there is no rule "rd-intensity.target" above`},
		{"a rule of another clause", "rules: [production-service.land-target]", "rules: [ancillary.zone-floor-max]", "is of clause （二十四）, not of （二十二）"},
		{"a rule nobody carries", "rules: [production-service.land-target]", "rules: [ancillary.zone-land-max]", `"production-service.land-target" carries no provision`},
		{"a measure of nothing", "        indicators: [admin_living_land_share.construction_land]\n", "", "must name the indicators or fields"},
		{"an input nobody has", "awaits: [plan]", "awaits: [omens]", `"omens" is none of`},
		{"a mark without off", "    excess: mu\n    note: A target", "    excess: mu\n    mark: GK\n    note: A target", "it must be off"},
		{"half a reason", "    excess: mu\n    note: A target", "    excess: mu\n    off: {zh: 否}\n    note: A target", `"en" is missing`},
	} {
		text := strings.Replace(string(b), c.old, c.put, 1)
		if text == string(b) {
			t.Errorf("%s: %q is not in the pack", c.name, c.old)
			continue
		}
		if _, err := rule.Read("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// The topics of the five policies that people look for are found on the page of
// clauses, each in a line that says what carries it.
func TestTopicsAreFound(t *testing.T) {
	page, err := os.ReadFile("../../data/rules/CLAUSES.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"一区多园", "纳入.*拓展园", "整合或托管|整合.*托管", "飞地", "以升促建", "四至.*备案", "弹性出让", "先租后让", "分期供地",
		"保障性租赁住房", "盘活闲置场所", "产城融合", "先建后验", "三高|高污染、高耗能、高排放"} {
		found := false
		for _, line := range strings.Split(string(page), "\n") {
			if ok, err := regexp.MatchString(topic, line); err != nil {
				t.Fatal(err)
			} else if ok && strings.HasPrefix(line, "|") {
				found = true
			}
		}
		if !found {
			t.Errorf("no clause is listed that speaks of %s", topic)
		}
	}
}
