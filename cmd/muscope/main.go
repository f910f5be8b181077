// Command muscope says how well the land of development zones is used: zone
// and parcel files in, verdicts, map and report out.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // dates in China are read where the system lacks zone data
)

// version is set by the linker.
var version = "dev"

// memoryLimit is a soft limit of the heap: the collector works harder near it,
// so that a load of any size stays under 400 MB resident. GOMEMLIMIT overrides
// it.
const memoryLimit = 340 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := newApp().Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
