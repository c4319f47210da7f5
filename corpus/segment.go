package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"

	"github.com/tryall/tryall/qa"
)

// place says what a unit begins at.
type place uint8

const (
	atCluster    place = iota // inside a word
	atWord                    // between words
	atLine                    // at the beginning of a line
	atSentence                // of a sentence
	atParagraph               // of a paragraph
	atHeading                 // of a heading
	afterHeading              // right after a heading
)

// unit is a piece of text that is not cut, from its first to behind its last character that is not white space.
type unit struct {
	start, end int
	size       int   // in half words
	after      place // what it begins at
}

const (
	longToken = 36 // bytes of a token without spaces from which it is measured rather than counted
	perWord   = 12 // bytes of such a token that count as a word
)

// segment cuts a text into sentences; those of more than a third of wanted half words at lines, and those longer than
// wanted between words.
func segment(d qa.Document, wanted int) []unit {
	s := segmenter{text: d.Text, marks: d.Marks, fine: max(2, wanted/3), most: max(2, wanted+wanted/2), headingEnd: -1}
	s.run()
	return s.units
}

type segmenter struct {
	text  string
	marks []qa.Mark
	units []unit
	fine  int // size from which a sentence is cut at its lines
	most  int // size above which it is cut between words
	// the sentence that is being read: its words are units[open:] until it is known whether they stay apart
	open       int
	size       int
	hasLines   bool
	headingEnd int  // where the heading that is being read ends; -1 outside of one
	glue       bool // the next unit begins within a grapheme cluster, so it belongs to the one before
}

// run reads the text token by token, tokens being what white space parts.
func (s *segmenter) run() {
	at, text := 0, s.text
	next := atParagraph // what the next token begins at
	for at < len(text) {
		gapEnd, newlines := skipSpace(text, at)
		if at > 0 {
			switch {
			case newlines >= 2:
				next = atParagraph
			case newlines == 1 && next < atLine:
				next = atLine
			}
		}
		if gapEnd == len(text) {
			break
		}
		start := gapEnd
		end := tokenEnd(text, start)
		if start > 0 && joinsBefore(text, start) {
			next, s.glue = atWord, true
		}
		next = s.headings(start, next)
		s.token(start, end, next)
		next = atWord
		if endsHere(text, end) && s.headingEnd < 0 {
			next = atSentence
		}
		at = end
	}
	s.closeSentence()
}

// headings turns a place into that of a heading, where a mark stands at it, or right after one.
func (s *segmenter) headings(start int, next place) place {
	if s.headingEnd >= 0 && start >= s.headingEnd {
		s.headingEnd = -1
		if next >= atLine {
			next = afterHeading
		}
	}
	for len(s.marks) > 0 && s.marks[0].At <= start {
		m := s.marks[0]
		s.marks = s.marks[1:]
		if m.Kind != qa.MarkHeading || m.Label == "" {
			continue
		}
		if next != afterHeading && !s.glue {
			next = atHeading
		}
		if m.At == start && strings.HasPrefix(s.text[start:], m.Label) {
			s.headingEnd = start + len(m.Label)
		}
	}
	return next
}

// token adds a token to the sentence, or begins a sentence with it.
func (s *segmenter) token(start, end int, at place) {
	if at >= atSentence {
		s.closeSentence()
	} else if at == atLine {
		s.hasLines = true
	}
	if end-start <= longToken && ascii(s.text[start:end]) {
		s.append(unit{start, end, 2, at})
		return
	}
	s.longToken(start, end, at)
}

func (s *segmenter) append(u unit) {
	s.size += u.size
	if s.glue {
		s.glue = false
		if len(s.units) > 0 {
			last := &s.units[len(s.units)-1]
			last.end, last.size = u.end, last.size+u.size
			s.open = min(s.open, len(s.units)-1)
			return
		}
		_, size := utf8.DecodeLastRuneInString(s.text[:u.start])
		u.start -= size // white space that carries an accent
	}
	s.units = append(s.units, u)
}

// closeSentence puts the words of the sentence together, as far as they need not stay apart.
func (s *segmenter) closeSentence() {
	all := s.units[s.open:]
	if len(all) > 0 {
		lowest := atParagraph
		if s.size > s.most {
			lowest = atCluster
		} else if s.size > s.fine && s.hasLines {
			lowest = atLine
		}
		kept := 1
		for _, u := range all[1:] {
			last := &all[kept-1]
			// pieces of less than eight words are not worth a choice, but lines stay whole
			small := last.size < 16 && last.size+u.size <= s.most && (u.after == atWord || u.after == atLine && last.after >= atLine)
			if u.after < lowest || small {
				last.end, last.size = u.end, last.size+u.size
				continue
			}
			all[kept] = u
			kept++
		}
		s.units = s.units[:s.open+kept]
	}
	s.open, s.size, s.hasLines = len(s.units), 0, false
}

