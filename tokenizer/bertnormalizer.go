package tokenizer

import "unicode"

// bertNormalizer is BERT's basic tokenizer up to the split into words.
type bertNormalizer struct{ cleanText, chineseChars, stripAccents, lower bool }

// normalize does all four steps in one pass. Only a mark that has a combining class and yet is no nonspacing mark can change
// places and stay, which the pass cannot show; then the steps are taken one by one.
func (b bertNormalizer) normalize(l *line) {
	inOrder := true
	l.replace(func(dst []char) []char {
		for _, c := range l.chars {
			if c.r < 0x80 {
				if b.cleanText && (c.r < 0x20 || c.r == 0x7F) {
					if c.r != '\t' && c.r != '\n' && c.r != '\r' {
						continue
					}
					c.r = ' '
				}
				if b.lower {
					c.r = lowerRune(c.r)
				}
				dst = append(dst, c)
				continue
			}
			var ok bool
			if dst, ok = b.append(dst, c); !ok {
				inOrder = false
				break
			}
		}
		return dst
	})
	if !inOrder {
		l.chars, l.spare = l.spare, l.chars
		b.stepwise(l)
	}
}

func (b bertNormalizer) append(dst []char, c char) ([]char, bool) {
	if b.cleanText {
		if dropped(c.r) {
			return dst, true
		}
		if unicode.IsSpace(c.r) {
			c.r = ' '
		}
	}
	pad := b.chineseChars && chinese(c.r)
	if pad {
		dst = append(dst, char{' ', c.size, c.at})
	}
	if !b.stripAccents {
		if one := [1]char{c}; b.lower {
			dst = appendLower(dst, one[:])
		} else {
			dst = append(dst, c)
		}
	} else {
		var buf [8]rune
		for _, r := range appendDecomposed(buf[:0], c.r, false) {
			if unicode.Is(nonspacingMark, r) {
				continue
			}
			if combiningClass(r) != 0 {
				return dst, false
			}
			if one := [1]char{{r, c.size, c.at}}; b.lower {
				dst = appendLower(dst, one[:])
			} else {
				dst = append(dst, one[0])
			}
		}
	}
	if pad {
		dst = append(dst, char{' ', c.size, c.at})
	}
	return dst, true
}

// stepwise is the same, a step at a time.
func (b bertNormalizer) stepwise(l *line) {
	if b.cleanText {
		l.filter(dropped)
		for i, c := range l.chars {
			if unicode.IsSpace(c.r) {
				l.chars[i].r = ' '
			}
		}
	}
	if b.chineseChars {
		l.replace(func(dst []char) []char {
			for _, c := range l.chars {
				if !chinese(c.r) {
					dst = append(dst, c)
					continue
				}
				space := char{' ', c.size, c.at}
				dst = append(dst, space, c, space)
			}
			return dst
		})
	}
	if b.stripAccents {
		form{}.normalize(l)
		l.filter(func(r rune) bool { return unicode.Is(nonspacingMark, r) })
	}
	if b.lower {
		lowercase{}.normalize(l)
	}
}

// dropped tells what clean_text removes: control, format and private characters, but not tab, line feed and carriage return.
func dropped(r rune) bool {
	return r == 0 || r == 0xFFFD || unicode.Is(controlChar, r)
}

// chinese are the blocks that BERT calls CJK. The gap at 0x2B820 is the reference's.
func chinese(r rune) bool {
	return r >= 0x3400 && (r >= 0x4E00 && r <= 0x9FFF || r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF || r >= 0x2A700 && r <= 0x2B73F ||
		r >= 0x2B740 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F)
}
