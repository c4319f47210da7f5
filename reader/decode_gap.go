package reader

import (
	"math"
	"strings"
	"unicode"

	"github.com/tryall/tryall/qa"
)

// opened is a window from which spans are still to be chosen.
type opened interface {
	// best is the best span that is left; of equal ones the one that starts, then ends first.
	best() (span, bool)
	// block takes away all spans that share a byte of the passage with r.
	block(r qa.Range)
}

// decodeGap scores every span of the passage that has a visible character by the sum of its two logits, and can give them
// all: which of them count is known once the other windows are there. The classification token gives the null score.
// The beam head has only some spans, scored by the sum of two log probabilities, and a classification logit.
func decodeGap(w *window, s *settings) found {
	if w.beam != nil {
		f := decodeBeam(w, s)
		list := &spanList{}
		for _, span := range f.spans {
			if span.bytes = trim(w, span.bytes); span.bytes.Len() > 0 {
				list.spans = append(list.spans, span)
			}
		}
		return found{null: f.null, open: list}
	}
	null := span{w: w, none: true, start: w.start[w.cls], end: w.end[w.cls], score: sum(w.start[w.cls], w.end[w.cls])}
	return found{null: null, open: rest(newGrid(w, s.maxAnswerLen))}
}

// sum adds two logits without rounding.
func sum(a, b float32) float64 { return float64(a) + float64(b) }

// trim takes white space off both ends, which some tokenizers count to the token beside it.
func trim(w *window, r qa.Range) qa.Range {
	text := r.Of(w.passage.Text)
	r.Start += len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	r.End = r.Start + len(strings.TrimSpace(text))
	return r
}

// spanList is opened over few spans.
type spanList struct{ spans []span }

func (l *spanList) best() (span, bool) {
	if len(l.spans) == 0 {
		return span{}, false
	}
	return l.spans[0], true
}

func (l *spanList) block(r qa.Range) {
	kept := l.spans[:0]
	for _, s := range l.spans {
		if !overlap(s.bytes, r) {
			kept = append(kept, s)
		}
	}
	l.spans = kept
}

func overlap(a, b qa.Range) bool { return a.Start < b.End && b.Start < a.End }

// grid is opened over all spans of a window: for every start it knows the best end. Choosing a span changes that only
// for the starts within reach, so k spans cost about tokens*reach + k*(tokens + reach*reach) steps, without a sort.
type grid struct {
	w       *window
	reach   int
	visible []int  // visible[i] is the first token at or after i with a visible character; lengths and indices count from w.lo
	blocked []bool // tokens that are taken
	cut     []bool // cut[i]: something between tokens i-1 and i is taken
	end     []int  // the best end for each start, -1 where there is none
	top     int    // the start of the best span, -1 where there is none
}

func newGrid(w *window, maxAnswerLen int) *grid {
	n := w.hi - w.lo
	g := &grid{w: w, reach: min(maxAnswerLen, n), visible: make([]int, n), blocked: make([]bool, n), cut: make([]bool, n), end: make([]int, n)}
	for i, next := n-1, n; i >= 0; i-- {
		if trim(w, w.bytesOf(w.lo+i, w.lo+i)).Len() > 0 {
			next = i
		}
		g.visible[i] = next
	}
	g.choose(0, n)
	return g
}

// choose finds the best ends for starts from to to, then the best span.
func (g *grid) choose(from, to int) {
	ends := g.w.end[g.w.lo:g.w.hi]
	for s := from; s < to; s++ {
		best := -1
		for e := s; e < min(s+g.reach, len(ends)) && !g.blocked[e] && (e == s || !g.cut[e]); e++ {
			if e >= g.visible[s] && (best < 0 || ends[e] > ends[best]) {
				best = e
			}
		}
		g.end[s] = best
	}
	g.top = -1
	for s, e := range g.end {
		if e >= 0 && (g.top < 0 || g.score(s) > g.score(g.top)) {
			g.top = s
		}
	}
}

func (g *grid) score(s int) float64 { return sum(g.w.start[g.w.lo+s], g.w.end[g.w.lo+g.end[s]]) }

func (g *grid) best() (span, bool) {
	if g.top < 0 {
		return span{}, false
	}
	from, to := g.w.lo+g.top, g.w.lo+g.end[g.top]
	return span{w: g.w, bytes: trim(g.w, g.w.bytesOf(from, to)), start: g.w.start[from], end: g.w.end[to], score: g.score(g.top)}, true
}