// longToken adds a token that is long or not ASCII: scripts without spaces are cut at their sentences and, like whatever
// is too long, at word boundaries; what is longer still, between grapheme clusters.
func (s *segmenter) longToken(start, end int, at place) {
	token := s.text[start:end]
	wide, runes := 0, 0
	for _, r := range token {
		if runes++; unbroken(r) && !unicode.IsMark(r) {
			wide++
		}
	}
	if wide == 0 && (len(token) <= longToken || runes <= longToken) {
		s.append(unit{start, end, 2, at})
		return
	}
	if wide > 0 {
		s.spaceless(start, end, at)
		return
	}
	size := max(2, 2*len(token)/perWord)
	if size <= s.most {
		s.append(unit{start, end, size, at})
		return
	}
	s.pieces(start, end, at)
}

// spaceless cuts a run of a script without spaces into sentences.
func (s *segmenter) spaceless(start, end int, at place) {
	text := s.text[:end]
	for i := start; i < end; {
		r, size := utf8.DecodeRuneInString(text[i:])
		stop := i
		i += size
		if !stops(r) {
			continue
		}
		for i < end { // what closes belongs to the sentence
			r, size := utf8.DecodeRuneInString(text[i:])
			if !stops(r) && !closes(r) && !unicode.In(r, unicode.M, unicode.Cf) {
				break
			}
			i += size
		}
		if i == end || r < utf8.RuneSelf && !amid(text, stop, i) {
			continue
		}
		s.clause(start, i, at)
		start, at = i, atSentence
	}
	s.clause(start, end, at)
}

// amid says whether a stop of ASCII stands between characters of a script without spaces: elsewhere it may be within a number or name.
func amid(text string, stop, next int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:stop])
	after, _ := utf8.DecodeRuneInString(text[next:])
	return unbroken(before) && unbroken(after)
}

// clause adds a sentence of a script without spaces.
func (s *segmenter) clause(start, end int, at place) {
	if at == atSentence {
		s.closeSentence()
	}
	size, other := 0, false
	for _, r := range s.text[start:end] {
		switch {
		case unbroken(r):
			if !unicode.IsMark(r) {
				size++
			}
			other = false
		case !other && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			size, other = size+2, true
		}
	}
	size = max(1, size)
	if size <= s.fine {
		s.append(unit{start, end, size, at})
		return
	}
	s.pieces(start, end, at)
}

// measure is the size of a part of a token.
func measure(part string) int {
	wide, other := 0, 0
	for _, r := range part {
		switch {
		case !unbroken(r):
			other += utf8.RuneLen(r)
		case !unicode.IsMark(r):
			wide++
		}
	}
	return max(1, wide+2*other/perWord)
}

// pieces adds a token as units of a few words each, cut at word boundaries where those are close, else between clusters.
func (s *segmenter) pieces(start, end int, at place) {
	from, size := start, 0
	emit := func(to int, next place) {
		if to > from {
			s.append(unit{from, to, size, at})
			from, size = to, 0
		}
		at = next
	}
	pos := start
	for it := words.FromString(s.text[start:end]); it.Next(); {
		word := it.Value()
		n := measure(word)
		if size > 0 && size+n > s.most/4 && !joinsBefore(s.text, pos) {
			emit(pos, atWord)
		}
		if n <= s.most {
			size += n
			pos += len(word)
			continue
		}
		for it := graphemes.FromString(word); it.Next(); {
			for cluster := it.Value(); cluster != ""; {
				part := cluster[:runeEnd(cluster, maxCluster)]
				if n := measure(part); size > 0 && size+n > s.most/4 {
					emit(pos, atCluster)
				}
				size += measure(part)
				pos += len(part)
				cluster = cluster[len(part):]
			}
		}
	}
	emit(end, atWord)
}

// maxCluster is the longest grapheme cluster that stays whole, in bytes: thousands of accents on one letter do not.
const maxCluster = 4096

// runeEnd is the end of the last whole character within the first most bytes.
func runeEnd(s string, most int) int {
	if len(s) <= most {
		return len(s)
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return most
}
