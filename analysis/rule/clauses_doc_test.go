package rule_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/rule"
)

const clausesDoc = "../../data/rules/CLAUSES.md"

// The page of clauses says what the packs say. "go test ./analysis/rule/...
// -update" writes it anew.
func TestClausesPage(t *testing.T) {
	packs, err := rule.LoadFS(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	(&page{Buffer: &got}).write(packs)
	if *update {
		if err := os.WriteFile(clausesDoc, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(clausesDoc)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Error("data/rules/CLAUSES.md does not say what the packs say; go test ./analysis/rule/... -update renews it")
	}
}

// page writes the page of clauses.
type page struct{ *bytes.Buffer }

func (w *page) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// carriers is the ways a provision is carried, in the order of the page's
// columns.
func carriers() []string {
	return []string{rule.AsRule, rule.AsMeasure, rule.AsDuty, rule.AsSupport, rule.AsOutOfScope}
}

func asWord(as string) string {
	return map[string]string{rule.AsRule: "规则 rule", rule.AsMeasure: "指标 measure", rule.AsDuty: "职责 duty",
		rule.AsSupport: "支持 support", rule.AsOutOfScope: "范围外 out of scope"}[as]
}

func (w *page) write(packs []*rule.Pack) {
	w.line("# 条款对照 · What carries each clause\n")
	w.line("<!-- Generated from the packs in this folder by `go test ./analysis/rule/... -update`. Do not edit. -->\n")
	w.line("五份政策文件的每一条，由哪条规则计算、由哪个指标显示，或仅列为职责、支持，或为何不在范围内。文字为转述；引号内为原文片段。")
	w.line("Every numbered clause of the five policy texts: the rule that judges it, the indicator that shows it, or that it is listed as a")
	w.line("duty or support, or why it is out of scope. The words are our own; fragments in 「」 are quoted.\n")
	w.line("“待” (awaits): 尚无该输入，不能计算 · an input the engine does not read yet. “关” (off): 写明但默认不判 · written out, not judged by default.\n")
	var texts, others []*rule.Pack
	for _, p := range packs {
		if p.Document.SHA256 != "" {
			texts = append(texts, p)
		} else {
			others = append(others, p)
		}
	}
	w.summary(texts)
	w.line("## 五份政策文件 · The five texts\n")
	for _, p := range texts {
		w.pack(p)
	}
	w.line("## 其他规则包 · Other packs\n")
	for _, p := range others {
		w.pack(p)
	}
}

// summary counts clauses by what carries the most of them: a clause is in the
// first column that any of its provisions is in.
func (w *page) summary(packs []*rule.Pack) {
	head := "| 文件 document | 条数 clauses |"
	for _, as := range carriers() {
		head += " " + asWord(as) + " |"
	}
	w.line("%s\n|---|---|---|---|---|---|---|", head)
	total := make([]int, len(carriers())+1)
	for _, p := range packs {
		row := make([]int, len(total))
		for _, c := range p.Clauses {
			row[0]++
			row[1+first(c)]++
		}
		line := fmt.Sprintf("| [%s](#%s) |", p.ID, anchor(p))
		for i, n := range row {
			total[i] += n
			line += fmt.Sprintf(" %d |", n)
		}
		w.line("%s", line)
	}
	line := "| 合计 total |"
	for _, n := range total {
		line += fmt.Sprintf(" %d |", n)
	}
	w.line("%s\n\n一条列在其各项规定的最左一栏。A clause is counted in the leftmost column that any of its provisions is in.\n", line)
}

func first(c rule.Clause) int {
	best := len(carriers()) - 1
	for _, v := range c.Provisions {
		best = min(best, slices.Index(carriers(), v.As))
	}
	return best
}

func anchor(p *rule.Pack) string { return strings.ReplaceAll(p.ID, "/", "") }

func (w *page) pack(p *rule.Pack) {
	w.line("### %s\n", p.ID)
	status := map[string]string{"in_force": "有效 in force", "draft": "征求意见稿 draft", "repealed": "废止 repealed"}[p.Document.Status]
	w.line("%s · %s  \n%s · %s · %s%s", p.Title.ZH, p.Title.EN, p.Document.Number, p.Authority.ZH, status, since(p))
	if p.Document.SHA256 != "" {
		w.line("sha256 of the text: `%s`", p.Document.SHA256)
	}
	if p.Document.Note != "" {
		w.line("\n%s", p.Document.Note)
	}
	w.line("")
	if len(p.Clauses) > 0 {
		w.clauses(p)
	} else {
		w.rules(p)
	}
	w.slots(p)
	w.references(p)
}

func since(p *rule.Pack) string {
	if !p.Document.EffectiveOn.Known() {
		return ""
	}
	return fmt.Sprintf(" · 自 from %s", p.Document.EffectiveOn)
}

func (w *page) clauses(p *rule.Pack) {
	w.line("| 条 clause | 规定 provision | 由何承担 carried by |\n|---|---|---|")
	for _, c := range p.Clauses {
		for i, v := range c.Provisions {
			head := ""
			if i == 0 {
				head = fmt.Sprintf("**%s** %s<br>%s", c.No, c.Title.ZH, c.Title.EN)
				if c.No == c.Title.ZH {
					head = fmt.Sprintf("**%s**<br>%s", c.Title.ZH, c.Title.EN)
				}
			}
			text := v.Text.ZH + "<br>" + v.Text.EN
			if v.Quote != "" {
				text += "<br>「" + v.Quote + "」"
			}
			w.line("| %s | %s | %s |", cell(head), cell(text), cell(carriedBy(p, v)))
		}
	}
	w.line("")
}

func carriedBy(p *rule.Pack, v rule.Provision) string {
	out := []string{asWord(v.As)}
	if v.Kind != "" {
		out[0] += " (" + v.Kind + ")"
	}
	for _, id := range v.Rules {
		off := ""
		if p.Rule(id).IsOff() {
			off = " (关 off)"
		}
		out = append(out, "`"+id+"`"+off)
	}
	for _, list := range []struct {
		word  string
		names []string
	}{{"", v.Indicators}, {"字段 fields: ", v.Fields}, {"待 awaits: ", v.Awaits}} {
		if len(list.names) > 0 {
			out = append(out, list.word+"`"+strings.Join(list.names, "`, `")+"`")
		}
	}
	if v.Why != (rule.Text{}) {
		out = append(out, v.Why.ZH, v.Why.EN)
	}
	return strings.Join(out, "<br>")
}

// rules lists the rules of a pack that has no list of clauses, then those of
// any pack that are off.
func (w *page) rules(p *rule.Pack) {
	w.line("| 规则 rule | 条 clause | 名称 title |\n|---|---|---|")
	for _, r := range p.All() {
		text := r.Title.ZH + "<br>" + r.Title.EN
		if r.IsOff() {
			text += "<br>关 off: " + r.Off.ZH + "<br>" + r.Off.EN
		}
		w.line("| `%s` | %s | %s |", r.ID, cell(r.Clause), cell(text))
	}
	w.line("")
}

func (w *page) slots(p *rule.Pack) {
	if len(p.Slots) == 0 {
		return
	}
	w.line("空槽（由主管部门填写）· Empty slots, for a bureau to fill in\n\n| slot | 名称 title | 单位 unit | 标记 mark | |\n|---|---|---|---|---|")
	for _, s := range p.Slots {
		w.line("| `%s` | %s | %s | %s | %s |", s.ID, cell(s.Title.ZH+"<br>"+s.Title.EN), s.Unit, s.Mark, cell(s.Note))
	}
	w.line("")
}

func (w *page) references(p *rule.Pack) {
	if len(p.References) == 0 {
		return
	}
	w.line("参考线（不是限值）· Reference lines, no limits\n\n| 指标 indicator | 值 value | 名称 title | 来源 source |\n|---|---|---|---|")
	for _, r := range p.References {
		w.line("| `%s` | %.4g | %s | %s |", r.Indicator, float64(r.Num)/float64(r.Den), cell(r.Title.ZH+"<br>"+r.Title.EN), cell(r.Source))
	}
	w.line("")
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
}