func (g *grid) block(r qa.Range) {
	if n := len(g.blocked); n == 0 || !overlap(g.w.bytesOf(g.w.lo, g.w.hi-1), r) {
		return
	}
	first, last := len(g.blocked), -1
	for i := range g.blocked {
		token := g.w.bytesOf(g.w.lo+i, g.w.lo+i)
		taken := overlap(token, r) && overlap(trim(g.w, token), r)
		between := i > 0 && overlap(qa.Range{Start: g.w.Offsets[g.w.lo+i-1].End, End: token.Start}, r)
		if taken || between {
			first, last = min(first, i), i
			g.blocked[i], g.cut[i] = g.blocked[i] || taken, g.cut[i] || between
		}
	}
	if last >= 0 {
		g.choose(max(0, first-g.reach+1), last+1)
	}
}

// resting is a grid put away: it knows the best span, and makes the grid again from the window's logits when something of the
// window is taken. Most windows of a long text never see that.
type resting struct {
	w     *window
	reach int
	bytes qa.Range // all that the window has of the passage
	top   span
	left  bool
	grid  *grid // once it was made again
}

func rest(g *grid) *resting {
	r := &resting{w: g.w, reach: g.reach}
	if g.w.hi > g.w.lo {
		r.bytes = g.w.bytesOf(g.w.lo, g.w.hi-1)
	}
	r.top, r.left = g.best()
	return r
}

func (r *resting) best() (span, bool) {
	if r.grid != nil {
		return r.grid.best()
	}
	return r.top, r.left
}

func (r *resting) block(taken qa.Range) {
	if r.grid == nil {
		if !overlap(r.bytes, taken) {
			return
		}
		r.w.open()
		r.grid = newGrid(r.w, r.reach)
	}
	r.grid.block(taken)
}

// mergeGap takes the best span of all windows, then the best of those that do not overlap it, and so on. Between
// passages it ranks by the gap over the passage's own null score, which is the least of its windows, when the model can
// abstain, and else by score alone. Answers are those whose gap exceeds the threshold, all where "no answer" is ruled out.
func mergeGap(t *task) qa.Prediction {
	s := t.settings
	nulls := make([]float64, len(t.hits))
	for i := range nulls {
		nulls[i] = math.Inf(1)
	}
	lowest := math.Inf(1)
	for _, w := range t.windows {
		nulls[w.hit] = min(nulls[w.hit], w.found.null.score)
		lowest = min(lowest, nulls[w.hit])
	}

	p := qa.Prediction{NullKind: qa.NullLogit, Null: lowest}
	for len(p.Candidates) < max(s.nBest, s.topK) {
		next, ok := t.bestOpen(nulls)
		if !ok {
			break
		}
		a := t.answer(next)
		a.Gap = next.score - nulls[next.w.hit]
		if c := s.calibration; c != nil {
			probability := c.Probability(a.Gap)
			a.P = &probability
		}
		p.Candidates = append(p.Candidates, a)
		t.blockAll(next)
	}
	for _, a := range p.Candidates {
		if len(p.Answers) < s.topK && (!s.noAnswer || a.Gap > s.threshold) {
			p.Answers = append(p.Answers, a)
		}
	}
	if len(p.Candidates) > 0 {
		p.Null = nulls[p.Candidates[0].Hit]
	} else {
		p.Warnings = append(p.Warnings, "the text has no visible character that the tokenizer knows as a token")
	}
	if p.Abstained = len(p.Answers) == 0; !p.Abstained {
		p.Text = p.Answers[0].Text
	}
	return p
}

// bestOpen is the best span that is left in any window; of equal ones that of the first window.
func (t *task) bestOpen(nulls []float64) (best span, ok bool) {
	rank := 0.0
	for _, w := range t.windows {
		s, left := w.found.open.best()
		if !left {
			continue
		}
		r := s.score
		if t.settings.rankByGap {
			r -= nulls[w.hit]
		}
		if !ok || r > rank {
			best, rank, ok = s, r, true
		}
	}
	return best, ok
}

// blockAll takes away what overlaps s, also in other passages of the same document.
func (t *task) blockAll(s span) {
	from := s.w.passage
	for _, w := range t.windows {
		to := w.passage
		if w.hit != s.w.hit && (from.Doc == "" || from.Doc != to.Doc) {
			continue
		}
		shift := from.Range.Start - to.Range.Start
		w.found.open.block(qa.Range{Start: s.bytes.Start + shift, End: s.bytes.End + shift})
	}
}
