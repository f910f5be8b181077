package main

import (
	"context"
	"fmt"
	"os"
)

// bench makes data for benchmarks and the sample district, and runs the
// benchmarks. It is hidden: it is for those who work on muscope.
func (a *App) bench(ctx context.Context, args []string) error {
	f := a.flags("bench")
	parcels := f.Int("parcels", 1_000_000, "parcels to generate")
	zones := f.Int("zones", 2500, "zones to generate")
	seed := f.Uint64("seed", 1, "seed of the jitter and the lives")
	runs := f.Int("runs", 3, "runs of each process")
	out := f.String("o", ".", "folder to write to")
	if err := f.parse(args, 1); err != nil {
		return err
	}
	what := ""
	if len(f.args) > 0 {
		what = f.args[0]
	}
	if what != "generate" && what != "sample" && what != "run" {
		return usagef("muscope bench generate|sample|run -o DIR")
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return fmt.Errorf("make the folder of the data: %w", err)
	}
	switch what {
	case "sample":
		return writeSample(ctx, *out)
	case "run":
		return a.benchRun(ctx, *out, *parcels, *zones, *runs)
	}
	fab, err := newFabric(*parcels, *zones, *seed)
	if err != nil {
		return err
	}
	return fab.write(*out)
}
