package eval

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// scanner walks over one JSON text without holding it. It takes what Python's json module takes, which
// encoding/json does not: NaN, Infinity and -Infinity as values. It hands out keys in file order, repeated
// keys included, and leaves the place of an error to its caller, who knows what was being read.
// A byte order mark is skipped. Bytes that are not UTF-8 are kept as they are.
type scanner struct {
	r     *bufio.Reader
	at    int64 // bytes read
	depth int
	buf   []byte
}

// maxDepth is about where Python's own recursion limit lies.
const maxDepth = 1000

func newScanner(r io.Reader) *scanner {
	s := &scanner{r: bufio.NewReaderSize(r, 1<<16)}
	if b, _ := s.r.Peek(3); string(b) == "\xef\xbb\xbf" {
		_, _ = s.r.Discard(3) // cannot fail: the bytes are buffered
		s.at = 3
	}
	return s
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d: %w", s.at, fmt.Errorf(format, args...))
}

func (s *scanner) readError(err error) error {
	if errors.Is(err, io.EOF) {
		return s.errorf("the file ends in the middle")
	}
	return err
}

// peek skips white space and returns the first byte of what follows, without reading it.
func (s *scanner) peek() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, s.readError(err)
		}
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c, s.r.UnreadByte()
		}
		s.at++
	}
}

// want reads one byte, c, after white space.
func (s *scanner) want(c byte, where string) error {
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != c {
		return s.errorf("want %q %s, found %q", c, where, got)
	}
	s.next()
	return nil
}

// next reads the byte that peek returned.
func (s *scanner) next() {
	_, _ = s.r.ReadByte() // cannot fail after peek
	s.at++
}

// open reads the bracket that begins a value of the kind that was expected.
func (s *scanner) open(bracket byte, what string) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != bracket {
		return s.errorf("want %s, found %s", what, kindOf(c))
	}
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested deeper than %d", maxDepth)
	}
	s.next()
	return nil
}

// more reads the comma or the closing bracket after element i-1 and says whether another one follows.
func (s *scanner) more(i int, closing byte) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c == closing {
		s.next()
		s.depth--
		return false, nil
	}
	if i == 0 {
		return true, nil
	}
	if c != ',' {
		return false, s.errorf("want ',' or %q, found %q", closing, c)
	}
	s.next()
	return true, nil
}

// object calls f with each key; f reads the value.
func (s *scanner) object(f func(key string) error) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if more, err := s.more(i, '}'); !more {
			return err
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		if err := s.want(':', "after a key"); err != nil {
			return err
		}
		if err := f(key); err != nil {
			return err
		}
	}
}

// array calls f with each index; f reads the element.
func (s *scanner) array(f func(i int) error) error {
	if err := s.open('[', "a list"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if more, err := s.more(i, ']'); !more {
			return err
		}
		if err := f(i); err != nil {
			return err
		}
	}
}

// skip reads a value of any kind.
func (s *scanner) skip() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return s.object(func(string) error { return s.skip() })
	case '[':
		return s.array(func(int) error { return s.skip() })
	case '"':
		_, err = s.text()
	default:
		_, err = s.word()
	}
	return err
}

// end makes sure that nothing follows.
func (s *scanner) end() error {
	c, err := s.peek()
	if err == nil {
		return s.errorf("more data after the end: %q", c)
	}
	if _, err := s.r.Peek(1); err == io.EOF {
		return nil
	}
	return err
}

func kindOf(first byte) string {
	switch {
	case first == '{':
		return "an object"
	case first == '[':
		return "a list"
	case first == '"':
		return "text"
	case first == 't', first == 'f':
		return "true or false"
	case first == 'n':
		return "null"
	case first == '-', first == 'N', first == 'I', '0' <= first && first <= '9':
		return "a number"
	}
	return fmt.Sprintf("%q", first)
}
