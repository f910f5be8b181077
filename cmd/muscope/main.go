// Command muscope says how well the land of development zones is used: zone
// and parcel files in, verdicts, map and report out.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // dates in China are read where the system lacks zone data
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := newApp().Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
