package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/land"
)

// Role is what a caller may do; each role may do what those before it may.
type Role string

// The roles, the least first.
const (
	Viewer Role = "viewer" // reads
	Editor Role = "editor" // and saves checks and corrections
	Admin  Role = "admin"  // and all else
)

// Roles lists every Role, the least first.
func Roles() []Role { return []Role{Viewer, Editor, Admin} }

// allows reports whether the role may do what need asks.
func (r Role) allows(need Role) bool {
	have := slices.Index(Roles(), r)
	return have >= 0 && have >= slices.Index(Roles(), need)
}

// Caller is who asks, and what he may see and do.
type Caller struct {
	Token int64 // id of his token; 0 is whoever sits at this machine
	Role  Role
	// Zones are the codes of the zones he may see, their parks with them; nil is
	// everything.
	Zones []string
}

// Token is a bearer token without its secret, which nobody keeps.
type Token struct {
	ID       int64
	Role     Role
	Zones    []string  // nil is every zone
	Expires  time.Time // the first moment at which it is no longer good; zero is never
	Revoked  bool
	LastUsed land.Date // the day, in China
}

// good reports whether the token is good at a moment.
func (t *Token) good(now time.Time) bool {
	return !t.Revoked && (t.Expires.IsZero() || now.Before(t.Expires))
}

// Tokens is where tokens are kept. cmd hands it in.
type Tokens interface {
	// TokenOf finds the token whose secret has this hash, good or not, or
	// ErrNotFound.
	TokenOf(ctx context.Context, hash [sha256.Size]byte) (Token, error)
	// TouchToken notes the day on which a token was used last.
	TouchToken(ctx context.Context, id int64, day land.Date) error
}

// secretPrefix lets people and scanners see what a stray secret is.
const secretPrefix = "mus_"

// secretBytes is 256 bits: nobody guesses it, so a plain SHA-256 keeps it.
const secretBytes = 32

// NewSecret makes the secret of a token and the hash that is kept of it.
func NewSecret() (secret string, hash [sha256.Size]byte) {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, sha256.Sum256([]byte(secret))
}

// HashSecret is the hash by which a secret is found; false where the text can't
// be a secret of ours.
func HashSecret(secret string) (hash [sha256.Size]byte, ok bool) {
	body, found := strings.CutPrefix(secret, secretPrefix)
	if !found || len(body) != base64.RawURLEncoding.EncodedLen(secretBytes) || strings.ContainsAny(body, "\r\n") {
		return hash, false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(body); err != nil {
		return hash, false
	}
	return sha256.Sum256([]byte(secret)), true
}

// maxAuthorization bounds the header, in bytes; a password's user name may be
// anything.
const maxAuthorization = 1024

// secretIn is the secret that Authorization headers carry: a bearer token (RFC
// 6750), or the password of Basic (RFC 7617) under any user name, for clients
// that can send nothing else. given says that there is a header at all.
func secretIn(headers []string) (secret string, given, ok bool) {
	if len(headers) == 0 {
		return "", false, false
	}
	if len(headers) > 1 || len(headers[0]) > maxAuthorization {
		return "", true, false
	}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return rest, true, rest != ""
	case strings.EqualFold(scheme, "Basic"):
		b, err := base64.StdEncoding.DecodeString(rest)
		_, password, found := strings.Cut(string(b), ":")
		return password, true, err == nil && found && password != ""
	}
	return "", true, false
}
