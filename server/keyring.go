package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/server/problem"
)

const (
	// tokenMemory is how long a token found is taken as it was: a revoked one is
	// good for as long at most.
	tokenMemory = 500 * time.Millisecond
	// rememberedTokens bounds the memory of tokens.
	rememberedTokens = 1024
	// lookups is how many unknown secrets are looked up at a time, so that
	// guessing can't take the database's connections.
	lookups     = 4
	lookupQueue = 64
	lookupWait  = 2 * time.Second
)

// keyring finds the token of a secret. The secret itself is never compared: its
// hash is a key of 256 bits, so how long a look-up takes tells nothing.
type keyring struct {
	tokens Tokens
	now    func() time.Time
	gate   *gate

	mu    sync.Mutex
	known map[[sha256.Size]byte]knownToken
}

type knownToken struct {
	token Token
	until time.Time
}

func newKeyring(tokens Tokens, now func() time.Time) *keyring {
	return &keyring{tokens: tokens, now: now, gate: newGate(lookups, lookupQueue, lookupWait), known: map[[sha256.Size]byte]knownToken{}}
}

// errNoToken says that a secret opens nothing: unknown, revoked or expired,
// and the caller isn't told which.
var errNoToken = errors.New("not a good token")

// caller is who holds the secret.
func (k *keyring) caller(ctx context.Context, secret string) (Caller, error) {
	hash, ok := HashSecret(secret)
	if !ok || k.tokens == nil {
		return Caller{}, errNoToken
	}
	t, err := k.find(ctx, hash)
	if errors.Is(err, ErrNotFound) || err == nil && !t.good(k.now()) {
		return Caller{}, errNoToken
	}
	if err != nil {
		return Caller{}, err
	}
	return Caller{Token: t.ID, Role: t.Role, Zones: t.Zones}, nil
}

func (k *keyring) find(ctx context.Context, hash [sha256.Size]byte) (Token, error) {
	if t, ok := k.remembered(hash); ok {
		return t, nil
	}
	leave, err := k.gate.enter(ctx)
	if errors.Is(err, errCrowded) {
		return Token{}, &problem.Error{Type: problem.TooManyRequests, Cause: err}
	}
	if err != nil {
		return Token{}, err
	}
	defer leave()
	t, err := k.tokens.TokenOf(ctx, hash)
	if err != nil {
		return t, err
	}
	if today := land.DateOfTime(k.now().In(time.FixedZone("Asia/Shanghai", 8*3600))); t.LastUsed != today && t.good(k.now()) {
		if err := k.tokens.TouchToken(ctx, t.ID, today); err != nil {
			return t, err
		}
		t.LastUsed = today
	}
	k.remember(hash, t)
	return t, nil
}

func (k *keyring) remembered(hash [sha256.Size]byte) (Token, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.known[hash]
	return found.token, ok && time.Now().Before(found.until)
}

func (k *keyring) remember(hash [sha256.Size]byte, t Token) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= rememberedTokens {
		clear(k.known)
	}
	k.known[hash] = knownToken{t, time.Now().Add(tokenMemory)}
}
