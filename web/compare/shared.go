package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// together are the texts that the models answered from, each once, with the answers of all of them marked.
type together struct {
	Signed   []signed // the models that answer, in the order chosen
	Silent   []*ui.Card
	Passages []passage
}

// signed is a model with the number that its answers bear.
type signed struct {
	*ui.Card
	Number int
}

// passage is a stretch of a text.
type passage struct {
	Where  string
	Models int // that answer from it
	Lanes  int // lines beneath each other
	Pieces []piece
}

// piece is a stretch under the same lines.
type piece struct {
	Text   string
	Kind   string      // one of ui's Piece constants
	Lines  []underline // outermost first
	Ending []signed    // models whose answers end here
}

// underline is the line of a model's answer.
type underline struct {
	Number, Hue, Lane int
}

// maxLanes is how many lines may lie beneath each other; of further models the numbers alone are there.
const maxLanes = 6

// around is how much of a text is shown on either side of the sentence of an answer, in bytes.
const around = 240

// Shared are the texts with the answers in them.
func (r *results) Shared() (t together) {
	chosen := slices.Clone(r.Cards)
	slices.SortStableFunc(chosen, func(a, b *ui.Card) int { return cmp.Compare(a.Hue, b.Hue) })
	byDoc, docs := map[string][]signed{}, []string{}
	for _, c := range chosen {
		switch {
		case c.Err != nil || c.Busy || c.Result == nil:
		case !c.Answered() || c.Spot.Range.Len() <= 0:
			t.Silent = append(t.Silent, c)
		default:
			s := signed{c, len(t.Signed) + 1}
			t.Signed = append(t.Signed, s)
			if byDoc[c.Spot.Doc] == nil {
				docs = append(docs, c.Spot.Doc)
			}
			byDoc[c.Spot.Doc] = append(byDoc[c.Spot.Doc], s)
		}
	}
	for _, d := range docs {
		t.Passages = append(t.Passages, passagesOf(byDoc[d])...)
	}
	slices.SortStableFunc(t.Passages, func(a, b passage) int { return -cmp.Compare(a.Models, b.Models) })
	return t
}

// laid is an answer with the line that it is given.
type laid struct {
	signed
	place workbench.Place
	lane  int // maxLanes and more: none
}

// passagesOf cuts a text into stretches around the answers; those that are near each other share one.
func passagesOf(answers []signed) (out []passage) {
	list := make([]laid, len(answers))
	for i, s := range answers {
		list[i] = laid{signed: s, place: workbench.PlaceOf(s.Spot.Text, s.Spot.Range, around)}
	}
	slices.SortStableFunc(list, func(a, b laid) int {
		return cmp.Or(cmp.Compare(a.place.Span.Start, b.place.Span.Start), -cmp.Compare(a.place.Span.End, b.place.Span.End))
	})
	for i := range list {
		for lane := 0; ; lane++ {
			free := !slices.ContainsFunc(list[:i], func(o laid) bool {
				return o.lane == lane && o.place.Span.Start < list[i].place.Span.End && list[i].place.Span.Start < o.place.Span.End
			})
			if free {
				list[i].lane = lane
				break
			}
		}
	}
	slices.SortStableFunc(list, func(a, b laid) int { return cmp.Compare(a.place.Shown.Start, b.place.Shown.Start) })
	for len(list) > 0 {
		end, n := list[0].place.Shown.End, 1
		for n < len(list) && list[n].place.Shown.Start <= end {
			end = max(end, list[n].place.Shown.End)
			n++
		}
		out = append(out, passageOf(list[:n], qa.Range{Start: list[0].place.Shown.Start, End: end}))
		list = list[n:]
	}
	return out
}

// passageOf marks the answers in a stretch of their text.
func passageOf(list []laid, shown qa.Range) passage {
	text := list[0].Spot.Text
	p := passage{Where: whereOf(list), Models: len(list)}
	cuts := []int{shown.Start, shown.End}
	for _, l := range list {
		cuts = append(cuts, l.place.Span.Start, l.place.Span.End, l.place.Sentence.Start, l.place.Sentence.End)
		p.Lanes = max(p.Lanes, min(l.lane+1, maxLanes))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	if shown.Start > 0 {
		p.Pieces = append(p.Pieces, piece{Text: "… ", Kind: ui.PieceCut})
	}
	for i := range len(cuts) - 1 {
		p.Pieces = append(p.Pieces, pieceOf(text, list, qa.Range{Start: cuts[i], End: cuts[i+1]}))
	}
	if shown.End < len(text) {
		p.Pieces = append(p.Pieces, piece{Text: " …", Kind: ui.PieceCut})
	}
	return p
}

// whereOf names the places of answers that are shown in one stretch: it may reach over pages and headings.
func whereOf(list []laid) string {
	var places []string
	for _, l := range slices.SortedStableFunc(slices.Values(list), func(a, b laid) int { return cmp.Compare(a.place.Span.Start, b.place.Span.Start) }) {
		if l.Where != "" && !slices.Contains(places, l.Where) {
			places = append(places, l.Where)
		}
	}
	return strings.Join(places, "; ")
}

// pieceOf is a stretch within which nothing begins or ends.
func pieceOf(text string, list []laid, r qa.Range) piece {
	out := piece{Text: ui.Visible(r.Of(text)), Kind: ui.PieceFar}
	within := func(x qa.Range) bool { return x.Start <= r.Start && r.End <= x.End }
	for _, l := range list {
		if within(l.place.Sentence) {
			out.Kind = ui.PieceSentence
		}
		if within(l.place.Span) && l.lane < maxLanes {
			out.Lines = append(out.Lines, underline{l.Number, l.Hue, l.lane})
		}
		if l.place.Span.End == r.End {
			out.Ending = append(out.Ending, l.signed)
		}
	}
	slices.SortFunc(out.Lines, func(a, b underline) int { return -cmp.Compare(a.Lane, b.Lane) })
	slices.SortFunc(out.Ending, func(a, b signed) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// class are the classes of a line: its colour, its manner and its place below the text.
func (u underline) class() string {
	return fmt.Sprintf("under under-hue%d under-kind%d under-lane%d", u.Hue%8, u.Hue%4, u.Lane)
}
