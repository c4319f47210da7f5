package eval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// RunDiff compares two runs, or two contestants of one, question by question. What is said of gains and losses is said of B.
type RunDiff struct {
	A string `json:"a"`
	B string `json:"b"`
	// Aligned says how questions were paired: "place", as the data are the same, or "id".
	Aligned string `json:"aligned"`
	N       int    `json:"n"` // questions that were compared

	// Right is exactly right (EM), in both; Wrong in neither. Of these, Changed have other words.
	Right   int `json:"right"`
	Wrong   int `json:"wrong"`
	Gained  int `json:"gained"`
	Lost    int `json:"lost"`
	Changed int `json:"changed"`
	OnlyA   int `json:"only_a"`
	OnlyB   int `json:"only_b"`

	F1    Difference `json:"f1"`
	Exact Difference `json:"exact"`
	Seed  uint64     `json:"seed"`

	Settings  []string       `json:"settings,omitempty"` // what else the runs differ in: "decoder: gap, hf"
	Warnings  []string       `json:"warnings,omitempty"`
	Questions []QuestionDiff `json:"questions"` // in the order of A, then those that only B has
}

// Difference is a metric of both, in percent, on the questions that were compared.
type Difference struct {
	A    float64    `json:"a"`
	B    float64    `json:"b"`
	Diff float64    `json:"diff"` // B minus A
	CI   [2]float64 `json:"ci"`   // paired bootstrap over passages, over documents from 20 documents up; 95 %
	P    float64    `json:"p"`    // approximate randomisation over the same, two-sided
}

// DiffKind is what became of a question from A to B.
type DiffKind string

// The kinds of differences.
const (
	BothRight DiffKind = "right"
	BothWrong DiffKind = "wrong"
	Gained    DiffKind = "gained"
	Lost      DiffKind = "lost"
	OnlyInA   DiffKind = "only_a"
	OnlyInB   DiffKind = "only_b"
)

// QuestionDiff is one question. What one of the runs does not have is zero.
type QuestionDiff struct {
	Kind     DiffKind `json:"kind"`
	Example  int      `json:"example"` // index in the data of A, of B where only B has it
	ID       string   `json:"id"`
	Question string   `json:"question,omitempty"` // for the caller to fill in, who has the data (Texts)
	Golds    []string `json:"golds"`
	Changed  bool     `json:"changed"` // the answers differ in words, or one of them is none
	A        string   `json:"a"`       // "" when it abstained
	B        string   `json:"b"`
	ExactA   float64  `json:"exact_a"`
	ExactB   float64  `json:"exact_b"`
	F1A      float64  `json:"f1_a"`
	F1B      float64  `json:"f1_b"`
	ErrA     string   `json:"error_a,omitempty"`
	ErrB     string   `json:"error_b,omitempty"`
}

// diffSeed is that of every comparison of two runs, so that the same runs give the same figures.
const diffSeed = 1

// Diff compares two runs. Over the same data (by digest) questions are paired by their place; over other data by their id,
// and only where both have the same right answers: that is said in the warnings. Runs that were scored by different rules (version 1.1
// and 2.0), or that have no question in common, are refused.
func Diff(a, b *Run) (*RunDiff, error) {
	d := &RunDiff{A: a.Contestant, B: b.Contestant, Seed: diffSeed, Settings: settings(a, b)}
	if a.V2 != b.V2 {
		return nil, qa.Errorf(qa.Invalid, "compare %s with %s: one was scored by the rules of SQuAD 1.1, the other by those of 2.0; score both by the same (--v1 or --v2)", a.Contestant, b.Contestant)
	}
	pairs, err := d.align(a, b)
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "compare %s with %s: %w", a.Contestant, b.Contestant, err)
	}
	var f1s, exacts sample
	for _, p := range pairs {
		q := p.diff()
		d.count(q)
		d.Questions = append(d.Questions, q)
		if p.a != nil && p.b != nil {
			f1s.add(p.a, p.b.F1, p.a.F1)
			exacts.add(p.a, p.b.Exact, p.a.Exact)
		}
	}
	if d.N == 0 {
		return nil, qa.Errorf(qa.Invalid, "compare %s with %s: they have no question in common", a.Contestant, b.Contestant)
	}
	for _, m := range []struct {
		to *Difference
		s  *sample
	}{{&d.F1, &f1s}, {&d.Exact, &exacts}} {
		c, err := stats.Paired(m.s.a, m.s.b, m.s.clusters(), stats.Options{Seed: diffSeed})
		if err != nil {
			return nil, qa.Errorf(qa.Invalid, "compare %s with %s: %w", a.Contestant, b.Contestant, err)
		}
		*m.to = Difference{A: diffMean(m.s.b), B: diffMean(m.s.a), Diff: c.Mean, CI: [2]float64{c.Lo, c.Hi}, P: c.P}
		for _, w := range c.Warnings {
			if !slices.Contains(d.Warnings, w) {
				d.Warnings = append(d.Warnings, w)
			}
		}
	}
	return d, nil
}

