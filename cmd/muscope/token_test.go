package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muscope/muscope/data/postgis/postgistest"
)

func (d databaseApp) app() (*App, *bytes.Buffer, *bytes.Buffer) {
	app, stdout, stderr := testApp(d.t)
	app.Getenv = func(name string) string {
		return map[string]string{"MUSCOPE_DATABASE_URL": d.dsn}[name]
	}
	return app, stdout, stderr
}

func (d databaseApp) newToken(args ...string) (e tokenEntry) {
	d.t.Helper()
	if err := json.Unmarshal(d.run(append([]string{"token", "create", "--format", "json"}, args...)...).Bytes(), &e); err != nil {
		d.t.Fatal(err)
	}
	return e
}

func TestToken(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	if got := d.run("token", "list").String(); got != "" {
		t.Errorf("no tokens: %q", got)
	}
	one := d.newToken("--role", "viewer", "--zone", "GX02", "--zone", "GX02", "--expires", "90d", "--name", "QGIS\nKarte")
	if !strings.HasPrefix(one.Secret, "mus_") || one.State != "good" || len(one.Zones) != 1 || one.ExpiresAt.UTC().Format(time.RFC3339) != "2025-04-10T16:00:00Z" {
		t.Errorf("token %+v", one)
	}
	if secret := d.run("token", "create", "--role", "admin", "--expires", "never").String(); !strings.HasPrefix(secret, "mus_") || strings.Count(secret, "\n") != 1 {
		t.Errorf("the secret alone goes to stdout: %q", secret)
	}
	d.run("token", "create", "--role", "editor", "--expires", "2025-01-10")
	d.run("token", "revoke", "2")
	var list struct{ Tokens []tokenEntry }
	if err := json.Unmarshal(d.run("token", "list", "--format", "json").Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, e := range list.Tokens {
		states = append(states, e.Role+" "+e.State)
		if e.Secret != "" {
			t.Error("the list shows a secret")
		}
	}
	if got := strings.Join(states, ", "); got != "viewer good, admin revoked, editor good" {
		t.Errorf("tokens: %s", got)
	}
	table := d.run("token", "list", "--lang", "zh").String()
	if strings.Count(table, "\n") != 4 || !strings.Contains(table, "已撤销") || !strings.Contains(table, "2025-04-10") || strings.Contains(table, one.Secret) {
		t.Errorf("table:\n%s", table)
	}
}

func TestTokenRefused(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	for args, want := range map[string]string{
		"create --role owner":                       "viewer",
		"create --role admin --zone A":              "--zone",
		"create --role viewer --zone= ":             "--zone",
		"create --role viewer --expires 0d":         "--expires",
		"create --role viewer --expires 9999999d":   "--expires",
		"create --role viewer --expires 2025-01-09": "--expires",
		"create --role viewer --expires tomorrow":   "--expires",
		"create --role viewer --format xml":         "--format",
		"create --role viewer --name " + longName(): "--name",
		"revoke 7":    `"7"`,
		"revoke":      "revoke ID",
		"list 3":      "revoke ID",
		"destroy all": "revoke ID",
	} {
		app, stdout, stderr := d.app()
		if code := app.Run(context.Background(), append([]string{"token", "--lang", "en"}, strings.Fields(args)...)); code != exitRefused || !strings.Contains(stderr.String(), want) || stdout.Len() > 0 {
			t.Errorf("token %.60s: exit code %d\n%s", args, code, stderr)
		}
	}
	if got := d.run("token", "list").String(); got != "" {
		t.Errorf("a refused token was made: %s", got)
	}
}

func longName() string { return strings.Repeat("n", maxTokenName+1) }

// lines is a writer that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// elsewhere is an address of this machine that isn't loopback, where it has one.
func elsewhere() string {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	return ""
}

// TestServeBeyondLoopback serves to other machines, which takes a token from
// the start and at every request, until it is revoked.
func TestServeBeyondLoopback(t *testing.T) {
	d := databaseApp{t, postgistest.DSN(t)}
	app, _, stderr := d.app()
	if code := app.Run(context.Background(), []string{"serve", "--lang", "en", "--listen", "0.0.0.0:0"}); code != exitRefused || !strings.Contains(stderr.String(), "muscope token create") {
		t.Fatalf("without a token: exit code %d\n%s", code, stderr)
	}
	token := d.newToken("--role", "viewer")
	app, _, _ = d.app()
	out := &lines{}
	app.Stdout, app.Stderr = out, out
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- app.Run(ctx, []string{"serve", "--lang", "en", "--listen", "0.0.0.0:0", "--log", "info"})
	}()
	defer func() {
		stop()
		if code := <-done; code != exitDone {
			t.Errorf("exit code %d", code)
		}
		if strings.Contains(out.String(), token.Secret) || !strings.Contains(out.String(), "without TLS") {
			t.Errorf("log:\n%s", out)
		}
	}()
	port := servedPort(t, out)
	if got := ask(t, "127.0.0.1", port, "", ""); got != http.StatusOK {
		t.Errorf("on this machine: %d", got)
	}
	host, through := elsewhere(), ""
	if host == "" { // a machine without a network: through a proxy is from elsewhere too
		host, through = "127.0.0.1", "203.0.113.9"
	}
	for secret, want := range map[string]int{"": 401, token.Secret: 200, token.Secret[:20]: 401, "mus_" + strings.Repeat("A", 43): 401} {
		if got := ask(t, host, port, through, secret); got != want {
			t.Errorf("from elsewhere with %.12q: %d, want %d", secret, got, want)
		}
	}
	d.run("token", "revoke", fmt.Sprint(token.ID))
	time.Sleep(time.Second)
	if got := ask(t, host, port, through, token.Secret); got != 401 {
		t.Errorf("a second after it is revoked: %d", got)
	}
}

func servedPort(t *testing.T, out *lines) string {
	t.Helper()
	for range 200 {
		if _, rest, ok := strings.Cut(out.String(), "http://"); ok && strings.Contains(rest, "/") {
			u, err := url.Parse("http://" + strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return u.Port()
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("it doesn't serve:\n%s", out)
	return ""
}

func ask(t *testing.T, host, port, through, secret string) int {
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+net.JoinHostPort(host, port)+"/api/snapshots", nil)
	if err != nil {
		t.Fatal(err)
	}
	if through != "" {
		r.Header.Set("X-Forwarded-For", through)
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}
