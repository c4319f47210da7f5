package workbench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Rival is a pair of tokens that scores high in a window, and why it is not the answer.
type Rival struct {
	TraceSpan
	Kind string // of reason; empty: nothing speaks against it
	Lost string // the reason in words
}

// rivalEdge is how many of the highest starts and ends are paired, mostRivals how many pairs are told, mostAlike how many for one reason.
const rivalEdge, mostRivals, mostAlike = 10, 12, 3

// The reasons why a pair is not the answer.
const (
	lostNone      = "none"      // it stands for "no answer"
	lostOutside   = "outside"   // of the passage
	lostBackwards = "backwards" // the end stands before the start
	lostLong      = "long"
	lostBlank     = "blank"
	lostOverlap   = "overlap" // with the best one
	lostLower     = "lower"
	lostElsewhere = "elsewhere" // higher, but another window or passage leads
)

// Rivals are the pairs of a window with the highest sums whatever a decoder would say of them, best first, at most three that lost for
// the same reason.
func (t *Trace) Rivals(w *TraceWindow) []Rival {
	if len(w.Start) == 0 {
		return nil
	}
	var out []Rival
	starts, ends := highest(w.Start, rivalEdge), highest(w.End, rivalEdge)
	for _, s := range starts {
		for _, e := range ends {
			out = append(out, Rival{TraceSpan: t.span(w, s, e)})
		}
	}
	slices.SortStableFunc(out, func(a, b Rival) int { return cmp.Compare(b.Sum(), a.Sum()) })
	told := map[string]int{}
	kept := out[:0]
	for _, r := range out {
		r.Kind, r.Lost = t.lost(w, r.TraceSpan)
		if told[r.Kind]++; told[r.Kind] <= mostAlike && len(kept) < mostRivals {
			kept = append(kept, r)
		}
	}
	return kept
}

// highest are the positions of the k highest logits; of equal ones the first.
func highest(logits []float32, k int) []int {
	at := make([]int, len(logits))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(logits[b], logits[a]) })
	return at[:min(k, len(at))]
}

// lost says why a pair of tokens is not the answer; empty where it is.
func (t *Trace) lost(w *TraceWindow, s TraceSpan) (kind, why string) {
	if kind, why := t.barred(w, s.From, s.To); kind != "" {
		return kind, why
	}
	best, found := t.Result.Candidate()
	at := t.WindowOf(best)
	if !found || at < 0 {
		return "", ""
	}
	same := t.Windows[at].Doc == w.Doc && (w.Doc != "" || t.Windows[at].Hit == w.Hit)
	if same && strings.TrimSpace(s.Range.Of(t.Text(w))) == best.Text && s.Range.Start <= best.Range.Start && best.Range.End <= s.Range.End {
		return "", ""
	}
	lead := t.leads(at)
	if lead == nil {
		return "", ""
	}
	behind := lead.Sum() - s.Sum()
	switch {
	case behind < 0 && t.Params.Decoder == "gap":
		return lostElsewhere, fmt.Sprintf("higher by %.2f, but its passage says \"no answer\" more strongly", -behind)
	case behind < 0:
		return lostElsewhere, fmt.Sprintf("higher by %.2f, but shares are taken inside each window", -behind)
	case same && s.Range.Start < best.Range.End && best.Range.Start < s.Range.End:
		return lostOverlap, fmt.Sprintf("lower by %.2f, and overlaps the best one", behind)
	}
	return lostLower, fmt.Sprintf("lower by %.2f", behind)
}

// leads is the pair of tokens of the best candidate, which was found in window at.
func (t *Trace) leads(at int) *TraceSpan {
	best, _ := t.Result.Candidate()
	if s, ok := t.tokensOf(&t.Windows[at], best); ok {
		return &s
	}
	return t.Windows[at].Best
}

