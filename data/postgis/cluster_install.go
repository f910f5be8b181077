package postgis

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestPostgreSQL is the oldest major version that muscope's schema runs on.
const oldestPostgreSQL = 14

// installation is a PostgreSQL server found on this machine.
type installation struct {
	bin     string // folder of postgres and initdb
	major   int
	postgis bool
}

// finder looks for installed servers. Its fields are the places to look, so that a test can name its own.
type finder struct {
	path  string   // like $PATH
	globs []string // folders of server programs that distributions keep out of PATH
	// shares are where the extension folder may be when pg_config isn't there to say; %d is the major version.
	shares    []string
	osRelease string // file that names the distribution
	root      bool   // whether commands need no sudo
}

// systemFinder looks at this machine.
func systemFinder() finder {
	return finder{
		path: os.Getenv("PATH"),
		globs: []string{
			"/usr/lib/postgresql/*/bin", "/usr/lib/postgresql*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
			"/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
		},
		shares:    []string{"/usr/share/postgresql/%d", "/usr/share/postgresql%d", "/usr/share/postgresql", "/usr/share/pgsql"},
		osRelease: "/etc/os-release",
		root:      invoker().uid == 0,
	}
}

// find gives the installation to use: of the wanted major version where wanted isn't 0 (the data folder's),
// else the newest that has PostGIS.
func (f finder) find(wanted int) (installation, error) {
	all := f.installations()
	var best installation
	for _, in := range all {
		if in.postgis && in.major >= oldestPostgreSQL && (wanted == 0 || in.major == wanted) && in.major > best.major {
			best = in
		}
	}
	if best.bin != "" {
		return best, nil
	}
	return installation{}, f.missing(all, wanted)
}

// installations lists every server found, in the order of the places.
func (f finder) installations() []installation {
	dirs := filepath.SplitList(f.path)
	for _, glob := range f.globs {
		matches, err := filepath.Glob(glob)
		if err == nil {
			dirs = append(dirs, matches...)
		}
	}
	var found []installation
	seen := map[string]bool{}
	for _, dir := range dirs {
		// PATH may hold links to the programs: their own folder has pg_config and the rest beside them.
		program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil {
			continue
		}
		bin := filepath.Dir(program)
		if seen[bin] {
			continue
		}
		seen[bin] = true
		if in, ok := f.inspect(bin); ok {
			found = append(found, in)
		}
	}
	return found
}

// inspect looks at one folder; ok is false where it holds no server.
func (f finder) inspect(bin string) (in installation, ok bool) {
	for _, program := range []string{"postgres", "initdb"} {
		if info, err := os.Stat(filepath.Join(bin, program)); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return in, false
		}
	}
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return in, false
	}
	major := parseMajor(string(out))
	if major == 0 {
		return in, false
	}
	return installation{bin: bin, major: major, postgis: f.hasPostGIS(bin, major)}, true
}

var versionWords = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// parseMajor reads "postgres (PostgreSQL) 15.18 (Debian …)" or "… 17beta1"; 0 where it can't.
func parseMajor(version string) int {
	m := versionWords.FindStringSubmatch(version)
	if m == nil {
		return 0
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return major
}

// hasPostGIS looks for the extension's control file in the server's share folder.
func (f finder) hasPostGIS(bin string, major int) bool {
	var shares []string
	if out, err := exec.Command(filepath.Join(bin, "pg_config"), "--sharedir").Output(); err == nil {
		shares = append(shares, strings.TrimSpace(string(out)))
	} else {
		shares = append(shares, filepath.Join(bin, "..", "share"), filepath.Join(bin, "..", "share", "postgresql"))
		for _, share := range f.shares {
			shares = append(shares, strings.Replace(share, "%d", strconv.Itoa(major), 1))
		}
	}
	return slices.ContainsFunc(shares, func(share string) bool {
		_, err := os.Stat(filepath.Join(share, "extension", "postgis.control"))
		return err == nil
	})
}

// missing says what isn't there and the one command that installs it.
func (f finder) missing(all []installation, wanted int) error {
	newest := 0
	for _, in := range all {
		newest = max(newest, in.major)
	}
	target := wanted
	if target == 0 && newest >= oldestPostgreSQL {
		target = newest
	}
	command := f.installCommand(target)
	var e *ClusterError
	switch {
	case wanted != 0:
		e = faultf(FaultVersion, nil,
			"the data folder was made by PostgreSQL %d, and no PostgreSQL %[1]d with PostGIS is installed; install it: %s (or dump the data with the old version and load it into a new MUSCOPE_HOME)",
			"数据目录由 PostgreSQL %d 建立,而本机没有带 PostGIS 的 PostgreSQL %[1]d;请安装:%s(或用旧版本导出数据,再装入新的 MUSCOPE_HOME)",
			wanted, command)
	case newest == 0:
		e = faultf(FaultMissing, nil,
			"PostgreSQL with PostGIS isn't installed (no postgres program in PATH or the usual places); install it: %s",
			"未安装带 PostGIS 的 PostgreSQL(PATH 及常用目录中没有 postgres 程序);请安装:%s", command)
	case newest < oldestPostgreSQL:
		e = faultf(FaultMissing, nil,
			"PostgreSQL %d is too old (%d or newer is needed); install a newer one: %s",
			"PostgreSQL %d 版本过低(需要 %d 或更高);请安装新版本:%s", newest, oldestPostgreSQL, command)
	default:
		e = faultf(FaultMissing, nil,
			"PostgreSQL %d is installed without PostGIS; install it: %s",
			"已安装 PostgreSQL %d,但没有 PostGIS;请安装:%s", newest, command)
	}
	e.Command = command
	return e
}

// debianMajor is the PostgreSQL of each Debian and Ubuntu release, where no server is there to ask.
func debianMajor(id, version string) int {
	switch id + version {
	case "debian12":
		return 15
	case "debian13":
		return 17
	case "ubuntu22.04":
		return 14
	case "ubuntu24.04":
		return 16
	}
	return 0
}

// installCommand is the distribution's command; major 0 means whichever it has.
func (f finder) installCommand(major int) string {
	sudo := "sudo "
	if f.root {
		sudo = ""
	}
	release := readRelease(f.osRelease)
	family := release["ID"] + " " + release["ID_LIKE"]
	has := func(words ...string) bool {
		return slices.ContainsFunc(strings.Fields(family), func(w string) bool { return slices.Contains(words, w) })
	}
	if major == 0 {
		major = debianMajor(release["ID"], release["VERSION_ID"])
	}
	switch {
	case has("debian", "ubuntu") && major == 0:
		return sudo + "apt-get install postgresql postgresql-postgis"
	case has("debian", "ubuntu"):
		return fmt.Sprintf("%sapt-get install postgresql-%d-postgis-3", sudo, major)
	case has("fedora", "rhel", "centos"):
		return sudo + "dnf install postgresql-server postgis"
	case has("suse", "opensuse", "sles"):
		return sudo + "zypper install postgresql-server postgis"
	case has("arch"):
		return sudo + "pacman -S postgresql postgis"
	case has("alpine"):
		return sudo + "apk add postgresql postgis"
	case strings.TrimSpace(family) == "":
		return "brew install postgresql@17 postgis"
	}
	return "PostgreSQL ≥ 14 + PostGIS 3 (https://postgis.net/documentation/getting_started/)"
}

// readRelease reads the KEY=value lines of os-release; empty where there is no such file.
func readRelease(path string) map[string]string {
	values := map[string]string{}
	text, err := os.ReadFile(path)
	if err != nil {
		return values
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[key] = strings.Trim(value, `"'`)
		}
	}
	return values
}
