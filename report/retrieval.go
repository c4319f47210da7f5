package report

import (
	"slices"
	"strconv"

	"github.com/tryall/tryall/eval"
)

// retrievalView tells the retriever's losses from the reader's.
type retrievalView struct {
	Retriever, Questions, MRR string
	Recall                    []pair // k and percent
	Lines                     []breakdownLine
	LeftOut                   int
}

type breakdownLine struct {
	named
	Oracle, Found, End, Reader, Retriever, N string
}

func (v *view) retrieval(r *eval.Retrieval) *retrievalView {
	if r == nil {
		return nil
	}
	out := &retrievalView{Retriever: visible(r.Retriever), Questions: plural(r.Questions, "question"), MRR: share(r.MRR, r.Questions)}
	ks := sortedKeys(r.RecallAt)
	slices.SortStableFunc(ks, func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
	for _, k := range ks {
		out.Recall = append(out.Recall, pair{visible(k), share(r.RecallAt[k], r.Questions)})
	}
	names := sortedKeys(r.Models)
	slices.SortStableFunc(names, func(a, b string) int { return v.order(a) - v.order(b) })
	for _, name := range names[:min(len(names), mostLines)] {
		m := r.Models[name]
		out.Lines = append(out.Lines, breakdownLine{named: v.named(name, false), Oracle: share(m.OracleF1, m.N), Found: share(m.FoundF1, m.N), End: share(m.EndF1, m.N),
			Reader: share(100-m.OracleF1, m.N), Retriever: share(m.OracleF1-m.EndF1, m.N), N: count(int64(m.N))})
	}
	out.LeftOut = len(names) - len(out.Lines)
	return out
}

// order is a contestant's place on the first leaderboard; strangers come last.
func (v *view) order(contestant string) int {
	models := v.in.Bakeoff.Models
	if i := slices.IndexFunc(models, func(e eval.Entrant) bool { return e.Contestant == contestant }); i >= 0 {
		return i
	}
	return len(models)
}

// disagreementView is what can be said of questions without labels.
type disagreementView struct {
	Questions string
	Pairs     []agreementLine
	PairsLeft int
	Top       []splitLine
	Rest      string // about the questions that are not shown
}

type agreementLine struct {
	A, B  named
	Share string
}

type splitLine struct {
	Text, ID, Entropy string
	Groups            []splitGroup
}

type splitGroup struct {
	Answer string // empty: no answer
	By     []named
	More   int
}

const (
	mostPairs  = 20
	mostSplits = 15
)

func (v *view) disagreement(d *eval.Disagreement) *disagreementView {
	if d == nil || d.Questions == 0 {
		return nil
	}
	out := &disagreementView{Questions: plural(d.Questions, "question")}
	pairs := slices.Clone(d.Agreement)
	slices.SortStableFunc(pairs, func(a, b eval.PairAgreement) int {
		switch {
		case a.Share < b.Share:
			return -1
		case a.Share > b.Share:
			return 1
		}
		return 0
	})
	for _, p := range pairs[:min(len(pairs), mostPairs)] {
		out.Pairs = append(out.Pairs, agreementLine{v.named(p.A, false), v.named(p.B, false), share(p.Share, d.Questions)})
	}
	out.PairsLeft = len(pairs) - len(out.Pairs)
	for _, q := range d.Top[:min(len(d.Top), mostSplits)] {
		out.Top = append(out.Top, v.split(q))
	}
	if rest := d.Questions - len(out.Top); rest > 0 {
		out.Rest = "The other " + plural(rest, "question") + " are less disputed."
		if more := len(d.Top) - len(out.Top); more > 0 {
			out.Rest += " " + count(int64(more)) + " of them are in report.json."
		}
	}
	return out
}

func (v *view) split(q eval.SplitQuestion) splitLine {
	l := splitLine{Text: short(visible(q.Text), 300), ID: visible(q.ID), Entropy: fixed(q.Entropy, 1)}
	answers := sortedKeys(q.Answers)
	slices.SortStableFunc(answers, func(a, b string) int { return len(q.Answers[b]) - len(q.Answers[a]) })
	for _, a := range answers {
		g := splitGroup{Answer: short(visible(a), 160)}
		by := slices.Clone(q.Answers[a])
		slices.SortStableFunc(by, func(a, b string) int { return v.order(a) - v.order(b) })
		for _, name := range by[:min(len(by), hues)] {
			g.By = append(g.By, v.named(name, false))
		}
		g.More = len(by) - len(g.By)
		l.Groups = append(l.Groups, g)
	}
	return l
}
