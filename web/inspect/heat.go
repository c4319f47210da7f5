package inspect

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// candidatesOf are the spans that competed, best first; entries that stand for "no answer" are among those of some decoders.
func candidatesOf(t *workbench.Trace) []qa.Answer {
	if list := t.Result.Candidates(); len(list) > 0 {
		return list
	}
	return t.Result.Spans()
}

// token is one token of a window as it is shown.
type token struct {
	Before string // white space of the text before it
	Text   string
	Class  string // how likely it is as start and end
	Title  string // in numbers, where it is worth them
}

// levels are the probabilities from which on a token stands out more.
var levels = []float64{0.005, 0.02, 0.05, 0.2, 0.5}

func level(p float64) int {
	n := 0
	for _, l := range levels {
		if p >= l {
			n++
		}
	}
	return n
}

// heat are the tokens of a window: those of the question as the vocabulary spells them, those of the passage as they stand there.
func heat(t *workbench.Trace, w *workbench.TraceWindow) []token {
	text := t.Text(w)
	out := make([]token, len(w.IDs))
	end := -1
	for i := range w.IDs {
		k := &out[i]
		if !w.InContext[i] {
			k.Before, k.Text, k.Class = " ", ui.Visible(w.Tokens[i]), "fr"
			end = -1
		} else {
			r := w.Offsets[i]
			if k.Before = " "; end >= 0 && r.Start >= end {
				k.Before = ui.Visible(text[end:r.Start])
			}
			if k.Text, end = ui.Visible(r.Of(text)), r.End; k.Text == "" {
				k.Text = ui.Visible(w.Tokens[i])
			}
		}
		if w.StartP == nil {
			continue
		}
		if s := level(w.StartP[i]); s > 0 {
			k.Class = add(k.Class, "s"+strconv.Itoa(s))
		}
		if e := level(w.EndP[i]); e > 0 {
			k.Class = add(k.Class, "e"+strconv.Itoa(e))
		}
		if w.StartP[i] >= levels[0] || w.EndP[i] >= levels[0] {
			k.Title = fmt.Sprintf("start %s (%s), end %s (%s)", share(w.StartP[i]), ui.Number(float64(w.Start[i])), share(w.EndP[i]), ui.Number(float64(w.End[i])))
		}
	}
	return out
}

func add(class, more string) string {
	if class == "" {
		return more
	}
	return class + " " + more
}

// share is a probability in percent: small ones keep a digit.
func share(p float64) string {
	switch {
	case p >= 0.0995:
		return fmt.Sprintf("%.0f %%", 100*p)
	case p >= 0.0005:
		return fmt.Sprintf("%.1f %%", 100*p)
	}
	return "< 0.1 %"
}

// strip is one row of bars over all tokens of a window: their heights are the probabilities.
type strip struct {
	N    int
	Bars []bar
}

// bar is a token that is likely enough for one.
type bar struct {
	At     int
	Height string // of stripHeight
	Top    string
	Title  string
}

const stripHeight = 28

// strips are the rows of starts, whose bars grow upwards, and of ends, whose bars grow downwards.
func strips(t *workbench.Trace, w *workbench.TraceWindow) (start, end strip) {
	row := func(p []float64, what string, up bool) strip {
		s := strip{N: len(p)}
		for i, v := range p {
			if v < levels[0] {
				continue
			}
			h := max(1, math.Sqrt(v)*stripHeight)
			b := bar{At: i, Height: short(h), Top: "0", Title: fmt.Sprintf("%s: %s %s", word(t, w, i), what, share(v))}
			if up {
				b.Top = short(stripHeight - h)
			}
			s.Bars = append(s.Bars, b)
		}
		return s
	}
	return row(w.StartP, "start", true), row(w.EndP, "end", false)
}

func short(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// word is a token in words.
func word(t *workbench.Trace, w *workbench.TraceWindow, i int) string {
	if i == w.CLS && !w.InContext[i] {
		return "“no answer”"
	}
	if w.InContext[i] {
		if s := strings.TrimSpace(w.Offsets[i].Of(t.Text(w))); s != "" {
			return ui.Visible(s)
		}
	}
	return ui.Visible(w.Tokens[i])
}

// logits are a window's logits as the script reads them.
func logits(f []float32) string {
	var b strings.Builder
	for i, v := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatFloat(float64(v), 'f', 2, 32))
	}
	return b.String()
}

