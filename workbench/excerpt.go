package workbench

import (
	"strings"
	"unicode/utf8"

	"github.com/tryall/tryall/eval"
)

// Excerpts is d with passages longer than size bytes cut into parts of about that size, at the ends of paragraphs or sentences and
// never inside a gold answer. A question goes with the part that holds its first gold answer, or with the first part if it has
// none. Golds of other parts are dropped.
func Excerpts(d *eval.Dataset, size int) *eval.Dataset {
	e := *d
	e.Passages, e.Examples = nil, make([]eval.Example, len(d.Examples))
	byPassage := make([][]int, len(d.Passages))
	for i := range d.Examples {
		p := d.Examples[i].Passage
		byPassage[p] = append(byPassage[p], i)
	}
	for p, examples := range byPassage {
		text := d.Passages[p].Text
		starts := codePointStarts(text)
		var golds [][2]int // bytes
		for _, i := range examples {
			for _, g := range d.Examples[i].Answers {
				if at := starts(g.Start); at >= 0 {
					golds = append(golds, [2]int{at, at + len(g.Text)})
				}
			}
		}
		first := len(e.Passages)
		cuts := cutText(text, size, golds)
		for c := range len(cuts) - 1 {
			e.Passages = append(e.Passages, eval.Passage{Article: d.Passages[p].Article, Text: text[cuts[c]:cuts[c+1]]})
		}
		for _, i := range examples {
			e.Examples[i] = place(d.Examples[i], first, cuts, text, starts)
		}
	}
	return &e
}

// place moves a question to the part that holds its answer.
func place(x eval.Example, first int, cuts []int, text string, starts func(int) int) eval.Example {
	x.Passage = first
	part, golds := -1, []eval.Gold(nil)
	for _, g := range x.Answers {
		at := starts(g.Start)
		for c := range len(cuts) - 1 {
			if at < cuts[c] || at >= cuts[c+1] || part >= 0 && part != c {
				continue
			}
			part = c
			golds = append(golds, eval.Gold{Text: g.Text, Start: utf8.RuneCountInString(text[cuts[c]:at])})
		}
	}
	if part >= 0 {
		x.Passage, x.Answers, x.Plausible = first+part, golds, nil
	}
	return x
}

// cutText gives the bounds of the parts, the ends of the text among them.
func cutText(text string, size int, golds [][2]int) []int {
	cuts := []int{0}
	for start := 0; len(text)-start > size; {
		end := start + lastBreak(text[start:start+size])
		for again := true; again; {
			again = false
			for _, g := range golds {
				if g[0] < end && end < g[1] {
					end, again = g[1], true
				}
			}
		}
		if end >= len(text) {
			break
		}
		cuts, start = append(cuts, end), end
	}
	return append(cuts, len(text))
}

// lastBreak is the end of the last paragraph of s, else of its last sentence, else of its last word, if that leaves at least half of s.
func lastBreak(s string) int {
	for _, ends := range [][]string{{"\n\n"}, {". ", ".\n", "? ", "! "}, {" ", "\n"}} {
		at := -1
		for _, end := range ends {
			if i := strings.LastIndex(s, end); i >= 0 {
				at = max(at, i+len(end))
			}
		}
		if at > len(s)/2 {
			return at
		}
	}
	at := len(s)
	for at > 1 && !utf8.RuneStart(s[at-1]) {
		at--
	}
	return max(at-1, 1)
}

// codePointStarts returns a function from code points to bytes of a text; -1 where there is no such code point.
func codePointStarts(text string) func(point int) int {
	var bytes []int
	for i := range text {
		bytes = append(bytes, i)
	}
	return func(point int) int {
		if point < 0 || point >= len(bytes) {
			return -1
		}
		return bytes[point]
	}
}
