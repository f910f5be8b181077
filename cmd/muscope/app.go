package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
)

// Exit codes of the contract.
const (
	exitDone    = 0
	exitFailed  = 1
	exitRefused = 2 // wrong usage, or input refused
	exitMatched = 3 // done, and --fail-on matched
)

// App is the program with everything it takes from outside, so that a test
// can run it.
type App struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Now    func() time.Time

	texts data.Texts
	lang  string
	quiet bool
}

func newApp() *App {
	return &App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now}
}

// command is one subcommand. Its texts are help.<name> in data/i18n/cmd.yaml.
type command struct {
	name   string
	args   string // shown after the name
	hidden bool
	run    func(*App, context.Context, []string) error
}

// commands is the one list of subcommands.
func commands() []command {
	return []command{
		{name: "check", args: "--zones F --parcels F …", run: (*App).check},
		{name: "demo", run: (*App).demo},
		{name: "load", args: "LAYER FILE… --snapshot S", run: (*App).load},
		{name: "analyze", args: "--snapshot S", run: (*App).analyze},
		{name: "report", args: "--snapshot S --format F", run: (*App).report},
		{name: "serve", run: (*App).serve},
		{name: "db", args: "status|stop|migrate|backup|restore", run: (*App).db},
		{name: "explain", args: "--zone Z RULE|INDICATOR", run: (*App).explain},
		{name: "expand", args: "--zone Z --boundary F …", run: (*App).expand},
		{name: "rules", args: "list|show|lint|test", run: (*App).rules},
		{name: "token", args: "create|list|revoke ID", run: (*App).token},
		{name: "version", run: (*App).version},
		{name: "bench", hidden: true, run: (*App).bench},
	}
}

// pending is a command of the contract that isn't there yet: it says so.
func pending(name string) func(*App, context.Context, []string) error {
	return func(a *App, _ context.Context, _ []string) error {
		return &usageError{text: a.text("cmd.pending", name)}
	}
}

// usageError is a wrong call; it ends with exit code 2.
type usageError struct {
	text string
	help string // the command whose help is worth reading
}

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{text: fmt.Sprintf(format, args...)} }

// errHelp asks for the help text; it is no failure.
var errHelp = errors.New("help")

// errMatched says that --fail-on matched.
var errMatched = errors.New("matched")

// Run runs one command line and returns its exit code.
func (a *App) Run(ctx context.Context, args []string) int {
	a.lang = a.localeLang()
	for i, arg := range args { // --lang speaks for every message, so it is looked for first
		if v, ok := strings.CutPrefix(arg, "--lang="); ok && (v == "zh" || v == "en") {
			a.lang = v
		} else if arg == "--lang" && i+1 < len(args) && (args[i+1] == "zh" || args[i+1] == "en") {
			a.lang = args[i+1]
		}
	}
	texts, err := data.LoadTexts()
	if err != nil {
		fmt.Fprintln(a.Stderr, "muscope:", err)
		return exitFailed
	}
	a.texts = texts
	stop, err := a.profile()
	if err != nil {
		return a.exit(err)
	}
	return a.exit(errors.Join(a.dispatch(ctx, args), stop()))
}

func (a *App) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || slices.Contains([]string{"help", "--help", "-h"}, args[0]) {
		a.help()
		if len(args) == 0 {
			return &usageError{text: a.text("cmd.none")}
		}
		return nil
	}
	if args[0] == "--version" {
		args[0] = "version"
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(a, ctx, args[1:])
		if errors.Is(err, errHelp) {
			return nil
		}
		var usage *usageError
		if errors.As(err, &usage) && usage.help == "" {
			usage.help = c.name
		}
		return err
	}
	return &usageError{text: a.text("cmd.unknown", args[0])}
}

// exit prints what went wrong and gives the exit code.
func (a *App) exit(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errMatched):
		return exitMatched
	case errors.As(err, &usage):
		fmt.Fprintln(a.Stderr, "muscope:", usage.text)
		if usage.help != "" {
			fmt.Fprintln(a.Stderr, a.text("cmd.see-help", usage.help))
		}
		return exitRefused
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.Stderr, "muscope:", a.text("cmd.interrupted"))
		return exitFailed
	case errors.Is(err, ingest.ErrRefused), errors.Is(err, analysis.ErrOptions), errors.Is(err, report.ErrNoZone),
		errors.Is(err, postgis.ErrNoSnapshot), errors.Is(err, postgis.ErrNotAnalyzed):
		fmt.Fprintln(a.Stderr, "muscope:", err)
		return exitRefused
	}
	fmt.Fprintln(a.Stderr, "muscope:", err)
	return exitFailed
}

func (a *App) version(context.Context, []string) error {
	fmt.Fprintln(a.Stdout, "muscope", version)
	return nil
}

func (a *App) help() {
	fmt.Fprintln(a.Stderr, a.text("help.intro"))
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(a.Stderr, "  muscope %-9s %-34s %s\n", c.name, c.args, a.text("help."+c.name))
		}
	}
	fmt.Fprintln(a.Stderr, a.text("help.more"))
}

func (a *App) text(key string, args ...any) string { return a.texts.Text(a.lang, key, args...) }

// say prints a message for people, unless --quiet.
func (a *App) say(key string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.Stderr, a.text(key, args...))
	}
}

// localeLang is zh where the locale is Chinese, else en.
func (a *App) localeLang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := a.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// today is the day in China.
func (a *App) today() land.Date {
	return land.DateOfTime(a.Now().In(chinaTime()))
}

func chinaTime() *time.Location { return time.FixedZone("Asia/Shanghai", 8*3600) }
