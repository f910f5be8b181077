package server

import (
	"net/http/httptest"
	"net/netip"
	"net/textproto"
	"strings"
	"testing"
)

func TestReach(t *testing.T) {
	lan := append(loopbackNets(), netip.MustParsePrefix("10.0.0.0/8"))
	for _, c := range []struct {
		name    string
		from    string
		trusted []netip.Prefix
		headers string // lines
		want    string // client scheme://host prefix, and ! where it is remote
	}{
		{"plain", "127.0.0.1:1", nil, "", "127.0.0.1 http://here "},
		{"from elsewhere", "192.0.2.9:1", nil, "", "192.0.2.9 http://here !"},
		{"untrusted", "192.0.2.9:1", nil, "X-Forwarded-For: 1.1.1.1\nX-Forwarded-Proto: https\nX-Forwarded-Host: evil", "192.0.2.9 http://here !"},
		{"a proxy here", "127.0.0.1:1", nil, "X-Forwarded-For: 203.0.113.4\nX-Forwarded-Proto: https\nX-Forwarded-Host: land.example\nX-Forwarded-Prefix: /m/", "203.0.113.4 https://land.example/m !"},
		{"RFC 7239", "127.0.0.1:1", nil, `Forwarded: for="[2001:db8::7]:4711";proto=https;host="land.example:8443"`, "2001:db8::7 https://land.example:8443 !"},
		{"RFC 7239 goes before", "127.0.0.1:1", nil, "Forwarded: for=203.0.113.4;proto=https\nX-Forwarded-Proto: http\nX-Forwarded-Host: other", "203.0.113.4 https://here !"},
		{"the client's own words stay in front", "127.0.0.1:1", nil, "Forwarded: for=1.1.1.1;host=evil;proto=http, for=203.0.113.4;host=land.example;proto=https", "203.0.113.4 https://land.example !"},
		{"two proxies, both trusted", "127.0.0.1:1", lan, "X-Forwarded-For: 203.0.113.4, 10.0.0.2\nX-Forwarded-Proto: https, http\nX-Forwarded-Host: land.example, inner", "203.0.113.4 https://land.example !"},
		{"two proxies, one host for both", "127.0.0.1:1", lan, "X-Forwarded-For: 203.0.113.4, 10.0.0.2\nX-Forwarded-Proto: https\nX-Forwarded-Host: land.example", "203.0.113.4 https://land.example !"},
		{"two proxies, one trusted", "127.0.0.1:1", nil, "X-Forwarded-For: 203.0.113.4, 10.0.0.2\nX-Forwarded-Host: evil, land.example", "10.0.0.2 http://land.example !"},
		{"in two lines", "127.0.0.1:1", lan, "X-Forwarded-For: 203.0.113.4\nX-Forwarded-For: 10.0.0.2", "203.0.113.4 http://here !"},
		{"what is no host", "127.0.0.1:1", nil, "X-Forwarded-Host: a/b\nX-Forwarded-Proto: javascript\nX-Forwarded-Prefix: //evil", "127.0.0.1 http://here !"},
		{"a prefix that climbs", "127.0.0.1:1", nil, "X-Forwarded-Prefix: /a/../b", "127.0.0.1 http://here !"},
		{"obfuscated", "127.0.0.1:1", nil, "Forwarded: for=_hidden;host=land.example", "127.0.0.1 http://land.example !"},
		{"quoted separators", "127.0.0.1:1", nil, `Forwarded: for="a,b;host=evil";host=land.example`, "127.0.0.1 http://land.example !"},
	} {
		r := httptest.NewRequest("GET", "http://here/", nil)
		r.RemoteAddr = c.from
		for _, line := range strings.Split(c.headers, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				r.Header.Add(name, value)
			}
		}
		trusted := c.trusted
		if trusted == nil {
			trusted = loopbackNets()
		}
		at := reachOf(r, trusted)
		got := at.client + " " + at.scheme + "://" + at.host + at.prefix + " "
		if at.remote {
			got += "!"
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// FuzzReach holds that whatever a proxy sends, links lead to a host and through
// http or https, and that it is never taken for a caller of this machine.
func FuzzReach(f *testing.F) {
	for _, v := range []string{"for=1.2.3.4;proto=https;host=a", `for="[::1]";host="a\"b"`, ",,;=;", `"`, `for="\`, "for=127.0.0.1, for=127.0.0.1", "https", "a:99999", "/x"} {
		f.Add("Forwarded", v, "X-Forwarded-Host", v)
		f.Add("X-Forwarded-For", v, "X-Forwarded-Prefix", v)
	}
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		r := httptest.NewRequest("GET", "http://here/", nil)
		r.RemoteAddr = "127.0.0.1:1"
		for _, h := range [][2]string{{name1, value1}, {name2, value2}} {
			r.Header[textproto.CanonicalMIMEHeaderKey(h[0])] = []string{h[1]}
		}
		at := reachOf(r, loopbackNets())
		if at.scheme != "http" && at.scheme != "https" || at.host == "" || strings.ContainsAny(at.host+at.prefix, " \"'<>\\\r\n@?#") || strings.Contains(at.prefix, "//") || strings.HasSuffix(at.prefix, "/") {
			t.Fatalf("%q: %q leads to %+v", name1, value1, at)
		}
		if proxied(r.Header) && !at.remote {
			t.Fatalf("%q: %q passes for local", name1, value1)
		}
	})
}

// FuzzSecret holds that nothing but a secret of ours is looked up, and that
// neither form of Authorization changes it.
func FuzzSecret(f *testing.F) {
	secret, _ := NewSecret()
	for _, s := range []string{secret, "Bearer " + secret, "Basic Og==", "mus_", "Bearer", "bearer\t" + secret, "mus_" + strings.Repeat("A", 42) + "B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, given, ok := secretIn([]string{header})
		if !given || ok && got == "" {
			t.Fatalf("%q: %q %v %v", header, got, given, ok)
		}
		if _, good := HashSecret(header); good && (len(header) != 47 || !strings.HasPrefix(header, "mus_") || strings.ContainsAny(header, " \n=")) {
			t.Fatalf("%q is taken for a secret", header)
		}
	})
}

func TestSecretsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		s, hash := NewSecret()
		again, ok := HashSecret(s)
		if !ok || again != hash || seen[s] {
			t.Fatalf("secret %s", s)
		}
		seen[s] = true
	}
}