// stripAlt says what the strips show.
func stripAlt(t *workbench.Trace, w *workbench.TraceWindow) string {
	most := func(p []float64) int {
		at := 0
		for i := range p {
			if p[i] > p[at] {
				at = i
			}
		}
		return at
	}
	s, e := most(w.StartP), most(w.EndP)
	return fmt.Sprintf("Probabilities of %s: the likeliest start is %s, %s, the likeliest end %s, %s.", ui.Plural(len(w.IDs), "token"),
		word(t, w, s), share(w.StartP[s]), word(t, w, e), share(w.EndP[e]))
}

// shownWindows is how many windows the list has on a page.
const shownWindows = 40

// windowRow is a line of the list of windows.
type windowRow struct {
	N         int // from 1
	Where     string
	Tokens    string
	Shared    int
	Null      float64
	Best      string
	Sum       *float64
	Gap       *float64
	Current   bool
	HasAnswer bool
}

// windowRows are the windows around the one that is shown, and from which number to which.
func (res *result) windowRows() (rows []windowRow, from, to int) {
	t := res.Trace
	from = res.Window / shownWindows * shownWindows
	to = min(len(t.Windows), from+shownWindows)
	candidate, found := t.Result.Candidate()
	holds := -1
	if found {
		holds = t.WindowOf(candidate)
	}
	for i := from; i < to; i++ {
		w := &t.Windows[i]
		r := windowRow{N: i + 1, Shared: w.Shared, Null: w.Null, Current: i == res.Window, HasAnswer: i == holds}
		r.Tokens = fmt.Sprintf("%d of %d", max(0, w.Hi-w.Lo), len(w.IDs))
		if w.Hi > w.Lo {
			r.Where = beginning(qa.Range{Start: w.Offsets[w.Lo].Start, End: w.Offsets[w.Hi-1].End}.Of(t.Text(w)))
		}
		if w.Doc != "" && t.Result.WindowCount > 0 && res.Card != nil && w.Index == 0 {
			r.Where = ui.Visible(ui.Shorten(t.Result.Shown(string(w.Doc)), 40)) + ": " + r.Where
		}
		if b := w.Best; b != nil {
			sum := b.Sum()
			r.Best, r.Sum = ui.Visible(ui.Shorten(b.Text, 60)), &sum
			gap := sum - w.Null
			r.Gap = &gap
		}
		rows = append(rows, r)
	}
	return rows, from, to
}

// beginning are the first words of a text.
func beginning(s string) string {
	return ui.Visible(ui.Shorten(strings.Join(strings.Fields(ui.Shorten(s, 200)), " "), 36))
}

// candidate is a line of the list of candidates.
type candidate struct {
	N          int // from 1
	Text       string
	Window     int // from 1; 0: none
	Start, End *float64
	Score      float64
	Gap        *float64
	P          *float64
	Answer     bool // it is an answer
	Current    bool
}

// candidateRows are the candidates with the terms of their scores.
func (res *result) candidateRows() (rows []candidate) {
	t := res.Trace
	answers := map[qa.Range]bool{}
	if !t.Result.Abstained {
		for _, a := range t.Result.Spans() {
			answers[a.Range] = a.Text != ""
		}
	}
	for i, a := range candidatesOf(t) {
		c := candidate{N: i + 1, Text: ui.Visible(ui.Shorten(a.Text, 120)), Window: t.WindowOf(a) + 1, Score: a.Score, Answer: answers[a.Range], Current: i == res.Span}
		if c.Text == "" {
			c.Text = "no answer"
		}
		if t.Params.Decoder != "hf" {
			start, end := a.StartLogit, a.EndLogit
			c.Start, c.End = &start, &end
		}
		switch t.Params.Decoder {
		case "gap":
			gap := a.Gap
			c.Gap, c.P = &gap, a.P
		case "hf":
		default:
			p := a.Probability
			c.P = &p
		}
		rows = append(rows, c)
	}
	return rows
}
