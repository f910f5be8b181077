package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/muscope/muscope/analysis/land"
)

// rejectFile writes the load report to a file while it comes, a JSON object a
// line. With no path it does nothing.
type rejectFile struct {
	path string
	file *os.File
	w    *bufio.Writer
	err  error
}

func (a *App) keepRejects(path string) (*rejectFile, error) {
	if path == "" {
		return &rejectFile{}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("write the load report: %w", err)
	}
	return &rejectFile{path: path, file: file, w: bufio.NewWriter(file)}, nil
}

func (r *rejectFile) add(rej *land.Reject) {
	if r.file == nil || r.err != nil {
		return
	}
	enc := json.NewEncoder(r.w)
	enc.SetEscapeHTML(false)
	r.err = enc.Encode(rej)
}

// close ends the file. What was refused is worth reading too, so a load that
// failed keeps its report.
func (r *rejectFile) close() error {
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.err, r.w.Flush(), r.file.Close()); err != nil {
		return fmt.Errorf("write the load report %s: %w", r.path, err)
	}
	return nil
}
