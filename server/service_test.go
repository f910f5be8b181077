package server_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/server"
)

// run serves on a port of its own until the test ends, and gives the address.
func run(t *testing.T, s *server.Server) string {
	t.Helper()
	ln, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return ln.Addr().String()
}

// writeCertificate makes a certificate for name with its key.
func writeCertificate(t *testing.T, certFile, keyFile, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// served is the name in the certificate that a new client gets.
func served(t *testing.T, address string) (name, protocol string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // whose it is is what is asked
	answer, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.TLS.PeerCertificates[0].Subject.CommonName, answer.Proto
}

func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if _, err := server.LoadCertificate(cert, key, log); err == nil || !strings.Contains(err.Error(), "cert.pem") {
		t.Errorf("no files: %v", err)
	}
	writeCertificate(t, cert, key, "one.example")
	c, err := server.LoadCertificate(cert, key, log)
	if err != nil {
		t.Fatal(err)
	}
	s := withTexts(t, server.Options{Store: broken{}, Certificate: c})
	address := run(t, s)
	if name, proto := served(t, address); name != "one.example" || proto != "HTTP/2.0" {
		t.Errorf("at first: %s over %s", name, proto)
	}
	if err := os.WriteFile(key, []byte("half"), 0o600); err != nil { // in the middle of a renewal
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	if name, _ := served(t, address); name != "one.example" {
		t.Errorf("while the files don't fit: %s", name)
	}
	writeCertificate(t, cert, key, "two.example")
	time.Sleep(1100 * time.Millisecond)
	if name, _ := served(t, address); name != "two.example" {
		t.Errorf("renewed: %s", name)
	}
	if answer, err := http.Get("http://" + address + "/healthz"); err == nil {
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			t.Error("plain HTTP is answered on the port of TLS")
		}
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}}} //nolint:gosec // it has to be refused
	if answer, err := old.Get("https://" + address + "/healthz"); err == nil {
		answer.Body.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func withTexts(t *testing.T, opt server.Options) *server.Server {
	t.Helper()
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	opt.Texts = texts
	s, err := server.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSlowClients holds that who sends or reads nothing is let go.
func TestSlowClients(t *testing.T) {
	rows := &endless{done: make(chan error, 1)}
	s := withTexts(t, server.Options{Store: broken{analysis: rows}, Limits: server.Limits{Stall: 300 * time.Millisecond, Download: time.Minute}})
	address := run(t, s)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /api/snapshots/s/findings.csv HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select { // nothing is read of the answer
	case err := <-rows.done:
		if err == nil {
			t.Error("an endless download ends well")
		}
	case <-time.After(20 * time.Second):
		t.Error("a client that reads nothing holds the analysis")
	}
	idle, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if _, err := io.WriteString(idle, "GET /healthz HTTP/1.1\r\nHost: loc"); err != nil {
		t.Fatal(err)
	}
	if err := idle.SetReadDeadline(time.Now().Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := idle.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("half a header is waited for")
	}
}

// logged is a log that can be read while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func TestLog(t *testing.T) {
	d := newDistrict(t)
	opt, out := d.options(), &logged{}
	opt.Log = slog.New(slog.NewJSONHandler(out, nil))
	s := d.with(t, opt)
	contractOf(t, s) // which is a request too
	out.b.Reset()
	secret := d.token(t, server.Viewer)
	r := remoteRequest("GET", api+"/zones/GX01?lang=en", secret, nil)
	r.Header.Set("X-Request-Id", "trace-7")
	do(t, s, r)
	do(t, s, remoteRequest("GET", api+"/findings?q=secret-words", "mus_wrong", nil))
	do(t, s, remoteRequest("GET", "/api/config?token="+secret, "", nil))
	var lines []map[string]any
	for line := range strings.Lines(out.b.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
	}
	if len(lines) != 3 {
		t.Fatalf("%d lines of three requests:\n%s", len(lines), out.b.String())
	}
	first := lines[0]
	if first["request_id"] != "trace-7" || first["route"] != "/api/snapshots/:snapshot/zones/:code" || first["status"] != 200.0 || first["client"] != "198.51.100.7" || first["token"] != 1.0 || first["bytes"].(float64) < 100 {
		t.Errorf("line %v", first)
	}
	if lines[1]["status"] != 401.0 || lines[1]["token"] != 0.0 {
		t.Errorf("line %v", lines[1])
	}
	for _, word := range []string{secret, "mus_", "secret-words", "Bearer"} {
		if strings.Contains(out.b.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}

func TestReady(t *testing.T) {
	s := withTexts(t, server.Options{Store: broken{}})
	w := get(t, s, "/readyz?lang=en")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "version 1 and the program needs 5; run muscope db migrate") || strings.Contains(w.Body.String(), "EXTRA") {
		t.Errorf("an older schema: %d %s", w.Code, w.Body)
	}
	if w := do(t, s, remoteRequest("GET", "/readyz?lang=en", "", nil)); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "schema") || strings.Contains(w.Body.String(), "version") {
		t.Errorf("to anybody: %d %s", w.Code, w.Body)
	}
	d := newDistrict(t)
	s = d.server(t)
	for secret, want := range map[string]bool{"": false, d.token(t, server.Viewer): true, "mus_no": false} {
		w := do(t, s, remoteRequest("GET", "/readyz", secret, nil))
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"postgis"`) != want {
			t.Errorf("with %.6q: %d %s", secret, w.Code, w.Body)
		}
	}
}

// TestMetricsFormat reads the metrics as Prometheus does: every sample belongs
// to a family with help and type, none twice, and buckets add up.
func TestMetricsFormat(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	for i := range 300 { // addresses without end must not make series without end
		get(t, s, api+"/zones/NOPE"+strconv.Itoa(i))
		get(t, s, "/nothing/"+strconv.Itoa(i))
	}
	get(t, s, "/tiles/2024/parcels/13/6563/3567.mvt")
	text := get(t, s, "/metrics").Body.String()
	sample := regexp.MustCompile(`^([a-z_]+)(\{([a-z_]+="([^"\\\n]|\\.)*",?)+\})? (-?[0-9.e+-]+|\+Inf)$`)
	types, seen := map[string]string{}, map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if fields := strings.Fields(line); strings.HasPrefix(line, "#") {
			if fields[1] == "TYPE" {
				if types[fields[2]] != "" {
					t.Errorf("%s comes twice", fields[2])
				}
				types[fields[2]] = fields[3]
			}
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no sample: %q", line)
			continue
		}
		family := m[1]
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			if f := strings.TrimSuffix(m[1], end); types[f] == "histogram" {
				family = f
			}
		}
		if types[family] == "" || seen[m[1]+m[2]] || types[family] == "counter" && !strings.HasSuffix(family, "_total") {
			t.Errorf("%s: type %q, seen before %v", line, types[family], seen[m[1]+m[2]])
		}
		seen[m[1]+m[2]] = true
	}
	for _, want := range []string{`muscope_requests_total{route="/api/snapshots/:snapshot/zones/:code",status="404",class="4xx"} 300`, `muscope_requests_total{route="none",status="404",class="4xx"} 300`,
		`muscope_request_seconds_count{route="none"} 300`, `muscope_database_connections{state="in_use"}`, `muscope_route_requests_in_flight{route="/metrics"} 1`, `muscope_tiles_total{memory="miss"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if n := strings.Count(text, "muscope_requests_total{"); n > 10 {
		t.Errorf("%d series of requests", n)
	}
	if slices.Contains(strings.Fields(text), "NOPE") {
		t.Error("an address is a label")
	}
}
