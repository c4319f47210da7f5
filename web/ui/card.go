package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// Card is what one model says, as pages show it.
type Card struct {
	Model, Label, Contestant string
	Hue                      int    // of the model on this page
	Group                    string // A, B, ...: who answers alike
	Err                      error
	Busy                     bool

	Result   *workbench.Result
	Passage  []Piece
	Where    string
	Best     string // the best span, whether it is the answer or only the closest
	Spot     Spot   // where that stands
	Gap      *float64
	Limit    float64 // what the gap must exceed, where Decides
	Decides  bool    // a threshold decided
	LimitBy  string  // who set that threshold, in words
	Anyway   string  // where it answers all the same; empty where it cannot be asked to
	Sure     *float64
	SureKind string
	Rows     []Row
	Kept     bool // decoded from kept logits: the model was not run
	Loaded   time.Duration
	Inspect  string // where it is shown how the answer came about; empty where there is no such page
}

// Spot is a stretch of a text.
type Spot struct {
	Doc   string // of a corpus
	Range qa.Range
	Text  string // that the range counts in
}

// Piece is a stretch of a passage in one manner.
type Piece struct {
	Text string
	Kind string // one of the Piece constants
}

// How a piece is shown.
const (
	PieceFar      = "far"      // around the sentence
	PieceSentence = ""         // of the answer
	PieceAnswer   = "answer"   // the answer itself
	PieceClosest  = "closest"  // the best candidate, which is no answer
	PieceAlso     = "also"     // a further answer
	PieceCut      = "ellipsis" // where text is left out
)

// Row is a candidate of the n-best list.
type Row struct {
	Text, Where string
	Score       float64
	Share       *float64 // a probability, where the decoder has one
	Listed      bool     // among the answers that were asked for
}

// Answered says whether there is an answer.
func (c *Card) Answered() bool {
	return c.Result != nil && !c.Result.Abstained && c.Result.Prediction != ""
}

// MS is how long the model took.
func (c *Card) MS() float64 {
	if c.Result == nil {
		return 0
	}
	return float64(c.Result.TookMS)
}

const (
	shownAround = 700 // bytes of the passage on either side of the sentence
	shownRows   = 10
)

// fill makes the card of a result.
func (c *Card) fill(r *workbench.Result, text string, kept bool) {
	c.Result, c.Kept = r, kept
	if r.Threshold != nil {
		c.Decides, c.Limit = true, float64(*r.Threshold)
	}
	best, found := r.Candidate()
	if found {
		c.Best, c.Spot = best.Text, Spot{string(best.Doc), best.Range, r.Text(best, text)}
		c.Passage = pieces(c.Spot.Text, best, c.Answered(), r)
		if r.Decoder == "gap" {
			c.Gap = &best.Gap
		}
	}
	if r.NullKind == qa.NullOdds && r.Null != nil {
		odds := -float64(*r.Null)
		c.Gap = &odds
		c.Limit = -c.Limit
	}
	c.sure(r, best, found)
	c.rows(r)
	if found {
		best := r.Best()
		best.Document = r.Shown(best.Document)
		c.Where = Where(best)
	}
}

// sure is how sure the model is, as far as anything says so: a calibrated probability, or that of a decoder, which is named as such.
func (c *Card) sure(r *workbench.Result, best qa.Answer, found bool) {
	switch {
	case !found:
	case best.P != nil:
		c.Sure, c.SureKind = best.P, "calibrated: the share of answers with such a gap that were right on labelled questions"
	case r.Decoder == "hf":
		c.Sure, c.SureKind = &best.Score, "the pipeline's score: a softmax inside its window, not comparable between texts"
	case r.Decoder != "gap":
		c.Sure, c.SureKind = &best.Probability, "a share among this question's own candidates, not comparable between questions"
	}
}

func (c *Card) rows(r *workbench.Result) {
	listed := func(a qa.Answer) bool {
		return c.Answered() && slices.ContainsFunc(r.Spans(), func(b qa.Answer) bool { return a.Range == b.Range && a.Doc == b.Doc })
	}
	list := r.Candidates()
	if len(list) == 0 { // these decoders list all that they kept
		list = r.Spans()
	}
	for _, a := range list {
		if len(c.Rows) == shownRows {
			break
		}
		row := Row{Text: Visible(Shorten(a.Text, 120)), Score: a.Score, Listed: listed(a)}
		if row.Text == "" {
			row.Text = "no answer"
		}
		switch {
		case r.Decoder == "gap":
			row.Score, row.Share = a.Gap, a.P
		case r.Decoder != "hf":
			row.Share = &a.Probability
		}
		c.Rows = append(c.Rows, row)
	}
}

