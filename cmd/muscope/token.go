package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/server"
)

// tokenFlags are the flags of muscope token.
type tokenFlags struct {
	database string
	role     string
	zones    many
	expires  string
	name     string
	format   string
}

// maxTokenName and maxTokenZones bound what a token carries; maxTokenDays is
// how long one may be good that isn't good for ever.
const (
	maxTokenName  = 200
	maxTokenZones = 1000
	maxTokenDays  = 3650
)

// token makes, lists and revokes bearer tokens.
func (a *App) token(ctx context.Context, args []string) error {
	f := a.flags("token")
	t := &tokenFlags{}
	f.StringVar(&t.database, "database", "", a.text("flag.database"))
	f.StringVar(&t.role, "role", "", a.text("flag.token.role"))
	f.Var(&t.zones, "zone", a.text("flag.token.zone"))
	f.StringVar(&t.expires, "expires", "365d", a.text("flag.token.expires"))
	f.StringVar(&t.name, "name", "", a.text("flag.token.name"))
	f.StringVar(&t.format, "format", "text", a.text("flag.token.format"))
	if err := f.parse(args, 2); err != nil {
		return err
	}
	run, err := a.tokenCommand(t, f.args)
	if err != nil {
		return err
	}
	db, err := a.openDatabase(ctx, t.database)
	if err != nil {
		return err
	}
	return errors.Join(run(ctx, db), db.Close())
}

// tokenCommand reads the command line; nothing is opened before it is right.
func (a *App) tokenCommand(t *tokenFlags, args []string) (func(context.Context, *database) error, error) {
	if t.format != "text" && t.format != "json" {
		return nil, &usageError{text: a.text("flag.token.format.wrong", t.format)}
	}
	switch {
	case len(args) == 1 && args[0] == "create":
		n, err := a.newToken(t)
		return func(ctx context.Context, db *database) error { return a.createToken(ctx, db, t, n) }, err
	case len(args) == 1 && args[0] == "list":
		return func(ctx context.Context, db *database) error { return a.listTokens(ctx, db, t) }, nil
	case len(args) == 2 && args[0] == "revoke":
		id, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return nil, &usageError{text: a.text("cmd.token.id", args[1])}
		}
		return func(ctx context.Context, db *database) error { return a.revokeToken(ctx, db, t, id) }, nil
	}
	return nil, &usageError{text: a.text("cmd.token.what")}
}

// newToken is the token that the flags ask for, without its secret.
func (a *App) newToken(t *tokenFlags) (postgis.NewToken, error) {
	n := postgis.NewToken{Name: t.name, Role: t.role, By: userName()}
	for _, code := range t.zones {
		if code = strings.TrimSpace(code); code != "" && !slices.Contains(n.Zones, code) {
			n.Zones = append(n.Zones, code)
		}
	}
	switch {
	case !slices.Contains(server.Roles(), server.Role(t.role)):
		return n, &usageError{text: a.text("flag.token.role.wrong", t.role)}
	case len(t.name) > maxTokenName:
		return n, &usageError{text: a.text("flag.token.name.wrong", maxTokenName)}
	case len(n.Zones) > maxTokenZones, len(t.zones) > 0 && len(n.Zones) == 0:
		return n, &usageError{text: a.text("flag.token.zone.wrong", maxTokenZones)}
	case t.role == string(server.Admin) && len(n.Zones) > 0:
		return n, &usageError{text: a.text("flag.token.admin-zone")}
	}
	until, err := tokenEnd(t.expires, a.today())
	if err != nil {
		return n, &usageError{text: a.text("flag.token.expires.wrong", t.expires, maxTokenDays)}
	}
	n.Expires = until
	return n, nil
}

var errExpires = errors.New("no end of a token")

