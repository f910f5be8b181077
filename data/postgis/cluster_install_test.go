//go:build linux || darwin

package postgis

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeServer lays out a server as a package would: programs that answer --version and --sharedir.
func fakeServer(t *testing.T, root string, major int, postgis bool) (bin string) {
	t.Helper()
	bin = filepath.Join(root, "lib", fmt.Sprint(major), "bin")
	share := filepath.Join(root, "share", fmt.Sprint(major))
	if err := os.MkdirAll(filepath.Join(share, "extension"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	script := func(name, answer string) {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho '"+answer+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("postgres", fmt.Sprintf("postgres (PostgreSQL) %d.3 (Debian %[1]d.3-1)", major))
	script("initdb", "")
	script("pg_config", share)
	if postgis {
		if err := os.WriteFile(filepath.Join(share, "extension", "postgis.control"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestFindInstallation(t *testing.T) {
	type server struct {
		major   int
		postgis bool
	}
	cases := []struct {
		name    string
		servers []server
		wanted  int
		major   int // expected
		fault   ClusterFault
		command string // part of it
		says    string
	}{
		{"newest with PostGIS", []server{{14, true}, {15, true}, {16, false}}, 0, 15, "", "", ""},
		{"the data folder's", []server{{14, true}, {15, true}}, 14, 14, "", "", ""},
		{"numbers, not text", []server{{15, true}, {9, true}}, 0, 15, "", "", ""},
		{"none", nil, 0, 0, FaultMissing, "sudo apt-get install postgresql-15-postgis-3", "isn't installed"},
		{"no PostGIS", []server{{16, false}}, 0, 0, FaultMissing, "postgresql-16-postgis-3", "without PostGIS"},
		{"too old", []server{{13, true}}, 0, 0, FaultMissing, "postgresql-15-postgis-3", "too old"},
		{"another than the data folder's", []server{{15, true}}, 13, 0, FaultVersion, "postgresql-13-postgis-3", "made by PostgreSQL 13"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			root := t.TempDir()
			release := filepath.Join(root, "os-release")
			if err := os.WriteFile(release, []byte("ID=debian\nVERSION_ID=\"12\"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, s := range tc.servers {
				fakeServer(t, root, s.major, s.postgis)
			}
			f := finder{path: filepath.Join(root, "bin"), globs: []string{filepath.Join(root, "lib", "*", "bin")}, osRelease: release}
			in, err := f.find(tc.wanted)
			if in.major != tc.major || faultOf(err) != tc.fault {
				t.Fatalf("found %+v, %v", in, err)
			}
			if err == nil {
				return
			}
			var e *ClusterError
			errors.As(err, &e)
			for _, lang := range []string{"en", "zh"} {
				if text := e.Text(lang); !strings.Contains(text, tc.command) || strings.Contains(text, "%!") {
					t.Errorf("%s: %s", lang, text)
				}
			}
			if !strings.Contains(err.Error(), tc.says) || !strings.Contains(e.Command, tc.command) {
				t.Errorf("command %q, error %v", e.Command, err)
			}
		})
	}
}

// A server in PATH by links to its programs, as some packages do.
func TestFindInstallationByLink(t *testing.T) {
	root := t.TempDir()
	bin := fakeServer(t, root, 15, true)
	links := filepath.Join(root, "links")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(bin, "postgres"), filepath.Join(links, "postgres")); err != nil {
		t.Fatal(err)
	}
	in, err := finder{path: links}.find(0)
	if want, _ := filepath.EvalSymlinks(bin); err != nil || in.bin != want {
		t.Errorf("found %+v, %v", in, err)
	}
}

// OpenCluster passes the finding on, and leaves no lease.
func TestClusterWithoutPostGIS(t *testing.T) {
	home := newHome(t)
	bin := fakeServer(t, t.TempDir(), 15, false)
	_, err := OpenClusterWith(t.Context(), ClusterOptions{Home: home, finder: finder{path: bin, osRelease: "/nowhere"}})
	if faultOf(err) != FaultMissing {
		t.Errorf("%v", err)
	}
	if s := state(t, home); s.Running || len(s.Holders) != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func TestParseMajor(t *testing.T) {
	for text, want := range map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)": 15,
		"postgres (PostgreSQL) 17beta1\n":                      17,
		"postgres (PostgreSQL) 9.6.24":                         9,
		"postgres (EnterpriseDB) 15":                           0,
		"":                                                     0,
	} {
		if got := parseMajor(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestInstallCommand(t *testing.T) {
	cases := []struct {
		release, want string
		major         int
		root          bool
	}{
		{"ID=debian\nVERSION_ID=\"12\"", "sudo apt-get install postgresql-15-postgis-3", 0, false},
		{"ID=debian\nVERSION_ID=\"12\"", "apt-get install postgresql-15-postgis-3", 0, true},
		{"ID=debian\nVERSION_ID=\"12\"", "sudo apt-get install postgresql-17-postgis-3", 17, false},
		{"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"", "sudo apt-get install postgresql-16-postgis-3", 0, false},
		{"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=22", "sudo apt-get install postgresql postgresql-postgis", 0, false},
		{"ID=rocky\nID_LIKE=\"rhel centos fedora\"", "sudo dnf install postgresql-server postgis", 0, false},
		{"ID=alpine", "sudo apk add postgresql postgis", 0, false},
		{"ID=arch", "sudo pacman -S postgresql postgis", 0, false},
		{"ID=opensuse-leap\nID_LIKE=\"suse opensuse\"", "sudo zypper install postgresql-server postgis", 0, false},
		{"", "brew install postgresql@17 postgis", 0, false},
		{"ID=plan9", "PostgreSQL ≥ 14 + PostGIS 3 (https://postgis.net/documentation/getting_started/)", 0, false},
	}
	for _, tc := range cases {
		path := filepath.Join(t.TempDir(), "os-release")
		if err := os.WriteFile(path, []byte(tc.release), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := (finder{osRelease: path, root: tc.root}).installCommand(tc.major); got != tc.want {
			t.Errorf("%q, %d: %s, want %s", tc.release, tc.major, got, tc.want)
		}
	}
}

func TestClusterDSNQuoting(t *testing.T) {
	if got, want := clusterDSN(`/a b/it's\x`, "muscope"), `host='/a b/it\'s\\x'`; !strings.HasPrefix(got, want+" ") {
		t.Errorf("%s", got)
	}
	if got, want := quoteSetting(`/a,b/it's"x`), `"/a,b/it''s""x"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
