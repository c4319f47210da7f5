package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string.
func (s *scanner) text() (string, error) {
	raw, escaped, err := s.quoted()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(raw), nil
	}
	b, ok := unescape(raw)
	if !ok {
		return "", s.errorf("a string with a bad escape")
	}
	return string(b), nil
}

// quoted reads a string and returns its bytes as they stand, valid until the next read.
func (s *scanner) quoted() (raw []byte, escaped bool, err error) {
	c, err := s.peek()
	if err != nil {
		return nil, false, err
	}
	if c != '"' {
		return nil, false, s.errorf("want text, found %s", kindOf(c))
	}
	s.next()
	s.buf = s.buf[:0]
	for {
		part, err := s.r.ReadSlice('"')
		s.at += int64(len(part))
		s.buf = append(s.buf, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, false, s.readError(err)
		}
		body := s.buf[:len(s.buf)-1]
		slashes := 0
		for slashes < len(body) && body[len(body)-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			break // otherwise the quote is escaped
		}
	}
	raw = s.buf[:len(s.buf)-1]
	for _, c := range raw {
		if c < ' ' {
			return nil, false, s.errorf("a string with the control character %q", c)
		}
	}
	return raw, bytes.IndexByte(raw, '\\') >= 0, nil
}

// word reads a number or one of true, false, null, NaN, Infinity, -Infinity, as it stands.
func (s *scanner) word() (string, error) {
	c, err := s.peek()
	if err != nil {
		return "", err
	}
	if c == '{' || c == '[' || c == '"' {
		return "", s.errorf("want a number, found %s", kindOf(c))
	}
	s.buf = s.buf[:0]
	for {
		c, err := s.r.ReadByte()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		if c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			if err := s.r.UnreadByte(); err != nil {
				return "", err
			}
			break
		}
		s.at++
		s.buf = append(s.buf, c)
	}
	switch w := string(s.buf); {
	case w == "":
		return "", s.errorf("want a value, found %q", c)
	case w == "NaN", w == "Infinity", w == "-Infinity", json.Valid(s.buf):
		return w, nil
	default:
		return "", s.errorf("want a value, found %.20q", w)
	}
}

// textOrNumber reads a string, or a number as it is written.
func (s *scanner) textOrNumber() (string, error) {
	c, err := s.peek()
	if err != nil {
		return "", err
	}
	if c == '"' {
		return s.text()
	}
	if kindOf(c) != "a number" {
		return "", s.errorf("want text or a number, found %s", kindOf(c))
	}
	return s.word()
}

// label reads a string or a number; what is neither is skipped and leaves it empty.
func (s *scanner) label() (string, error) {
	c, err := s.peek()
	if err != nil || c == '"' || kindOf(c) == "a number" {
		return s.textOrNumber()
	}
	return "", s.skip()
}

// boolean reads true or false.
func (s *scanner) boolean() (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c != 't' && c != 'f' {
		return false, s.errorf("want true or false, found %s", kindOf(c))
	}
	w, err := s.word()
	return w == "true", err
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape resolves escapes in place. A surrogate without its partner becomes U+FFFD.
func unescape(raw []byte) ([]byte, bool) {
	out := raw[:0] // never overtakes: an escape is at least as long as what it stands for
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		if c, ok := escapes[raw[i+1]]; ok {
			out = append(out, c)
			i += 2
			continue
		}
		r, ok := hex4(raw[i:])
		if !ok {
			return nil, false
		}
		i += 6
		if utf16.IsSurrogate(r) {
			low, _ := hex4(raw[i:])
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 6
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, true
}

// hex4 reads \uXXXX at the start of b.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