// pieces cuts the text around the best span into what is shown, with the further answers that stand there.
func pieces(text string, best qa.Answer, answered bool, r *workbench.Result) []Piece {
	at := workbench.PlaceOf(text, best.Range, shownAround)
	type mark struct {
		qa.Range
		kind string
	}
	kind := PieceClosest
	if answered {
		kind = PieceAnswer
	}
	marks := []mark{{at.Span, kind}}
	if answered && (r.Decoder == "gap" || r.Decoder == "hf") { // the others list what they kept, not what was asked for
		for _, a := range r.Spans() {
			overlaps := slices.ContainsFunc(marks, func(m mark) bool { return a.Range.Start < m.End && m.Start < a.Range.End })
			if a.Doc == best.Doc && !overlaps && a.Range.Len() > 0 && a.Range.Start >= at.Shown.Start && a.Range.End <= at.Shown.End {
				marks = append(marks, mark{a.Range, PieceAlso})
			}
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return a.Start - b.Start })
	var out []Piece
	plain := func(from, to int) {
		for _, part := range []struct {
			lo, hi int
			kind   string
		}{{at.Shown.Start, at.Sentence.Start, PieceFar}, {at.Sentence.Start, at.Sentence.End, PieceSentence}, {at.Sentence.End, at.Shown.End, PieceFar}} {
			if lo, hi := max(from, part.lo), min(to, part.hi); lo < hi {
				out = append(out, Piece{Visible(text[lo:hi]), part.kind})
			}
		}
	}
	if at.Shown.Start > 0 {
		out = append(out, Piece{"… ", PieceCut})
	}
	next := at.Shown.Start
	for _, m := range marks {
		plain(next, m.Start)
		if m.Start < m.End {
			out = append(out, Piece{Visible(text[m.Start:m.End]), m.kind})
		}
		next = max(next, m.End)
	}
	plain(next, at.Shown.End)
	if at.Shown.End < len(text) {
		out = append(out, Piece{" …", PieceCut})
	}
	return out
}

// Unsure says whether the best candidate beats "no answer" and only falls short of the threshold: then the text may well say.
func (c *Card) Unsure() bool {
	return !c.Answered() && c.Best != "" && c.Decides && c.Gap != nil && *c.Gap > 0 && *c.Gap <= c.Limit
}

// None says what it means that there is no answer.
func (c *Card) None() string {
	if c.Unsure() {
		return "Not sure enough to answer"
	}
	return "The text does not say"
}

// Chance is how a colleague would put the candidate that is no answer.
func (c *Card) Chance() string {
	if c.Sure != nil && *c.Sure >= 0.5 {
		return "Probably"
	}
	return "Perhaps"
}

// Why says in a sentence why there is no answer.
func (c *Card) Why() string {
	switch {
	case c.Result == nil:
		return ""
	case c.Best == "":
		return "Nothing in the text looks like an answer."
	case c.Unsure():
		return fmt.Sprintf("The closest candidate has a gap of %s; an answer needs more than %s.", Number(*c.Gap), Number(c.Limit))
	case c.Decides && c.Gap != nil:
		return fmt.Sprintf("To the model, \"no answer\" is as good as any candidate or better: the closest has a gap of %s, and an answer needs more than %s.", Number(*c.Gap), Number(c.Limit))
	case c.Result.NullKind == qa.NullProbability && c.Result.Null != nil:
		return fmt.Sprintf("\"No answer\" has a probability of %s, more than any span.", Percent(float64(*c.Result.Null)))
	}
	return "The text does not seem to say."
}

// decidedBy notes who set the threshold that decided, where that was the query, the model or nobody.
func (c *Card) decidedBy(q Query, p workbench.Params, m workbench.Model) {
	kept, _ := m.Settings.Kept()
	switch {
	case !c.Decides || p.Threshold != nil && q.Knobs["threshold"] == "":
	case q.Knobs["threshold"] != "":
		c.LimitBy = "you set it under Threshold in the controls"
	case q.Decoder() == "gap" && kept.Threshold != nil:
		c.LimitBy = "it was set for this model in this project"
	case q.Decoder() == "gap" && m.Settings.Threshold != nil:
		c.LimitBy = "the model's own, from its " + workbench.SettingsFile
	case q.Decoder() == "gap":
		c.LimitBy = "nobody has measured one for this model, so it is 0"
	default:
		c.LimitBy = "the decoder's own"
	}
}

// Threshold says which number is in force, where it comes from and what it does.
func (c *Card) Threshold() string {
	return fmt.Sprintf("%s is in force: %s. An answer must beat \"no answer\" in its own passage by more than this. With a lower one it answers more often, and is wrong more often; "+
		"Threshold in the controls changes it.", Number(c.Limit), c.LimitBy)
}

// Facts is the measurement beneath an answer.
func (c *Card) Facts() string {
	r := c.Result
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s · %s · %s", Milliseconds(c.MS()), Plural(r.WindowCount, "window"), Plural(r.Tokens, "token"))
}
