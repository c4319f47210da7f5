package tokenizer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// pattern is what Replace looks for and Split cuts at.
type pattern interface {
	// matches are the leftmost matches that do not overlap, in order. l lends scratch memory.
	matches(l *line, chars []char) []span
}

type span struct{ lo, hi int }

// newLiteral is a pattern that is a plain string.
func newLiteral(s string) (pattern, error) {
	if s == "" {
		return nil, errors.New("the pattern is empty")
	}
	return literal([]rune(s)), nil
}

type literal []rune

func (p literal) matches(_ *line, chars []char) (found []span) {
	for i := 0; i+len(p) <= len(chars); {
		if !startsWith(chars[i:], p) {
			i++
			continue
		}
		found = append(found, span{i, i + len(p)})
		i += len(p)
	}
	return found
}

func startsWith(chars []char, runes []rune) bool {
	if len(chars) < len(runes) {
		return false
	}
	for i, r := range runes {
		if chars[i].r != r {
			return false
		}
	}
	return true
}

// spaceRun is " {2,}", which every sentencepiece tokenizer has.
type spaceRun struct{}

func (spaceRun) matches(_ *line, chars []char) (found []span) {
	for i := 0; i < len(chars); i++ {
		lo := i
		for i < len(chars) && chars[i].r == ' ' {
			i++
		}
		if i-lo >= 2 {
			found = append(found, span{lo, i})
		}
	}
	return found
}

// gptPattern is the ByteLevel pre-tokenizer's own, which some files spell out.
const gptPattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

// gptWords matches gptPattern.
type gptWords struct{}

func (gptWords) matches(_ *line, chars []char) (found []span) {
	for i := 0; i < len(chars); {
		n := gptWord(chars[i:])
		found = append(found, span{i, i + n})
		i += n
	}
	return found
}

// newRegexp reads a pattern in Oniguruma's syntax. Go's engine does the matching, in linear time, so there are no look-arounds;
// the one that GPT-like tokenizers need, \s+(?!\S) as a branch of its own, is matched by hand.
func newRegexp(source string) (pattern, error) {
	switch source {
	case "":
		return nil, errors.New("the pattern is empty")
	case " {2,}":
		return spaceRun{}, nil
	case gptPattern:
		return gptWords{}, nil
	}
	branches, err := topLevel(source)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", source, err)
	}
	var p branchedRegexp
	byHand := false
	for _, b := range branches {
		if b == trailingSpace {
			p, byHand = append(p, nil), true
			continue
		}
		re, err := compile(`\A(?:` + b + `)`)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", source, err)
		}
		p = append(p, re)
	}
	if byHand {
		return p, nil
	}
	re, err := compile(source)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", source, err)
	}
	return wholeRegexp{re}, nil
}

type wholeRegexp struct{ re *regexp.Regexp }

func (p wholeRegexp) matches(l *line, chars []char) (found []span) {
	s := l.string(chars)
	i := 0
	index := func(b int) int {
		for l.at[i] < b {
			i++
		}
		return i
	}
	for _, m := range p.re.FindAllStringIndex(s, -1) {
		lo := index(m[0])
		found = append(found, span{lo, index(m[1])})
	}
	return found
}

// trailingSpace matches white space up to, but without, the last one before a word.
const trailingSpace = `\s+(?!\S)`

// branchedRegexp are the branches of an alternation, nil for trailingSpace. The first that matches at a place wins.
type branchedRegexp []*regexp.Regexp

func (p branchedRegexp) matches(l *line, chars []char) (found []span) {
	s := l.string(chars)
	for i := 0; i < len(chars); {
		n := p.match(s[l.at[i]:], chars[i:], l.at[i:])
		if n > 0 {
			found = append(found, span{i, i + n})
		}
		i += max(n, 1)
	}
	return found
}

// match is how many characters match at the beginning of chars, whose text is s and whose byte offsets are at.
func (p branchedRegexp) match(s string, chars []char, at []int) int {
	for _, re := range p {
		if re == nil {
			n := spaces(chars)
			if n < len(chars) {
				n--
			}
			if n > 0 {
				return n
			}
			continue
		}
		if m := re.FindStringIndex(s); m != nil {
			n := 0
			for at[n]-at[0] < m[1] {
				n++
			}
			return n
		}
	}
	return 0
}

// spaces counts the white space that chars begin with.
func spaces(chars []char) int {
	n := 0
	for n < len(chars) && unicode.IsSpace(chars[n].r) {
		n++
	}
	return n
}

