package questions

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// limits are what a file may have, since what is read is held in memory. A packed file may not grow beyond the same, nor, once it is
// large, by more than text ever packs.
type limits struct {
	bytes  int64
	grow   int64 // whatever the packed size
	growth int64 // times the packed size, beyond that
}

var ordinary = limits{bytes: 512 << 20, grow: 64 << 20, growth: 200}

// ReadFile reads a file of questions, plain or packed with gzip. The set is named after the file.
func ReadFile(ctx context.Context, path string) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, qa.Errorf(qa.NotFound, "read questions: %w", err)
	}
	if info.IsDir() {
		return nil, qa.Errorf(qa.Invalid, "read questions: %s is a folder; name the files", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, qa.Errorf(qa.Forbidden, "read questions: %w", err)
	}
	defer f.Close()
	return Read(ctx, f, path)
}

// Read reads questions in any of the Formats. The name's extension says which, and where it does not, the text does.
func Read(ctx context.Context, r io.Reader, name string) (*Set, error) {
	s, err := read(ctx, r, name)
	if err == nil || ctx.Err() != nil {
		return s, err
	}
	if qa.CodeOf(err) == qa.Internal { // what is wrong is in the file
		return nil, qa.Errorf(qa.Invalid, "read questions of %s: %w", name, err)
	}
	return nil, fmt.Errorf("read questions of %s: %w", name, err)
}

func read(ctx context.Context, r io.Reader, name string) (*Set, error) {
	text, err := ordinary.unpack(ctx, r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if err := checkText(text); err != nil {
		return nil, err
	}
	f, err := formatOf(name, text)
	if err != nil {
		return nil, err
	}
	s := &Set{Name: filepath.Base(name), Format: f.Name, Digest: "sha256:" + hex.EncodeToString(sum[:])}
	if err := f.Read(ctx, text, s); err != nil {
		return nil, err
	}
	if len(s.Items) == 0 {
		s.Warnings = append(s.Warnings, "there are no questions in it")
	}
	s.warnOfRepeats()
	return s, nil
}

// unpack reads everything, unpacked.
func (l limits) unpack(ctx context.Context, r io.Reader) ([]byte, error) {
	packed := &counter{r: r, ctx: ctx}
	b := bufio.NewReaderSize(packed, 1<<16)
	if magic, _ := b.Peek(2); string(magic) != "\x1f\x8b" {
		return readAll(b, func() int64 { return l.bytes })
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	text, err := readAll(z, func() int64 { return min(l.bytes, max(l.grow, l.growth*packed.n)) })
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return text, nil
}

// readAll reads to the end, or to a limit that may move while it reads.
func readAll(r io.Reader, limit func() int64) ([]byte, error) {
	var out bytes.Buffer
	for {
		n, err := io.CopyN(&out, r, 1<<20)
		if int64(out.Len()) > limit() {
			return nil, qa.Errorf(qa.Invalid, "there are more than %.1f MB of text in it, more than a file of questions may have; split it", float64(limit())/1e6)
		}
		if errors.Is(err, io.EOF) {
			return out.Bytes(), nil
		}
		if err != nil || n == 0 {
			return nil, err
		}
	}
}

// counter counts what was read, and stops with its context.
type counter struct {
	r   io.Reader
	ctx context.Context
	n   int64
}

func (c *counter) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// checkText refuses what is no text in UTF-8, and says what it may be.
func checkText(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return qa.Errorf(qa.Invalid, "it is in UTF-16; save it as UTF-8")
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return qa.Errorf(qa.Invalid, "it is a zip archive or a document of an office program; save it as CSV in UTF-8")
	case bytes.HasPrefix(text, []byte("%PDF-")):
		return qa.Errorf(qa.Invalid, "it is a PDF, which is a document and no file of questions")
	}
	line := 1
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\n':
			line++
			i++
		case c == 0:
			return qa.Errorf(qa.Invalid, "line %d: there is a zero byte, so it is no text in UTF-8", line)
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && n == 1 {
				return qa.Errorf(qa.Invalid, "line %d: the byte 0x%02x is not UTF-8 (it may be Latin-1 or Windows-1252); save the file as UTF-8", line, c)
			}
			i += n
		}
	}
	return nil
}

// warnOfRepeats tells of ids, and of questions about one text, that are there more than once.
func (s *Set) warnOfRepeats() {
	ids, asked := map[string]bool{}, map[string]int{}
	var sameID, sameText places
	for i := range s.Items {
		q := &s.Items[i]
		if ids[q.ID] {
			sameID.add(q.place())
		}
		ids[q.ID] = true
		key := fmt.Sprintf("%d\x00%s\x00%s", q.Context, q.Document, normalSpace(q.Text))
		if first, again := asked[key]; again {
			sameText.add(q.place() + " as " + s.Items[first].place())
		} else {
			asked[key] = i
		}
	}
	sameID.warn(s, "questions that repeat an id")
	sameText.warn(s, "questions that are asked again of the same text")
}
