package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress shows one line that rewrites itself, on a terminal only.
type progress struct {
	out   io.Writer
	on    bool
	mu    sync.Mutex
	last  time.Time
	begun time.Time
}

func (a *App) progress() *progress {
	f, ok := a.Stderr.(*os.File)
	return &progress{out: a.Stderr, on: ok && !a.quiet && term.IsTerminal(int(f.Fd())), begun: time.Now()}
}

// show writes the line, ten times a second at most.
func (p *progress) show(format string, args ...any) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.out, "\r\033[K%s  %.0f s", fmt.Sprintf(format, args...), time.Since(p.begun).Seconds())
}

// done clears the line.
func (p *progress) done() {
	if p.on {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
