package postgis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// Backup writes everything that muscope keeps in the database into a file, by
// the installed pg_dump (custom format). Loads may go on meanwhile. An unfinished
// file is removed.
func (s *Store) Backup(ctx context.Context, file string) error {
	dump, err := s.program(ctx, "pg_dump")
	if err != nil {
		return err
	}
	part := file + ".part"
	dump.Args = append(dump.Args, "--format=custom", "--schema=muscope", "--file="+part)
	if err := run(dump); err != nil {
		return errors.Join(fmt.Errorf("back up the database: %w", err), removeIfThere(part))
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("back up the database: %w", err)
	}
	return nil
}

func removeIfThere(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Restore replaces everything that muscope keeps in the database by a backup,
// in one transaction: it is all restored or nothing changes. Then it brings the
// schema up to date.
func (s *Store) Restore(ctx context.Context, file string) error {
	read, err := s.program(ctx, "pg_restore")
	if err != nil {
		return err
	}
	apply, err := s.program(ctx, "psql")
	if err != nil {
		return err
	}
	read.Args = append(read.Args, "--no-owner", "--no-privileges", "--file=-", file)
	apply.Args = append(apply.Args, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output="+os.DevNull)
	if err := pipe(read, apply, s.query("drop_schema")); err != nil {
		return fmt.Errorf("restore the database from %s: %w", file, err)
	}
	_, err = s.Migrate(ctx)
	return err
}

// pipe runs a first statement and what read writes through apply. A read that
// fails cuts the connection instead of ending the input: nothing is committed.
func pipe(read, apply *exec.Cmd, first string) error {
	r, w := io.Pipe()
	apply.Stdin = io.MultiReader(strings.NewReader(first), r)
	read.Stdout = w
	done := make(chan error, 1)
	go func() {
		err := run(read)
		if err != nil { // an unknown command stops psql before it commits
			_, werr := io.WriteString(w, "\n;select muscope_backup_could_not_be_read;\n")
			err = errors.Join(err, werr)
		}
		done <- errors.Join(err, w.Close())
	}()
	err := run(apply)
	if err != nil { // psql no longer reads: stop the writer
		r.CloseWithError(io.ErrClosedPipe) //nolint:errcheck // never fails
	}
	return errors.Join(<-done, err)
}

func run(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, strings.TrimSpace(said.String()))
	}
	return nil
}

// program is a client program of the server's major version or a later one,
// connected to the store's database. The password goes through the environment,
// where other users can't read it.
func (s *Store) program(ctx context.Context, name string) (*exec.Cmd, error) {
	var major int
	if err := s.db.QueryRowContext(ctx, s.query("server_major")).Scan(&major); err != nil {
		return nil, fmt.Errorf("ask for the server's version: %w", err)
	}
	path, err := findProgram(name, major)
	if err != nil {
		return nil, err
	}
	cfg, err := pq.NewConfig(s.dsn)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), "PGHOST="+cfg.Host, "PGPORT="+strconv.Itoa(int(cfg.Port)), "PGUSER="+cfg.User,
		"PGPASSWORD="+cfg.Password, "PGDATABASE="+cfg.Database, "PGSSLMODE="+string(cfg.SSLMode), "PGCLIENTENCODING=UTF8")
	return cmd, nil
}

func findProgram(name string, major int) (string, error) {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	best := installation{}
	for _, in := range systemFinder().installations() {
		if _, err := os.Stat(filepath.Join(in.bin, name)); err == nil && in.major >= major && (best.bin == "" || in.major < best.major) {
			best = in
		}
	}
	if best.bin != "" {
		return filepath.Join(best.bin, name), nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("find %s: install the PostgreSQL %d client programs (Debian: apt install postgresql-client-%d): %w", name, major, major, err)
	}
	return path, nil
}