// barred says why two tokens can be no answer at all; empty where they can.
func (t *Trace) barred(w *TraceWindow, from, to int) (kind, why string) {
	where := func(i int) string {
		if i == w.CLS {
			return "the token of \"no answer\""
		}
		return "outside the passage"
	}
	switch {
	case from == w.CLS && to == w.CLS && !w.InContext[from]:
		return lostNone, "stands for \"no answer\""
	case !w.InContext[from] && !w.InContext[to]:
		return lostOutside, "start and end are outside the passage"
	case !w.InContext[from]:
		return lostOutside, "the start is " + where(from)
	case !w.InContext[to]:
		return lostOutside, "the end is " + where(to)
	case to < from:
		return lostBackwards, "the end stands before the start"
	case to-from >= t.MaxAnswerLen():
		return lostLong, fmt.Sprintf("%d tokens, and an answer has at most %d", to-from+1, t.MaxAnswerLen())
	case t.Params.Decoder != "hf" && strings.TrimSpace(w.rangeOf(from, to).Of(t.Text(w))) == "":
		return lostBlank, "holds no visible character"
	}
	return "", ""
}

// tokensOf finds the pair of tokens behind an answer in its window. Under hf an answer may be wider than its tokens, to whole words.
func (t *Trace) tokensOf(w *TraceWindow, a qa.Answer) (best TraceSpan, ok bool) {
	if len(w.Start) == 0 {
		return best, false
	}
	text := t.Text(w)
	most := math.Inf(-1)
	for s := w.Lo; s < w.Hi; s++ {
		if w.Offsets[s].End <= a.Range.Start || w.Offsets[s].Start >= a.Range.End {
			continue
		}
		for e := s; e < min(w.Hi, s+t.MaxAnswerLen()); e++ {
			r := w.rangeOf(s, e)
			if sum := float64(w.Start[s]) + float64(w.End[e]); sum > most && t.names(text, r, a.Range) {
				most, best, ok = sum, t.span(w, s, e), true
			}
		}
	}
	return best, ok
}

// names says whether tokens that cover r can be what the answer was made of.
func (t *Trace) names(text string, r, answer qa.Range) bool {
	if t.Params.Decoder == "gap" || t.Params.Decoder == "hf" {
		inner := strings.TrimSpace(r.Of(text))
		at := r.Start + strings.Index(r.Of(text), inner)
		r = qa.Range{Start: at, End: at + len(inner)}
	}
	if r == answer {
		return true
	}
	if t.Params.Decoder != "hf" || t.Params.AlignToWords != nil && !*t.Params.AlignToWords {
		return false
	}
	if r.Start < answer.Start || r.End > answer.End || r.Len() <= 0 {
		return false
	}
	before, after := text[answer.Start:r.Start], text[r.End:answer.End]
	return !strings.ContainsAny(before, " \t\n\r") && !strings.ContainsAny(after, " \t\n\r")
}

// Beam is one of the beam head's starts with its ends, as a decoder reads them.
type Beam struct {
	From int
	P    float64 // of the start
	Ends []BeamEnd
}

// BeamEnd is an end for a start.
type BeamEnd struct {
	Rival
	P float64 // of the end, given the start
}

// Beams are the starts of a window, the likeliest first. The end of rank r for start i lies at r*starts+i; squad-beam-hf reads
// i*ends+r, as transformers does.
func (t *Trace) Beams(w *TraceWindow) []Beam {
	if w.Beam == nil || len(w.Beam.StartTopIndex) == 0 {
		return nil
	}
	starts := len(w.Beam.StartTopIndex)
	ends := len(w.Beam.EndTopIndex) / starts
	var out []Beam
	for i, from := range w.Beam.StartTopIndex {
		b := Beam{From: int(from), P: float64(w.Beam.StartTopLogProbs[i])}
		for rank := range ends {
			at := rank*starts + i
			if t.Params.Decoder == "squad-beam-hf" {
				at = i*ends + rank
			}
			to := int(w.Beam.EndTopIndex[at])
			e := BeamEnd{P: float64(w.Beam.EndTopLogProbs[at])}
			e.TraceSpan = t.span(w, b.From, to)
			e.Start, e.End = math.Log(b.P), math.Log(e.P)
			if t.Params.Decoder == "squad-beam-hf" {
				e.Start, e.End = b.P, e.P
			}
			e.Kind, e.Lost = t.barred(w, b.From, to)
			b.Ends = append(b.Ends, e)
		}
		out = append(out, b)
	}
	return out
}
