package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What is no plain file is written into and stays what it is: a run as root
// must not put a file in the place of /dev/null.
func TestWriteToLeavesDevicesAlone(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		b, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
		}
		got <- string(b)
	}()
	a, _, _ := testApp(t)
	err := a.writeTo(pipe, func(w io.Writer) error {
		_, err := io.WriteString(w, "result")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "result" {
		t.Errorf("the pipe gave %q", s)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is gone: %v %v", info, err)
	}
	if err := a.writeTo(t.TempDir(), func(io.Writer) error { return nil }); err == nil {
		t.Error("a folder was written to")
	}
}
