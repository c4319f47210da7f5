package eval

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tryall/tryall/stats"
)

// topDisputed is how many disputed questions are listed.
const topDisputed = 50

// Disagree says how far contestants agree on questions that nobody has labelled: it tells where labels would decide something, not
// who is right. Answers are alike when their pieces are (see Pieces); to leave a question unanswered is an answer too. A
// prediction that failed is none and counts for nothing.
func Disagree(runs []*Run) *Disagreement {
	d := &Disagreement{Agreement: []PairAgreement{}, Top: []SplitQuestion{}, Answered: map[string]float64{}}
	questions := byQuestion(runs)
	d.Questions = len(questions)
	for i, a := range runs {
		answered, n := 0, 0
		for k := range a.Results {
			if r := &a.Results[k]; r.Err == "" {
				n++
				if r.Text != "" {
					answered++
				}
			}
		}
		if n > 0 {
			d.Answered[a.Contestant] = 100 * float64(answered) / float64(n)
		}
		for j, b := range runs[:i] {
			if share, ok := agreement(questions, j, i); ok {
				d.Agreement = append(d.Agreement, PairAgreement{A: b.Contestant, B: a.Contestant, Share: share})
			}
		}
	}
	slices.SortStableFunc(questions, func(a, b *disputed) int { return cmp.Compare(b.entropy, a.entropy) })
	for _, q := range questions {
		if q.entropy == 0 || len(d.Top) == topDisputed {
			break
		}
		s := SplitQuestion{ID: q.id, Entropy: q.entropy, Answers: map[string][]string{}}
		for _, g := range q.groups {
			for _, i := range g.runs {
				s.Answers[g.text] = append(s.Answers[g.text], runs[i].Contestant)
			}
		}
		d.Top = append(d.Top, s)
	}
	return d
}

// Entropies are the entropies of the answers, in bits, by example: what stats.NextLabel draws questions to label by.
func Entropies(runs []*Run) map[int]float64 {
	out := map[int]float64{}
	for _, q := range byQuestion(runs) {
		out[q.example] = q.entropy
	}
	return out
}

// disputed is one question with its answers, alike ones together.
type disputed struct {
	example int
	id      string
	entropy float64
	groups  []answerGroup
	of      map[int]int // run to group
}

type answerGroup struct {
	text string // as the first has it
	key  string
	runs []int
}

// byQuestion gathers the answers to each question, in the order of the examples.
func byQuestion(runs []*Run) []*disputed {
	at := map[int]*disputed{}
	var out []*disputed
	for i, run := range runs {
		for k := range run.Results {
			r := &run.Results[k]
			if r.Err != "" {
				continue
			}
			q := at[r.Example]
			if q == nil {
				q = &disputed{example: r.Example, id: r.ID, of: map[int]int{}}
				at[r.Example] = q
				out = append(out, q)
			}
			q.add(i, r.Text)
		}
	}
	slices.SortFunc(out, func(a, b *disputed) int { return cmp.Compare(a.example, b.example) })
	for _, q := range out {
		sizes := make([]float64, len(q.groups))
		for i, g := range q.groups {
			sizes[i] = float64(len(g.runs))
		}
		q.entropy = stats.Entropy(sizes)
	}
	return out
}

func (q *disputed) add(run int, text string) {
	key := strings.Join(Pieces(text), " ")
	if key == "" {
		key = text // nothing but punctuation is still an answer
	}
	g := slices.IndexFunc(q.groups, func(g answerGroup) bool { return g.key == key })
	if g < 0 {
		g = len(q.groups)
		q.groups = append(q.groups, answerGroup{text: text, key: key})
	}
	q.groups[g].runs = append(q.groups[g].runs, run)
	q.of[run] = g
}

// agreement is the percentage of the questions that both answered and answered alike.
func agreement(questions []*disputed, a, b int) (percent float64, ok bool) {
	alike, n := 0, 0
	for _, q := range questions {
		i, has := q.of[a]
		j, also := q.of[b]
		if has && also {
			n++
			if i == j {
				alike++
			}
		}
	}
	if n == 0 {
		return 0, false
	}
	return 100 * float64(alike) / float64(n), true
}
