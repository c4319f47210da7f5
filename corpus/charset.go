package corpus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const markNote = "the file begins with a byte order mark, which is not part of the text; positions count after it"

// decodeBytes makes UTF-8 of a text file: as it is where it is UTF-8, by its byte order mark, or by the encoding that fits best,
// with a warning that says which. What is not text is refused.
func decodeBytes(data []byte) (string, []string, error) {
	for _, w := range wides {
		if body, ok := bytes.CutPrefix(data, []byte(w.mark)); ok {
			return w.decode(body)
		}
	}
	if k := signature(data); k != nil {
		return "", nil, fmt.Errorf("it is %s, not text; %s", k.what, k.doing)
	}
	var warnings []string
	if body, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		data, warnings = body, []string{markNote}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		if w := guessWide(data); w != nil {
			text, more, err := w.decode(data)
			return text, append(more, "it has no byte order mark, so that this was guessed; check the text, or save the file as UTF-8"), err
		}
		return "", nil, fmt.Errorf("it is not text: byte %d is NUL; give a UTF-8 text file", i)
	}
	if bytes.Contains(data, []byte("\x1b$")) { // ISO-2022-JP is all ASCII
		if e := encodingNamed("iso-2022-jp"); e.fits(data) {
			return e.decodeGuess(data, warnings)
		}
	}
	if utf8.Valid(data) {
		if err := checkControls(data); err != nil {
			return "", nil, err
		}
		return string(data), warnings, nil
	}
	if good, bad := countUTF8(data); good >= 4*bad {
		if err := checkControls(data); err != nil {
			return "", nil, err
		}
		return strings.ToValidUTF8(string(data), "\ufffd"), append(warnings, replaced(bad)), nil
	}
	e := guess(data)
	if e == nil {
		invalid, total := 0, 0
		for i := 0; i < len(data) && total < 1<<16; total++ {
			r, size := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && size == 1 {
				invalid++
			}
			i += size
		}
		return "", nil, fmt.Errorf("it is not text: %d of its first %d characters are no valid UTF-8, and no other encoding fits; save it as UTF-8", invalid, total)
	}
	return e.decodeGuess(data, warnings)
}

func replaced(n int) string {
	if n == 1 {
		return "one byte is no valid UTF-8 and was replaced by U+FFFD"
	}
	return fmt.Sprintf("%d places are no valid UTF-8; each was replaced by U+FFFD", n)
}

// countUTF8 counts the well-formed characters beyond ASCII, and the runs of bytes that are none.
func countUTF8(data []byte) (good, bad int) {
	inBad := false
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i, inBad = i+1, false
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			if !inBad {
				bad++
			}
			inBad = true
		} else {
			good, inBad = good+1, false
		}
		i += size
	}
	return good, bad
}

// checkControls refuses what decodes but consists of control characters.
func checkControls[T string | []byte](text T) error {
	controls, total := 0, 0
	for _, r := range string(text[:min(len(text), 1<<18)]) {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != 0x1b && r != '\b' {
			controls++
		}
		if total++; total == 1<<16 {
			break
		}
	}
	if total >= 16 && controls*10 > total*3 || total < 16 && controls*2 > total {
		return fmt.Errorf("it is not text: %d of its first %d characters are control characters; give a UTF-8 text file", controls, total)
	}
	return nil
}

// wide is an encoding of two or four bytes to the unit.
type wide struct {
	name, mark string
	size       int
	order      binary.ByteOrder
}

// UTF-32 comes first: its little-endian mark begins with that of UTF-16.
var wides = []*wide{
	{"UTF-32", "\xff\xfe\x00\x00", 4, binary.LittleEndian}, {"UTF-32", "\x00\x00\xfe\xff", 4, binary.BigEndian},
	{"UTF-16", "\xff\xfe", 2, binary.LittleEndian}, {"UTF-16", "\xfe\xff", 2, binary.BigEndian},
}

func (w *wide) decode(body []byte) (string, []string, error) {
	if len(body)%w.size != 0 {
		return "", nil, fmt.Errorf("it begins as %s but has half a character at its end; save it as UTF-8", w.name)
	}
	runes, broken := w.runes(body)
	var out strings.Builder
	out.Grow(len(body)/w.size + len(body)/8)
	for _, r := range runes {
		if r == 0 {
			return "", nil, fmt.Errorf("it begins as %s but holds NUL characters, so it is no text", w.name)
		}
		out.WriteRune(r)
	}
	if err := checkControls(out.String()); err != nil {
		return "", nil, err
	}
	warnings := []string{fmt.Sprintf("the file is %s; positions count code points of its text", w.name)}
	if broken > 0 {
		if broken*10 > len(runes) {
			return "", nil, fmt.Errorf("it begins as %s, but %d of its %d characters are none; save it as UTF-8", w.name, broken, len(runes))
		}
		warnings = append(warnings, fmt.Sprintf("%d units are no valid %s; each was replaced by U+FFFD", broken, w.name))
	}
	return out.String(), warnings, nil
}

// runes decodes whole units; what is no character becomes U+FFFD and is counted.
func (w *wide) runes(body []byte) ([]rune, int) {
	broken, n := 0, len(body)/w.size
	if w.size == 4 {
		runes := make([]rune, n)
		for i := range runes {
			u := w.order.Uint32(body[4*i:])
			runes[i] = rune(u)
			if u > unicode.MaxRune || !utf8.ValidRune(rune(u)) {
				runes[i], broken = utf8.RuneError, broken+1
			}
		}
		return runes, broken
	}
	units := make([]uint16, n)
	for i := range units {
		units[i] = w.order.Uint16(body[2*i:])
	}
	runes := utf16.Decode(units)
	j := 0
	for _, r := range runes { // a U+FFFD that was not written as such was half a pair
		if r == utf8.RuneError && units[j] != 0xfffd {
			broken++
		}
		if j++; r >= 0x10000 {
			j++
		}
	}
	return runes, broken
}

// guessWide looks for UTF-16 or UTF-32 without its mark. It must read as text throughout, because any even number of bytes decodes.
func guessWide(data []byte) *wide {
	var best *wide
	most := 0.0
	for _, w := range wides {
		if len(data)%w.size != 0 {
			continue
		}
		if share := w.likeness(data[:min(len(data), 1<<16)]); share > most {
			best, most = w, share
		}
	}
	if most < 0.98 {
		return nil
	}
	return best
}

// likeness is the share of characters that texts consist of; 0 when one is impossible.
func (w *wide) likeness(data []byte) float64 {
	runes, broken := w.runes(data[:len(data)/w.size*w.size])
	if broken > 1 || len(runes) == 0 { // one: the sample may end within a pair
		return 0
	}
	good, spaces := 0, 0
	for _, r := range runes {
		switch {
		case r == 0:
			return 0
		case r == ' ' || r == '\n' || r == 0x3000 || r == '。' || r == '、' || r == '，':
			good, spaces = good+1, spaces+1
		case r < 0x250 && unicode.IsGraphic(r), r == '\r', r == '\t', unicode.IsLetter(r), unicode.IsMark(r), unicode.IsPunct(r), unicode.IsDigit(r):
			good++
		}
	}
	if len(runes) > 64 && spaces == 0 {
		return 0
	}
	return float64(good) / float64(len(runes))
}

var errNoText = errors.New("there is no text in it; there is nothing to answer from")
