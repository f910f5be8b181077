package server

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// reach is how a request came: from this machine or from elsewhere, and under
// which address its client knows the server.
type reach struct {
	remote bool   // from another machine, or through a proxy, wherever that runs
	client string // address of the client as far as it is believed; for the log
	scheme string // http | https
	host   string // with port, as the client asked for it
	prefix string // path in front of ours, "" or /x, without a slash at the end
}

// hop is what one proxy says of the request that it passed on.
type hop struct{ client, scheme, host string }

// maxHops is how many proxies in a row are believed.
const maxHops = 16

// reachOf finds how a request came. Forwarded (RFC 7239) and X-Forwarded-* are
// believed only from trusted proxies, from the last hop backwards as long as
// each was passed on by a trusted one; but whoever sends them, they make the
// request one from elsewhere.
func reachOf(r *http.Request, trusted []netip.Prefix) reach {
	peer := peerAddress(r.RemoteAddr)
	at := reach{remote: !peer.IsLoopback() || proxied(r.Header), client: peer.String(), scheme: "http", host: r.Host}
	if r.TLS != nil {
		at.scheme = "https"
	}
	if !within(peer, trusted) {
		return at
	}
	hops, forwarded := forwardedHops(r.Header.Values("Forwarded"))
	if !forwarded {
		hops = xForwardedHops(r.Header)
	}
	for i, h := range slices.Backward(hops) {
		if h.scheme != "" {
			at.scheme = h.scheme
		}
		if h.host != "" {
			at.host = h.host
		}
		client := peerAddress(h.client)
		if client.IsValid() {
			at.client = client.String()
		}
		if !within(client, trusted) || len(hops)-i >= maxHops {
			break
		}
	}
	if p := r.Header.Get("X-Forwarded-Prefix"); goodPrefix(p) {
		at.prefix = strings.TrimSuffix(p, "/")
	}
	return at
}

// proxied reports whether a proxy passed the request on.
func proxied(h http.Header) bool {
	for name := range h {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// peerAddress reads an address with or without port, as RemoteAddr and
// Forwarded's for have it; the zero Addr where it is none.
func peerAddress(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func within(a netip.Addr, nets []netip.Prefix) bool {
	return a.IsValid() && slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(a) })
}

// loopbackNets are the proxies that are trusted where none are named.
func loopbackNets() []netip.Prefix {
	return []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8), netip.PrefixFrom(netip.IPv6Loopback(), 128)}
}

// forwardedHops reads the Forwarded headers; what can't be read of them is
// skipped, and false means that there are none.
func forwardedHops(headers []string) ([]hop, bool) {
	var hops []hop
	for _, header := range headers {
		for _, element := range splitQuoted(header, ',') {
			hops = append(hops, readHop(element))
		}
	}
	return hops, len(headers) > 0
}

func readHop(element string) hop {
	var h hop
	for _, pair := range splitQuoted(element, ';') {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		value = unquote(value)
		switch strings.ToLower(name) {
		case "for":
			h.client = value
		case "proto":
			h.scheme = goodScheme(value)
		case "host":
			h.host = goodHost(value)
		}
	}
	return h
}

// splitQuoted splits at a separator outside of double quotes.
func splitQuoted(s string, sep byte) []string {
	var parts []string
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// xForwardedHops reads X-Forwarded-For, -Proto and -Host. A proxy adds to the
// end of each; one that writes a header anew leaves a single value, which then
// stands for all hops.
func xForwardedHops(h http.Header) []hop {
	clients, schemes, hosts := listed(h, "X-Forwarded-For"), listed(h, "X-Forwarded-Proto"), listed(h, "X-Forwarded-Host")
	hops := make([]hop, max(len(clients), len(schemes), len(hosts)))
	for i := range hops {
		back := len(hops) - 1 - i // counted from the last proxy
		hops[i] = hop{fromEnd(clients, back, ""), goodScheme(fromEnd(schemes, back, "")), goodHost(fromEnd(hosts, back, ""))}
	}
	return hops
}

func listed(h http.Header, name string) []string {
	joined := strings.Join(h.Values(name), ",")
	if joined == "" {
		return nil
	}
	list := strings.Split(joined, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func fromEnd(list []string, back int, none string) string {
	if back >= len(list) {
		return none
	}
	return list[len(list)-1-back]
}

func goodScheme(s string) string {
	switch s = strings.ToLower(s); s {
	case "http", "https":
		return s
	}
	return ""
}

var (
	hostForm   = regexp.MustCompile(`^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
	prefixForm = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?$`)
)

const (
	maxHost   = 260
	maxPrefix = 200
)

// goodHost is a host with or without port, or "".
func goodHost(s string) string {
	if len(s) > maxHost || !hostForm.MatchString(s) {
		return ""
	}
	return s
}

func goodPrefix(s string) bool {
	return len(s) <= maxPrefix && prefixForm.MatchString(s)
}
