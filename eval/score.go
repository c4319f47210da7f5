package eval

import (
	"github.com/tryall/tryall/qa"
)

// ScoreOptions are what the official version 2.0 script takes besides the two files.
type ScoreOptions struct {
	NoAnswer *NoAnswerScores // --na-prob-file; nil: none
	// Threshold is --na-prob-thresh: a question whose no-answer score exceeds it counts as unanswered. nil means 1.
	Threshold *float64
}

// Score is what the official SQuAD scripts compute, version 1.1 or 2.0 as d.V2 says. Unlike them it counts a
// question without a prediction as 0 in version 2.0 too, and says how many there are.
func Score(d *Dataset, predictions map[string]string, o ScoreOptions) (Report, error) {
	if len(d.Examples) == 0 {
		return Report{}, qa.Errorf(qa.Invalid, "score: the data set has no questions")
	}
	if d.V2 {
		return score2(d, predictions, o)
	}
	if o.NoAnswer != nil || o.Threshold != nil {
		return Report{}, qa.Errorf(qa.Invalid, "score: no-answer scores and thresholds belong to version 2.0 and these data are version 1.1; use --v2 to score them so")
	}
	return score1(d, predictions)
}

func score1(d *Dataset, predictions map[string]string) (Report, error) {
	r := Report{Part: Part{Total: len(d.Examples)}}
	var exact, f1 float64
	for i := range d.Examples {
		e := &d.Examples[i]
		text, ok := predictions[e.ID]
		if !ok {
			r.Missing++
			continue
		}
		if err := e.scorable(false); err != nil {
			return Report{}, err
		}
		em, f := judge(e.Texts(), text, false)
		exact += em
		f1 += f
	}
	r.Exact, r.F1 = 100*exact/float64(r.Total), 100*f1/float64(r.Total)
	return r, nil
}

// scorable says what the rules of version 1.1 cannot score.
func (e *Example) scorable(v2 bool) error {
	if !v2 && len(e.Answers) == 0 {
		return qa.Errorf(qa.Invalid, "score: question %q has no answers, which version 1.1 cannot score; use --v2", e.ID)
	}
	return nil
}

// scored is one question of version 2.0.
type scored struct {
	has, missing bool
	empty        bool // the prediction is ""
	exact, f1    float64
}

func (s scored) oracle() float64 {
	if s.has {
		return 1
	}
	return 0
}

func score2(d *Dataset, predictions map[string]string, o ScoreOptions) (Report, error) {
	ids, last := unique(d)
	raw := make(map[string]scored, len(ids))
	r := Report{V2: true}
	for _, id := range ids {
		e := &d.Examples[last[id]]
		text, ok := predictions[id]
		s := scored{has: len(e.Answers) > 0, missing: !ok, empty: text == ""}
		if ok {
			s.exact, s.f1 = judge(e.Texts(), text, true)
		} else {
			r.Missing++
		}
		raw[id] = s
	}
	if err := o.covers(ids, raw); err != nil {
		return Report{}, err
	}
	r.count(ids, raw, o)
	if o.NoAnswer != nil {
		r.sweep(raw, o.NoAnswer)
	}
	return r, nil
}

// unique gives the ids in order of first appearance, and where each appears last: the Python dictionary's view.
func unique(d *Dataset) (ids []string, last map[string]int) {
	last = make(map[string]int, len(d.Examples))
	for i := range d.Examples {
		id := d.Examples[i].ID
		if _, seen := last[id]; !seen {
			ids = append(ids, id)
		}
		last[id] = i
	}
	return ids, last
}

// covers makes sure that every predicted question has a no-answer score.
func (o ScoreOptions) covers(ids []string, raw map[string]scored) error {
	if o.NoAnswer == nil {
		return nil
	}
	lacking, first := 0, ""
	for _, id := range ids {
		if _, ok := o.NoAnswer.Of[id]; !ok && !raw[id].missing {
			if lacking++; lacking == 1 {
				first = id
			}
		}
	}
	if lacking > 0 {
		return qa.Errorf(qa.Invalid, "score: %d predicted questions have no no-answer score (first: %q)", lacking, first)
	}
	return nil
}

// count sums up all questions, those with and those without an answer, after the threshold.
func (r *Report) count(ids []string, raw map[string]scored, o ScoreOptions) {
	threshold := 1.0
	if o.Threshold != nil {
		threshold = *o.Threshold
	}
	var has, no Part
	for _, id := range ids {
		s := raw[id]
		na := 0.0
		if o.NoAnswer != nil {
			na = o.NoAnswer.Of[id]
		}
		if na > threshold && !s.missing {
			s.exact, s.f1 = 1-s.oracle(), 1-s.oracle()
		}
		r.add(s)
		if s.has {
			has.add(s)
		} else {
			no.add(s)
		}
	}
	r.percent()
	for _, p := range []struct {
		sum  *Part
		dest **Part
	}{{&has, &r.HasAns}, {&no, &r.NoAns}} {
		if p.sum.Total > 0 {
			p.sum.percent()
			*p.dest = p.sum
		}
	}
}

func (p *Part) add(s scored) {
	p.Exact += s.exact
	p.F1 += s.f1
	p.Total++
}

func (p *Part) percent() {
	p.Exact = 100 * p.Exact / float64(p.Total)
	p.F1 = 100 * p.F1 / float64(p.Total)
}
