package rule_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
)

var update = flag.Bool("update", false, "write the expected files anew")

func tree(t testing.TB) fs.FS {
	t.Helper()
	f, err := data.Rules()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func pack(t testing.TB, id string) *rule.Pack {
	t.Helper()
	packs, err := rule.LoadFS(tree(t), id)
	if err != nil {
		t.Fatal(err)
	}
	return packs[0]
}

func TestEmbeddedPacks(t *testing.T) {
	packs, err := rule.LoadFS(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range packs {
		for _, r := range p.Rules {
			keys = append(keys, r.Key())
		}
	}
	// The ids are public: never renamed.
	for _, want := range []string{
		"national/idle-land-2012#idle.not-started", "national/idle-land-2012#idle.suspended",
		"national/industrial-project-2008#ancillary.project-land-max",
		"guangxi/hightech-2021#ancillary.project-land-max", "guangxi/hightech-2021#ancillary.project-floor-max",
		"guangxi/hightech-2021#ancillary.zone-projects-land-max", "guangxi/hightech-2021#ancillary.zone-projects-floor-max",
		"guangxi/hightech-2021#ancillary.zone-land-max", "guangxi/hightech-2021#ancillary.zone-land-max-wide",
		"guangxi/hightech-2021#ancillary.zone-floor-max", "guangxi/hightech-2021#production-service.land-target",
		"guangxi/hightech-2021#rd-intensity.gdp-target", "yunnan/hightech-2020#entry.three-high-ban",
		"chongqing/hightech-draft-2021#gdp-per-mu.approved-area-target", "chongqing/hightech-draft-2021#gdp-per-mu.zone-area-target",
		"chongqing/hightech-draft-2021#gdp-per-mu.construction-land-target", "chongqing/hightech-draft-2021#gdp-per-mu.built-land-target",
		"chongqing/hightech-draft-2021#gdp-per-mu.approved-area-mean-target", "chongqing/hightech-draft-2021#gdp-per-mu.zone-area-mean-target",
		"chongqing/hightech-draft-2021#gdp-per-mu.construction-land-mean-target", "chongqing/hightech-draft-2021#gdp-per-mu.built-land-mean-target",
		"chongqing/hightech-draft-2021#rd-intensity.gdp-mean-target",
		"chongqing/hightech-draft-2021#rd-intensity.gdp-target", "chongqing/hightech-draft-2021#energy.value-added-target",
	} {
		if !strings.Contains(strings.Join(keys, "\n")+"\n", want+"\n") {
			t.Errorf("there is no rule %s", want)
		}
	}
	for _, p := range packs {
		if len(p.Digest) != 64 || p.Ref() != (land.Pack{ID: p.ID, Version: p.Version, Digest: p.Digest}) {
			t.Errorf("%s: bad reference %+v", p.ID, p.Ref())
		}
	}
}

func TestDigestKeepsOverLineEnds(t *testing.T) {
	b, err := fs.ReadFile(tree(t), "guangxi/hightech-2021/pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	crlf, err := rule.Read("x", []byte("\xef\xbb\xbf"+strings.ReplaceAll(string(b), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if want := pack(t, "guangxi/hightech-2021").Digest; crlf.Digest != want {
		t.Errorf("digest %s with CRLF, %s with LF", crlf.Digest, want)
	}
}

func TestLoadFSRefuses(t *testing.T) {
	if _, err := rule.LoadFS(tree(t), "guangxi/hightech-1921"); !errors.Is(err, rule.ErrPack) || !strings.Contains(err.Error(), "guangxi/hightech-2021") {
		t.Errorf("an unknown pack: got %v, want one that lists the known packs", err)
	}
	b, _ := fs.ReadFile(tree(t), "national/industrial-project-2008/pack.yaml")
	_, err := rule.LoadFS(fstest.MapFS{"a/b/pack.yaml": {Data: b}})
	if err == nil || !strings.Contains(err.Error(), `"a/b"`) {
		t.Errorf("a pack in a foreign folder: got %v", err)
	}
}

// All faults come at once, each with its place.
func TestFaults(t *testing.T) {
	in, err := os.ReadFile("testdata/faulty.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = rule.Read("faulty.yaml", in)
	if !errors.Is(err, rule.ErrPack) {
		t.Fatalf("got %v, want faults", err)
	}
	got := err.Error() + "\n"
	for _, s := range []string{"", "\t", "a: [", "- 1", "a: 1\na: 2\n", "--- 1\n--- 2\n"} {
		_, err := rule.Read("x.yaml", []byte(s))
		if err == nil {
			t.Errorf("%q was accepted", s)
			continue
		}
		got += "== " + strings.ReplaceAll(s, "\n", "⏎") + "\n" + err.Error() + "\n"
	}
	const golden = "testdata/expected_faults.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("faults differ from %s (go test -update renews it):\n%s", golden, got)
	}
}

func FuzzRead(f *testing.F) {
	packs, err := rule.IDs(tree(f))
	if err != nil {
		f.Fatal(err)
	}
	for _, id := range packs {
		b, err := fs.ReadFile(tree(f), id+"/pack.yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("a: [1, {b: c}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := rule.Read("fuzz.yaml", b)
		if (p == nil) == (err == nil) {
			t.Errorf("pack %v and error %v", p, err)
		}
	})
}
