package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON from left to right without building a tree. Vocabularies are most of a tokenizer.json, and this way they
// cost one pass and no copies: strings without escapes share the file's memory.
type scanner struct {
	data  string
	pos   int
	depth int
}

// maxDepth is how deeply values may nest, as in the reference's parser.
const maxDepth = 127

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", s.pos, fmt.Sprintf(format, args...))
}

// peek is the next byte after white space, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte) error {
	if got := s.peek(); got != c {
		if s.pos >= len(s.data) {
			return s.errorf("unexpected end")
		}
		return s.errorf("%q instead of %q", got, c)
	}
	s.pos++
	return nil
}

// object calls f for every key, with the scanner at its value, which f must consume.
func (s *scanner) object(f func(key string) error) error {
	return s.list('{', '}', func() error {
		key, err := s.str()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		return f(key)
	})
}

// array calls f for every element, which f must consume.
func (s *scanner) array(f func() error) error { return s.list('[', ']', f) }

func (s *scanner) list(open, end byte, f func() error) error {
	if err := s.expect(open); err != nil {
		return err
	}
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested more than %d deep", maxDepth)
	}
	defer func() { s.depth-- }()
	if s.peek() == end {
		s.pos++
		return nil
	}
	for {
		if err := f(); err != nil {
			return err
		}
		if s.peek() == end {
			s.pos++
			return nil
		}
		if err := s.expect(','); err != nil {
			return err
		}
	}
}

// str reads a string.
func (s *scanner) str() (string, error) {
	if err := s.expect('"'); err != nil {
		return "", err
	}
	from := s.pos
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; {
		case c == '"':
			v := s.data[from:s.pos]
			s.pos++
			if !utf8.ValidString(v) {
				return "", s.errorf("a string is not valid UTF-8")
			}
			return v, nil
		case c == '\\':
			return s.escaped(from)
		case c < 0x20:
			return "", s.errorf("a control character in a string")
		}
	}
	return "", s.errorf("unexpected end of a string")
}

// escaped reads on from the first escape of a string that began at from.
func (s *scanner) escaped(from int) (string, error) {
	out := []byte(s.data[from:s.pos])
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch {
		case c == '"':
			if !utf8.Valid(out) {
				return "", s.errorf("a string is not valid UTF-8")
			}
			return string(out), nil
		case c < 0x20:
			return "", s.errorf("a control character in a string")
		case c != '\\':
			out = append(out, c)
			continue
		}
		r, err := s.escape()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
	}
	return "", s.errorf("unexpected end of a string")
}

func (s *scanner) escape() (rune, error) {
	if s.pos >= len(s.data) {
		return 0, s.errorf("unexpected end of a string")
	}
	c := s.data[s.pos]
	s.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := s.hex4()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		if s.pos+2 <= len(s.data) && s.data[s.pos:s.pos+2] == `\u` {
			s.pos += 2
			low, err := s.hex4()
			if err != nil {
				return 0, err
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				return r, nil
			}
		}
		return 0, s.errorf("half a surrogate pair in a string")
	}
	return 0, s.errorf("the escape \\%c in a string", c)
}

func (s *scanner) hex4() (rune, error) {
	if s.pos+4 > len(s.data) {
		return 0, s.errorf("unexpected end of a string")
	}
	v, err := strconv.ParseUint(s.data[s.pos:s.pos+4], 16, 16)
	if err != nil {
		return 0, s.errorf("a \\u escape without four hexadecimal digits")
	}
	s.pos += 4
	return rune(v), nil
}

// literal is the text of a number, true, false or null.
func (s *scanner) literal() string {
	s.peek()
	from := s.pos
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ',', ':', ']', '}', '[', '{', '"', ' ', '\t', '\n', '\r':
			return s.data[from:s.pos]
		}
		s.pos++
	}
	return s.data[from:s.pos]
}

// null consumes a null, if one comes.
func (s *scanner) null() bool {
	if s.peek() == 'n' && len(s.data) >= s.pos+4 && s.data[s.pos:s.pos+4] == "null" {
		s.pos += 4
		return true
	}
	return false
}

func (s *scanner) integer() (int64, error) {
	text := s.literal()
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, s.errorf("%.40q is no integer", text)
	}
	return v, nil
}

// float reads a number as the reference's parser does, whose result may be off the nearest float64 by its last bit: the digits
// as an integer, divided or multiplied by a power of ten. Equally probable cuts are decided by such bits.
func (s *scanner) float() (float64, error) {
	text := s.literal()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, s.errorf("%.40q is no number", text)
	}
	digits, exponent, negative := uint64(0), 0, false
	i, point, full := 0, false, false
	if text[0] == '-' {
		negative, i = true, 1
	}
	for ; i < len(text) && (text[i] == '.' || text[i] >= '0' && text[i] <= '9'); i++ {
		d := uint64(text[i] - '0')
		switch {
		case text[i] == '.':
			point = true
		case full || digits > (math.MaxUint64-d)/10:
			full = true
			if !point {
				exponent++
			}
		default:
			digits = digits*10 + d
			if point {
				exponent--
			}
		}
	}
	if i < len(text) { // an exponent follows
		e, err := strconv.Atoi(text[i+1:])
		if err != nil {
			return v, nil // far out of range, thus 0
		}
		exponent += e
	}
	f := float64(digits)
	for f != 0 && exponent < -308 {
		f /= 1e308
		exponent += 308
	}
	if exponent < 0 {
		f /= math.Pow10(-exponent)
	} else {
		f *= math.Pow10(exponent)
	}
	if negative {
		f = -f
	}
	return f, nil
}

// skip consumes a value and returns its text.
func (s *scanner) skip() (string, error) {
	c := s.peek()
	from := s.pos
	var err error
	switch c {
	case '{':
		err = s.object(func(string) error { _, err := s.skip(); return err })
	case '[':
		err = s.array(func() error { _, err := s.skip(); return err })
	case '"':
		_, err = s.str()
	default:
		switch text := s.literal(); text {
		case "true", "false", "null":
		default:
			if _, e := strconv.ParseFloat(text, 64); e != nil {
				err = s.errorf("%.40q is no value", text)
			}
		}
	}
	return s.data[from:s.pos], err
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.peek() != 0 || s.pos < len(s.data) {
		return errors.New("something follows the end")
	}
	return nil
}
