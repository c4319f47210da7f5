package corpus

import (
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// PassageOptions says how a document is cut.
type PassageOptions struct {
	Words int // wanted length of a passage; 0 means DefaultWords
}

// DefaultWords is the wanted length of a passage: with a question it fits one window of a reader of 384 tokens.
const DefaultWords = 200

// Passages cuts a document into passages of about the wanted number of words; two characters of a script without spaces count
// as a word. Passages are in order and hold every character that is not white space exactly once. They end where paragraphs
// end, or sentences, or lines, in this order of preference; a heading stays with what follows. Inside a sentence is cut only
// where one is longer than half as much again as wanted, between words, and inside a word only where one alone is. Long ones are
// data rather than text, and twelve bytes of those count as a word.
func Passages(d qa.Document, o PassageOptions) []qa.Passage {
	words := o.Words
	if words <= 0 {
		words = DefaultWords
	}
	units := segment(d, 2*words)
	if len(units) == 0 {
		return nil
	}
	cuts := partition(units, 2*words)
	passages := make([]qa.Passage, 0, len(cuts))
	pages, heads := labels{kind: qa.MarkPage, marks: d.Marks}, labels{kind: qa.MarkHeading, marks: d.Marks}
	first := 0
	for _, end := range cuts {
		r := qa.Range{Start: units[first].start, End: units[end-1].end}
		passages = append(passages, qa.Passage{Doc: d.ID, Range: r, Text: d.Text[r.Start:r.End], Title: d.Title, Page: pages.at(r.Start), Heading: heads.at(r.Start)})
		first = end
	}
	return passages
}

// labels is qa.Label for places that only grow, in one pass over the marks.
type labels struct {
	kind  qa.MarkKind
	marks []qa.Mark
	label string
}

func (l *labels) at(at int) string {
	for len(l.marks) > 0 && l.marks[0].At <= at {
		if l.marks[0].Kind == l.kind {
			l.label = l.marks[0].Label
		}
		l.marks = l.marks[1:]
	}
	return l.label
}

// cost of a passage that ends before a unit, by what stands there.
var breakCost = [...]float64{atHeading: -0.05, atParagraph: 0, atSentence: 0.1, atLine: 0.15, atWord: 0.5, atCluster: 1, afterHeading: 4}

// partition finds the ends of the passages, as indices behind their last units, with the least sum of costs: the squared
// deviation of each from the wanted size, and what it costs to cut where it ends. No passage of several units is longer than 1.5
// times the wanted size. Sizes are in half words.
func partition(units []unit, wanted int) []int {
	n, most := len(units), wanted+wanted/2
	least := make([]float64, n+1) // cost of the best partition of units[:i]
	from := make([]int32, n+1)    // where its last passage begins
	for end := 1; end <= n; end++ {
		size, best := 0, -1.0
		for start := end - 1; start >= 0; start-- {
			size += units[start].size
			if size > most && start < end-1 {
				break
			}
			off := float64(size-wanted) / float64(wanted)
			cost := least[start] + off*off
			if start > 0 {
				cost += breakCost[units[start].after]
			}
			if best < 0 || cost < best {
				best, from[end] = cost, int32(start)
			}
			if start == 0 {
				break
			}
		}
		least[end] = best
	}
	var cuts []int
	for end := n; end > 0; end = int(from[end]) {
		cuts = append(cuts, end)
	}
	slices.Reverse(cuts)
	return cuts
}

// Join makes one document of several, apart by empty lines. Titles become headings among its marks; the text holds only what
// the documents hold.
func Join(docs []qa.Document) qa.Document {
	if len(docs) == 0 {
		return qa.Document{}
	}
	if len(docs) == 1 {
		return docs[0]
	}
	var text strings.Builder
	joined := qa.Document{ID: docs[0].ID, Source: docs[0].Source}
	seen := map[qa.MarkKind]bool{}
	for i, d := range docs {
		if i > 0 {
			text.WriteString(paragraphBreak)
		}
		at := text.Len()
		for _, kind := range []qa.MarkKind{qa.MarkPage, qa.MarkHeading} { // what held before holds no longer
			label := ""
			if kind == qa.MarkHeading {
				label = d.Title
			}
			if (label != "" || seen[kind]) && !(len(d.Marks) > 0 && marked(d.Marks, kind)) {
				joined.Marks = append(joined.Marks, qa.Mark{At: at, Kind: kind, Label: label})
				seen[kind] = true
			}
		}
		for _, m := range d.Marks {
			joined.Marks = append(joined.Marks, qa.Mark{At: at + m.At, Kind: m.Kind, Label: m.Label})
			seen[m.Kind] = true
		}
		text.WriteString(d.Text)
	}
	joined.Text = text.String()
	joined.Title = docs[0].Title
	for _, d := range docs[1:] {
		if d.Source != joined.Source {
			joined.Source, joined.Title = "", ""
			break
		}
		if d.Title != joined.Title {
			joined.Title = ""
		}
	}
	return joined
}

// marked says whether a mark of the kind stands at the text's first byte.
func marked(marks []qa.Mark, kind qa.MarkKind) bool {
	for _, m := range marks {
		if m.At > 0 {
			return false
		}
		if m.Kind == kind {
			return true
		}
	}
	return false
}
