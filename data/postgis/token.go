package postgis

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/muscope/muscope/analysis/land"
)

// Token is a bearer token without its secret, which is kept nowhere.
type Token struct {
	ID        int64
	Name      string
	Role      string // viewer | editor | admin
	Zones     Scope  // nil is everything
	Created   time.Time
	CreatedBy string
	Expires   *time.Time // the first moment at which it is no longer good; nil is never
	Revoked   *time.Time
	LastUsed  land.Date // the day, in China
}

// NewToken is a token to make: Hash is the SHA-256 of its secret.
type NewToken struct {
	Name    string
	Hash    [sha256.Size]byte
	Role    string
	Zones   Scope
	Expires *time.Time
	By      string
}

// Good reports whether the token is good at a moment.
func (t *Token) Good(now time.Time) bool {
	return t.Revoked == nil && (t.Expires == nil || now.Before(*t.Expires))
}

// CreateToken keeps a new token.
func (s *Store) CreateToken(ctx context.Context, n NewToken) (Token, error) {
	t, err := s.token(ctx, "token_create", n.Name, n.Hash[:], n.Role, pq.Array([]string(n.Zones)), n.By, n.Expires)
	if err != nil {
		return t, fmt.Errorf("create a token: %w", err)
	}
	return t, nil
}

// Tokens lists the tokens in the order in which they were made, revoked and
// expired ones too.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.db.QueryContext(ctx, s.query("token_list"))
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	defer rows.Close()
	var list []Token
	for rows.Next() {
		t, err := scanToken(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list the tokens: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// TokenOf finds the token whose secret has this hash, good or not, or
// ErrNotFound.
func (s *Store) TokenOf(ctx context.Context, hash [sha256.Size]byte) (Token, error) {
	t, err := s.token(ctx, "token_of", hash[:])
	if err != nil {
		return t, fmt.Errorf("find a token: %w", err)
	}
	return t, nil
}

// RevokeToken makes a token good for nothing, from now on. One that was revoked
// before keeps its day. ErrNotFound.
func (s *Store) RevokeToken(ctx context.Context, id int64) (Token, error) {
	t, err := s.token(ctx, "token_revoke", id)
	if err != nil {
		return t, fmt.Errorf("revoke token %d: %w", id, err)
	}
	return t, nil
}

// TouchToken notes the day on which a token was used last.
func (s *Store) TouchToken(ctx context.Context, id int64, day land.Date) error {
	if _, err := s.db.ExecContext(ctx, s.query("token_touch"), id, day.String()); err != nil {
		return fmt.Errorf("note the use of token %d: %w", id, err)
	}
	return nil
}

// UnknownZones are those of the codes that no loaded zone has.
func (s *Store) UnknownZones(ctx context.Context, codes []string) ([]string, error) {
	var unknown []string
	if err := s.db.QueryRowContext(ctx, s.query("token_zones"), pq.Array(codes)).Scan(pq.Array(&unknown)); err != nil {
		return nil, fmt.Errorf("look for zones: %w", err)
	}
	return unknown, nil
}

func (s *Store) token(ctx context.Context, query string, args ...any) (Token, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, s.query(query), args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("%w: no such token", ErrNotFound)
	}
	return t, err
}

func scanToken(scan func(...any) error) (Token, error) {
	var t Token
	var zones []string
	var used sql.NullTime
	err := scan(&t.ID, &t.Name, &t.Role, pq.Array(&zones), &t.Created, &t.CreatedBy, &t.Expires, &t.Revoked, &used)
	if used.Valid {
		t.LastUsed = land.DateOfTime(used.Time)
	}
	t.Zones = zones
	return t, err
}
