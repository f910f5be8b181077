package ingest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// errRecordTooLong ends the reading of a record of CSV that is too long.
var errRecordTooLong = errors.New("record too long")

// recordGuard ends a record that takes too many bytes.
type recordGuard struct {
	src  io.Reader
	left int
}

func (g *recordGuard) Read(b []byte) (int, error) {
	if g.left <= 0 {
		return 0, errRecordTooLong
	}
	n, err := g.src.Read(b)
	g.left -= n
	return n, err
}

// openStream reads a CSV file that is too large to be held: once for its
// digest and encoding, and once for its rows.
func (t *table) openStream(f File) error {
	utf8Text, err := t.survey(f)
	if err != nil {
		return err
	}
	src, err := f.open()
	if err != nil {
		return err
	}
	t.close = src.Close
	text := bufio.NewReaderSize(src, 1<<16)
	if bom, _ := text.Peek(3); bytes.Equal(bom, []byte("\xEF\xBB\xBF")) {
		_, _ = text.Discard(3) // it was just seen
	}
	if !utf8Text {
		text = bufio.NewReaderSize(&wellDecoded{src: simplifiedchinese.GB18030.NewDecoder().Reader(text)}, 1<<16)
	}
	head, err := text.Peek(1 << 12)
	if err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(err, t.close())
	}
	return t.rows(text, delimiterOf(head))
}

// survey digests a file and says whether it is UTF-8.
func (t *table) survey(f File) (utf8Text bool, err error) {
	src, err := f.open()
	if err != nil {
		return false, err
	}
	defer src.Close()
	sum := sha256.New()
	check := utf8Check{valid: true}
	if _, err := io.CopyBuffer(io.MultiWriter(sum, &check), src, make([]byte, 1<<16)); err != nil {
		return false, fmt.Errorf("read %s: %w", f.Name, err)
	}
	if bytes.HasPrefix(check.head, []byte("\xFF\xFE")) || bytes.HasPrefix(check.head, []byte("\xFE\xFF")) {
		return false, &errTable{code: "table.utf16"}
	}
	t.sum = hex.EncodeToString(sum.Sum(nil))
	return check.valid && len(check.rest) == 0, nil
}

// utf8Check says whether what is written to it is UTF-8.
type utf8Check struct {
	head  []byte // the first bytes
	rest  []byte // of a character that isn't whole yet
	valid bool
}

func (c *utf8Check) Write(b []byte) (int, error) {
	n := len(b)
	if len(c.head) < 4 {
		c.head = append(c.head, b[:min(4, n)]...)
	}
	if !c.valid {
		return n, nil
	}
	if len(c.rest) > 0 {
		b = append(c.rest, b...)
	}
	whole := len(b)
	for back := 1; back <= min(utf8.UTFMax-1, len(b)); back++ {
		if utf8.RuneStart(b[len(b)-back]) {
			if !utf8.FullRune(b[len(b)-back:]) {
				whole = len(b) - back
			}
			break
		}
	}
	c.valid = utf8.Valid(b[:whole])
	c.rest = append([]byte(nil), b[whole:]...)
	return n, nil
}

// wellDecoded refuses text in which a decoder put the mark of what it could
// not read.
type wellDecoded struct {
	src  io.Reader
	last [2]byte // of the read before
}

func (w *wellDecoded) Read(b []byte) (int, error) {
	n, err := w.src.Read(b)
	const mark = "\uFFFD"
	seam := append(w.last[:], b[:min(2, n)]...)
	if bytes.Contains(b[:n], []byte(mark)) || bytes.Contains(seam, []byte(mark)) {
		return 0, &errTable{code: "table.encoding"}
	}
	for i := max(0, n-2); i < n; i++ {
		w.last[0], w.last[1] = w.last[1], b[i]
	}
	return n, err
}