// tokenEnd reads --expires: a number of days, or the last day on which the
// token is good, both in China; nil is never.
func tokenEnd(expires string, today land.Date) (*time.Time, error) {
	if expires == "never" {
		return nil, nil
	}
	last, err := land.ParseDate(expires)
	if days, ok := strings.CutSuffix(expires, "d"); ok {
		n, nerr := strconv.Atoi(days)
		if nerr != nil || n < 1 || n > maxTokenDays {
			return nil, errExpires
		}
		last, err = today+land.Date(n), nil
	}
	if err != nil || last < today {
		return nil, errExpires
	}
	next := (last + 1).Time()
	end := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, chinaTime())
	return &end, nil
}

// tokenEntry is a token as muscope token prints it.
type tokenEntry struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Role      string     `json:"role"`
	Zones     []string   `json:"zones"` // null is every zone
	State     string     `json:"state"` // good | expired | revoked
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	ExpiresAt *time.Time `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	LastUsed  land.Date  `json:"last_used_on"`
	Secret    string     `json:"secret,omitempty"` // once, when it is made
}

func (a *App) tokenEntry(t postgis.Token, secret string) tokenEntry {
	e := tokenEntry{ID: t.ID, Name: t.Name, Role: t.Role, Zones: t.Zones, State: "good", CreatedAt: t.Created, CreatedBy: t.CreatedBy,
		ExpiresAt: t.Expires, RevokedAt: t.Revoked, LastUsed: t.LastUsed, Secret: secret}
	switch {
	case t.Revoked != nil:
		e.State = "revoked"
	case !t.Good(a.Now()):
		e.State = "expired"
	}
	return e
}

// createToken makes a token. The secret is all that goes to stdout, so that a
// script can take it.
func (a *App) createToken(ctx context.Context, db *database, f *tokenFlags, n postgis.NewToken) error {
	unknown, err := db.UnknownZones(ctx, n.Zones)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		fmt.Fprintln(a.Stderr, a.text("say.token.unknown-zone", strings.Join(unknown, ", ")))
	}
	secret, hash := server.NewSecret()
	n.Hash = hash
	t, err := db.CreateToken(ctx, n)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeIndented(a.Stdout, a.tokenEntry(t, secret))
	}
	a.say("say.token.created", t.ID, t.Role, a.zonesText(t.Zones), a.momentText(t.Expires))
	fmt.Fprintln(a.Stdout, secret)
	return nil
}

func (a *App) listTokens(ctx context.Context, db *database, f *tokenFlags) error {
	tokens, err := db.Tokens(ctx)
	if err != nil {
		return err
	}
	entries := make([]tokenEntry, len(tokens))
	for i, t := range tokens {
		entries[i] = a.tokenEntry(t, "")
	}
	if f.format == "json" {
		return writeIndented(a.Stdout, map[string]any{"tokens": entries})
	}
	if len(entries) == 0 {
		a.say("say.token.none")
		return nil
	}
	rows := [][]string{strings.Split(a.text("say.token.head"), "|")}
	for _, e := range entries {
		used := a.text("say.token.never")
		if e.LastUsed.Known() {
			used = e.LastUsed.String()
		}
		rows = append(rows, []string{strconv.FormatInt(e.ID, 10), a.text("token.state." + e.State), e.Role, a.zonesText(e.Zones), a.momentText(e.ExpiresAt), used, printable(e.Name)})
	}
	writeTable(a.Stdout, "", rows)
	return nil
}

func (a *App) revokeToken(ctx context.Context, db *database, f *tokenFlags, id int64) error {
	t, err := db.RevokeToken(ctx, id)
	if errors.Is(err, postgis.ErrNotFound) {
		return &usageError{text: a.text("cmd.token.id", strconv.FormatInt(id, 10))}
	}
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeIndented(a.Stdout, a.tokenEntry(t, ""))
	}
	a.say("say.token.revoked", t.ID)
	return nil
}

func (a *App) zonesText(zones []string) string {
	if zones == nil {
		return a.text("say.token.all-zones")
	}
	return strings.Join(zones, ",")
}

// momentText is the last day before a moment, in China.
func (a *App) momentText(t *time.Time) string {
	if t == nil {
		return a.text("say.token.never")
	}
	return land.DateOfTime(t.Add(-time.Nanosecond).In(chinaTime())).String()
}

// printable keeps a name to one line of a table.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