// topLevel splits an alternation outside of all groups and classes.
func topLevel(source string) (branches []string, err error) {
	depth, from, class := 0, 0, false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			branches = append(branches, source[from:i])
			from = i + 1
		}
	}
	if depth != 0 || class {
		return nil, errors.New("a group or class is left open")
	}
	return append(branches, source[from:]), nil
}

func compile(source string) (*regexp.Regexp, error) {
	translated, err := translate(source)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(translated)
}

// translate writes an Oniguruma pattern in Go's syntax, with the classes spelled out as Oniguruma knows them. What means
// something else in Go is refused.
func translate(source string) (string, error) {
	var out strings.Builder
	out.WriteString("(?m)") // ^ and $ are the ends of a line
	class := false
	for i := 0; i < len(source); i++ {
		c, rest := source[i], source[i:]
		switch {
		case c == '\\':
			ranges, n, err := escape(rest)
			if err != nil {
				return "", err
			}
			switch {
			case ranges == nil:
				out.WriteString(rest[:n])
			case class:
				out.WriteString(spell(ranges))
			default:
				out.WriteString("[" + spell(ranges) + "]")
			}
			i += n - 1
			continue
		case class && (c == '[' || strings.HasPrefix(rest, "&&")):
			return "", fmt.Errorf("a class within a class, at %q, is not supported", rest)
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if strings.HasPrefix(rest, "[]") || strings.HasPrefix(rest, "[^]") {
				return "", errors.New("an empty class is not supported")
			}
		case strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?:") && !strings.HasPrefix(rest, "(?i:"):
			return "", fmt.Errorf("the group %q is not supported", rest[:min(4, len(rest))])
		case c == '+' && i > 0 && strings.IndexByte("*+?", source[i-1]) >= 0 && (i < 2 || source[i-2] != '\\'):
			return "", errors.New("possessive repetition is not supported")
		case strings.HasPrefix(rest, "{,"):
			return "", errors.New("the repetition {,n} is not supported")
		}
		out.WriteByte(c)
	}
	return out.String(), nil
}

// escape reads the escape that s begins with: the ranges of a class, or nil for one that Go knows too, and its length.
func escape(s string) (ranges []rune, n int, err error) {
	if len(s) < 2 {
		return nil, 0, errors.New("it ends in a backslash")
	}
	switch c := s[1]; {
	case c == 'p' || c == 'P':
		name, _, ok := strings.Cut(s[2:], "}")
		if !ok || !strings.HasPrefix(name, "{") {
			return nil, 0, fmt.Errorf("%q names no property", s)
		}
		n = len(name) + 3
		name, negated := strings.CutPrefix(name[1:], "^")
		table := properties[name]
		if table == nil {
			return nil, 0, fmt.Errorf("the property %q is not supported", name)
		}
		return rangesOf(table, negated != (c == 'P')), n, nil
	case strings.IndexByte("sSdDwW", c) >= 0:
		table := map[byte]*unicode.RangeTable{'s': unicode.White_Space, 'd': onigDigit, 'w': onigWord}[c|0x20]
		return rangesOf(table, c < 'a'), 2, nil
	case strings.IndexByte("tnrfvAz", c) >= 0, c < 0x80 && !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'):
		return nil, 2, nil
	}
	return nil, 0, fmt.Errorf("the escape %q is not supported", s[:2])
}

var properties = map[string]*unicode.RangeTable{
	"L": onigLetter, "N": onigNumber, "M": onigMark, "P": onigPunct, "S": onigSymbol, "Z": unicode.Z, "Nd": onigDigit,
	"Lu": onigUpper, "Ll": onigLower, "Lt": onigTitle, "Lm": onigModifier, "Lo": onigOtherLetter, "Han": onigHan,
}

// rangesOf are the code points of a table, or all others, as pairs of first and last.
func rangesOf(t *unicode.RangeTable, negated bool) (pairs []rune) {
	next := rune(0)
	add := func(lo, hi rune) {
		if !negated {
			pairs = append(pairs, lo, hi)
		} else if next < lo {
			pairs = append(pairs, next, lo-1)
		}
		next = hi + 1
	}
	visit := func(lo, hi, stride rune) {
		if stride == 1 {
			add(lo, hi)
			return
		}
		for r := lo; r <= hi; r += stride {
			add(r, r)
		}
	}
	for _, r := range t.R16 {
		visit(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		visit(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	if negated && next <= unicode.MaxRune {
		pairs = append(pairs, next, unicode.MaxRune)
	}
	return pairs
}

func spell(pairs []rune) string {
	var out strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&out, `\x{%x}-\x{%x}`, pairs[i], pairs[i+1])
	}
	return out.String()
}
