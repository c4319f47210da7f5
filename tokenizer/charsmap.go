package tokenizer

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// charsmap is sentencepiece's precompiled normalizer: a Darts double array from strings to places in a list of replacements.
type charsmap struct {
	units []uint32
	texts []byte // replacements, each ended by a zero byte
	ascii [0x80]*string
}

func newCharsmap(data []byte) (*charsmap, error) {
	if len(data) < 4 {
		return nil, fmt.Errorf("precompiled_charsmap of %d bytes has no header", len(data))
	}
	size := int(binary.LittleEndian.Uint32(data))
	data = data[4:]
	if size > len(data) || size%4 != 0 || size == 0 {
		return nil, fmt.Errorf("precompiled_charsmap says its trie takes %d bytes of %d", size, len(data))
	}
	m := &charsmap{units: make([]uint32, size/4), texts: data[size:]}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	for b := range m.ascii {
		if s, ok := m.lookup([]byte{byte(b)}); ok {
			text := string(s)
			m.ascii[b] = &text
		}
	}
	return m, nil
}

// lookup is the replacement of the shortest string in the map that key begins with.
func (m *charsmap) lookup(key []byte) ([]byte, bool) {
	at := offsetOf(m.units[0])
	for _, b := range key {
		if b == 0 {
			break
		}
		if at ^= uint32(b); at >= uint32(len(m.units)) {
			return nil, false
		}
		unit := m.units[at]
		if unit&(1<<31|0xFF) != uint32(b) {
			return nil, false
		}
		if at ^= offsetOf(unit); at >= uint32(len(m.units)) {
			return nil, false
		}
		if unit>>8&1 == 1 {
			from := int(m.units[at] & (1<<31 - 1))
			if from > len(m.texts) {
				return nil, false
			}
			text := m.texts[from:]
			if end := bytes.IndexByte(text, 0); end >= 0 {
				text = text[:end]
			}
			return text, true
		}
	}
	return nil, false
}

// offsetOf is how far a unit's children lie from it.
func offsetOf(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// normalize replaces grapheme by grapheme where a grapheme is shorter than six bytes and its beginning is in the map, else
// character by character, as the reference does.
func (m *charsmap) normalize(l *line) {
	changed := false
	l.edits = l.edits[:0]
	for i := 0; i < len(l.chars); {
		if r := l.chars[i].r; r < 0x80 && (i+1 == len(l.chars) || l.chars[i+1].r < 0x80) && r != '\r' {
			if to := m.ascii[r]; to != nil {
				changed = true
				l.substitute(1, *to)
			} else {
				l.edits = append(l.edits, edit{r: r})
			}
			i++
			continue
		}
		end := i + 1
		for end < len(l.chars) && (l.chars[end-1].r >= 0x80 || l.chars[end].r >= 0x80 || l.chars[end-1].r == '\r') {
			end++
		}
		s := l.string(l.chars[i:end])
		for g := graphemes.FromString(segmentable(s)); g.Next(); {
			changed = m.grapheme(l, s[g.Start():g.End()]) || changed
		}
		i = end
	}
	if changed {
		l.apply()
	}
}

// youngMarks are the marks that came with Unicode 17. The reference segments by Unicode 16, for which they are no marks.
var youngMarks = &unicode.RangeTable{
	R16: []unicode.Range16{{0x1ACF, 0x1ADD, 1}, {0x1AE0, 0x1AEB, 1}},
	R32: []unicode.Range32{{0x10EFA, 0x10EFB, 1}, {0x11B60, 0x11B67, 1}, {0x1E6E3, 0x1E6E6, 3}, {0x1E6EE, 0x1E6EF, 1}, {0x1E6F5, 0x1E6F5, 1}},
}

// segmentable is s with ideographs of the same length in the place of young marks.
func segmentable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.Is(youngMarks, r) }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case !unicode.Is(youngMarks, r):
			return r
		case r <= 0xFFFF:
			return 0x4E00
		}
		return 0x20000
	}, s)
}

func (m *charsmap) grapheme(l *line, g string) (changed bool) {
	if len(g) < 6 {
		if to, ok := m.lookup([]byte(g)); ok {
			l.substitute(utf8.RuneCountInString(g), string(to))
			return true
		}
	}
	var buf [utf8.UTFMax]byte
	for _, r := range g {
		if to, ok := m.lookup(utf8.AppendRune(buf[:0], r)); ok {
			l.substitute(1, string(to))
			changed = true
		} else {
			l.edits = append(l.edits, edit{r: r})
		}
	}
	return changed
}

// substitute records that n characters become s. When characters go, the edit before notes it, even if it belongs to what came
// before; with none before, what follows is off by them. That is how the reference counts.
func (l *line) substitute(n int, s string) {
	count := 0
	for _, r := range s {
		l.edits = append(l.edits, edit{r: r})
		count++
	}
	switch diff := count - n; {
	case diff > 0:
		for i := len(l.edits) - diff; i < len(l.edits); i++ {
			l.edits[i].change = 1
		}
	case diff < 0 && len(l.edits) > 0:
		l.edits[len(l.edits)-1].change += diff
	}
}