func diffMean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// settings are what two runs differ in besides their contestants.
func settings(a, b *Run) (out []string) {
	add := func(name, x, y string) {
		if x != y {
			out = append(out, fmt.Sprintf("%s: %s, %s", name, orNone(x), orNone(y)))
		}
	}
	add("decoder", a.Decoder, b.Decoder)
	keys := map[string]bool{}
	for _, notes := range []map[string]string{a.Notes, b.Notes} {
		for k := range notes {
			keys[k] = true
		}
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		add(k, a.Notes[k], b.Notes[k])
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// resultPair is one question in both runs; nil where a run does not have it.
type resultPair struct{ a, b *Result }

// align pairs the questions of two runs.
func (d *RunDiff) align(a, b *Run) ([]resultPair, error) {
	d.Aligned = "place"
	if a.Digest == b.Digest {
		return alignBy(a, b, func(r *Result) (int, bool) { return r.Example, true }, func(p resultPair) error {
			if p.a.ID != p.b.ID {
				return fmt.Errorf("question %d is %q in one and %q in the other, though the data are the same: one of them is damaged", p.a.Example+1, p.a.ID, p.b.ID)
			}
			return nil
		})
	}
	d.Aligned = "id"
	repeated := map[string]bool{}
	for _, r := range []*Run{a, b} {
		seen := map[string]bool{}
		for i := range r.Results {
			id := r.Results[i].ID
			repeated[id] = repeated[id] || seen[id]
			seen[id] = true
		}
	}
	regraded := 0
	pairs, err := alignBy(a, b, func(r *Result) (string, bool) { return r.ID, !repeated[r.ID] }, func(resultPair) error { return nil })
	if err != nil {
		return nil, err
	}
	pairs = slices.DeleteFunc(pairs, func(p resultPair) bool {
		other := p.a != nil && p.b != nil && !sameGolds(p.a.Golds, p.b.Golds)
		if other {
			regraded++
		}
		return other
	})
	d.Warnings = append(d.Warnings, "the runs were made over different data: questions are paired by their id")
	if regraded > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("questions left out because their right answers are not the same in both: %d", regraded))
	}
	n := 0
	for _, again := range repeated {
		if again {
			n++
		}
	}
	if n > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("ids left out because several questions have them: %d", n))
	}
	return pairs, nil
}

// alignBy pairs by a key, in the order of a; questions without one are left out.
func alignBy[K comparable](a, b *Run, key func(*Result) (K, bool), check func(resultPair) error) ([]resultPair, error) {
	var pairs []resultPair
	at := map[K]int{}
	for i := range a.Results {
		r := &a.Results[i]
		k, ok := key(r)
		if !ok {
			continue
		}
		if _, twice := at[k]; twice {
			return nil, fmt.Errorf("question %q is there twice in the first", r.ID)
		}
		at[k] = len(pairs)
		pairs = append(pairs, resultPair{a: r})
	}
	for i := range b.Results {
		r := &b.Results[i]
		k, ok := key(r)
		if !ok {
			continue
		}
		n, both := at[k]
		if !both {
			at[k] = len(pairs)
			pairs = append(pairs, resultPair{b: r})
			continue
		}
		if pairs[n].b != nil {
			return nil, fmt.Errorf("question %q is there twice in the second", r.ID)
		}
		pairs[n].b = r
		if pairs[n].a != nil {
			if err := check(pairs[n]); err != nil {
				return nil, err
			}
		}
	}
	return pairs, nil
}

// sameGolds compares right answers as they are scored; their order does not count.
func sameGolds(a, b []string) bool {
	normal := func(golds []string) []string {
		out := make([]string, len(golds))
		for i, g := range golds {
			out[i] = Normalize(g)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(normal(a), normal(b))
}

// diff is what became of the question.
func (p resultPair) diff() QuestionDiff {
	var q QuestionDiff
	for _, r := range []*Result{p.b, p.a} { // what both say of the question is taken from a
		if r != nil {
			q.Example, q.ID, q.Golds = r.Example, r.ID, r.Golds
		}
	}
	if p.a != nil {
		q.A, q.ExactA, q.F1A, q.ErrA = p.a.Text, p.a.Exact, p.a.F1, p.a.Err
	}
	if p.b != nil {
		q.B, q.ExactB, q.F1B, q.ErrB = p.b.Text, p.b.Exact, p.b.F1, p.b.Err
	}
	switch {
	case p.b == nil:
		q.Kind = OnlyInA
		return q
	case p.a == nil:
		q.Kind = OnlyInB
		return q
	case q.ExactA == 100 && q.ExactB == 100:
		q.Kind = BothRight
	case q.ExactA == 100:
		q.Kind = Lost
	case q.ExactB == 100:
		q.Kind = Gained
	default:
		q.Kind = BothWrong
	}
	q.Changed = Normalize(q.A) != Normalize(q.B) || (q.A == "") != (q.B == "")
	return q
}

func (d *RunDiff) count(q QuestionDiff) {
	to := map[DiffKind]*int{BothRight: &d.Right, BothWrong: &d.Wrong, Gained: &d.Gained, Lost: &d.Lost, OnlyInA: &d.OnlyA, OnlyInB: &d.OnlyB}
	*to[q.Kind]++
	if q.Kind != OnlyInA && q.Kind != OnlyInB {
		d.N++
	}
	if q.Changed && (q.Kind == BothRight || q.Kind == BothWrong) {
		d.Changed++
	}
}

// Texts fills in the questions' texts, by id.
func (d *RunDiff) Texts(of func(id string) string) {
	for i := range d.Questions {
		d.Questions[i].Question = of(d.Questions[i].ID)
	}
}
