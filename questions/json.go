package questions

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// scan walks over JSON that is known to be UTF-8. It takes what Python's json module takes, NaN and Infinity among it, and can
// give each value as it is written, which a file needs that is to be written again.
type scan struct {
	b     []byte
	at    int
	depth int

	before         int // lines before the text, where it is part of one
	lines, counted int // line ends up to byte counted
}

// maxDepth is about where Python's own recursion limit lies.
const maxDepth = 1000

// line is the line of the place where the scan is, from 1.
func (s *scan) line() int {
	if s.at < s.counted {
		s.lines, s.counted = 0, 0
	}
	s.lines += bytes.Count(s.b[s.counted:s.at], []byte{'\n'})
	s.counted = s.at
	return s.before + s.lines + 1
}

func (s *scan) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{s.line()}, args...)...)
}

// peek skips white space and gives the first byte of what follows, 0 at the end.
func (s *scan) peek() byte {
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *scan) want(c byte, where string) error {
	got := s.peek()
	if got == c {
		s.at++
		return nil
	}
	return s.errorf("want %q %s, found %s", c, where, kindOf(got))
}

// members reads what stands between brackets: f reads one member, and is given its index.
func (s *scan) members(opening, closing byte, what string, f func(i int) error) error {
	if c := s.peek(); c != opening {
		return s.errorf("want %s, found %s", what, kindOf(c))
	}
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested deeper than %d", maxDepth)
	}
	s.at++
	for i := 0; ; i++ {
		switch c := s.peek(); {
		case c == closing:
			s.at++
			s.depth--
			return nil
		case i > 0 && c != ',':
			return s.errorf("want ',' or %q, found %s", closing, kindOf(c))
		case i > 0:
			s.at++
		}
		if err := f(i); err != nil {
			return err
		}
	}
}

func (s *scan) array(f func(i int) error) error { return s.members('[', ']', "a list", f) }

// object calls f with each key, and with the key as it is written; f reads the value.
func (s *scan) object(f func(key, written string) error) error {
	return s.members('{', '}', "an object", func(int) error {
		written, err := s.quoted()
		if err != nil {
			return err
		}
		key, err := s.unquote(written)
		if err != nil {
			return err
		}
		if err := s.want(':', "after a key"); err != nil {
			return err
		}
		return f(key, written)
	})
}

// value reads a value of any kind and gives it as it is written.
func (s *scan) value() (string, error) {
	c := s.peek()
	start := s.at
	var err error
	switch c {
	case '{':
		err = s.object(func(string, string) error { _, err := s.value(); return err })
	case '[':
		err = s.array(func(int) error { _, err := s.value(); return err })
	case '"':
		_, err = s.text()
	default:
		_, err = s.word()
	}
	return string(s.b[start:s.at]), err
}

// quoted reads a string as it is written.
func (s *scan) quoted() (string, error) {
	if c := s.peek(); c != '"' {
		return "", s.errorf("want text, found %s", kindOf(c))
	}
	for i := s.at + 1; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '\\':
			i++
		case c == '"':
			raw := string(s.b[s.at : i+1])
			s.at = i + 1
			return raw, nil
		case c < ' ':
			return "", s.errorf("a string with the control character %q", c)
		}
	}
	return "", s.errorf("a string has no end")
}

// text reads a string. A surrogate without its partner becomes U+FFFD.
func (s *scan) text() (string, error) {
	written, err := s.quoted()
	if err != nil {
		return "", err
	}
	return s.unquote(written)
}

func (s *scan) unquote(written string) (string, error) {
	text, ok := unquote(written)
	if !ok {
		return "", s.errorf("a string with a bad escape: %.40s", written)
	}
	return text, nil
}

func unquote(written string) (text string, ok bool) {
	if inner := written[1 : len(written)-1]; !bytes.ContainsRune([]byte(inner), '\\') {
		return inner, true
	}
	err := json.Unmarshal([]byte(written), &text)
	return text, err == nil
}

// word reads a number or one of true, false, null, NaN, Infinity, -Infinity, as it is written.
func (s *scan) word() (string, error) {
	c := s.peek()
	if c == '{' || c == '[' || c == '"' {
		return "", s.errorf("want a number, found %s", kindOf(c))
	}
	end := s.at
	for end < len(s.b) && isWordByte(s.b[end]) {
		end++
	}
	w := s.b[s.at:end]
	switch string(w) {
	case "":
		return "", s.errorf("want a value, found %s", kindOf(c))
	case "NaN", "Infinity", "-Infinity":
	default:
		if !json.Valid(w) {
			return "", s.errorf("want a value, found %.20q", w)
		}
	}
	s.at = end
	return string(w), nil
}

func isWordByte(c byte) bool {
	return c == '-' || c == '+' || c == '.' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// textOrNumber reads a string, or a number as it is written.
func (s *scan) textOrNumber() (string, error) {
	c := s.peek()
	if c == '"' {
		return s.text()
	}
	if kindOf(c) != aNumber {
		return "", s.errorf("want text or a number, found %s", kindOf(c))
	}
	return s.word()
}

func (s *scan) boolean() (bool, error) {
	if c := s.peek(); c != 't' && c != 'f' {
		return false, s.errorf("want true or false, found %s", kindOf(c))
	}
	w, err := s.word()
	return w == "true", err
}

// end makes sure that nothing follows.
func (s *scan) end() error {
	if c := s.peek(); s.at < len(s.b) {
		return s.errorf("more data after the end: %s", kindOf(c))
	}
	return nil
}

const aNumber = "a number"

func kindOf(first byte) string {
	switch {
	case first == 0:
		return "the end"
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
		return aNumber
	}
	return fmt.Sprintf("%q", first)
}

// label is what a value says as a name: text as it is, a number as it is written, all else nothing.
func label(written string) string {
	switch kindOf(written[0]) {
	case "text":
		text, _ := unquote(written)
		return text
	case aNumber:
		return written
	}
	return ""
}

// compact leaves out the white space between the parts of a value.
func compact(written string) string {
	out := make([]byte, 0, len(written))
	inText := false
	for i := 0; i < len(written); i++ {
		c := written[i]
		switch {
		case inText && c == '\\': // it is not the last byte of a value that was read
			out = append(out, c)
			i++
			c = written[i]
		case c == '"':
			inText = !inText
		case !inText && (c == ' ' || c == '\n' || c == '\r' || c == '\t'):
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
