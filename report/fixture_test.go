package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/stats"
)

// plan says what a made-up bake-off is like.
type plan struct {
	models, questions int
	seed              uint64
	full              bool
	modes             []string
	name              func(i int) (id, revision, precision string)
	question          func(i int) string
}

var ids = []string{"tryall/minilm-l6-squad2", "deepset/roberta-base-squad2", "distilbert-base-cased-distilled-squad", "deepset/minilm-uncased-squad2",
	"ahotrod/electra_large_discriminator_squad2_512", "deepset/tinyroberta-squad2", "bert-large-uncased-whole-word-masking-finetuned-squad",
	"tryall/minilm-l3-squad2", "mrm8488/bert-tiny-finetuned-squadv2", "deepset/xlm-roberta-base-squad2", "tryall/minilm-l6-squad1", "csarron/mobilebert-uncased-squad-v2"}

func plainName(i int) (id, revision, precision string) {
	id = ids[i%len(ids)]
	if n := i / len(ids) / 2; n > 0 {
		id += fmt.Sprintf("-v%d", n+1)
	}
	return id, fmt.Sprintf("%040x", uint64(i+7)*0x9e3779b97f4a7c15), []string{"fp32", "int8"}[i/len(ids)%2]
}

var words = strings.Fields("spike protein binds receptor antiviral remdesivir patients mild severe pneumonia incubation period days hospital transmission droplets masks vaccine antibody response dose trial placebo cohort risk age mortality")

// bakeoff makes up a bake-off: results by a random generator, figures by package eval from them.
func bakeoff(t testing.TB, p plan) Input {
	t.Helper()
	if p.name == nil {
		p.name = plainName
	}
	if len(p.modes) == 0 {
		p.modes = []string{eval.Oracle}
	}
	in := Input{Runs: map[string][]*eval.Run{}, Order: map[string][]int{}, Data: dataset(p)}
	b := &eval.Bakeoff{Run: "20260301-120000", Created: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), TookSeconds: 74.2,
		Spec: eval.Spec{Version: "v0.5.0", Kernel: "avx2", Machine: "linux/amd64, 2 processors", Threads: 2, Modes: p.modes, Metric: "f1", Decoder: "gap", Seed: p.seed,
			Alpha: 0.05, Start: 16, Full: p.full, Params: map[string]string{"max_seq_len": "384", "doc_stride": "128"},
			Data: []eval.Source{{Name: "questions.csv", Digest: in.Data.Digest, Questions: p.questions}}}}
	in.Bakeoff = b
	for k, mode := range p.modes {
		r, runs, order := round(t, p, mode, in.Data, uint64(k))
		in.Runs[mode], in.Order[mode] = runs, order
		if k == 0 {
			b.Round = r
		} else {
			b.Also = append(b.Also, r)
		}
	}
	for _, e := range b.Models {
		b.Spec.Models = append(b.Spec.Models, e.Contestant)
	}
	return in
}

func dataset(p plan) *eval.Dataset {
	rng := rand.New(rand.NewPCG(p.seed, 1))
	d := &eval.Dataset{Version: "v2.0", V2: true, Digest: "sha256:" + strings.Repeat("ab12", 16)}
	for i := range p.questions {
		if i%5 == 0 {
			d.Passages = append(d.Passages, eval.Passage{Text: "passage"})
		}
		e := eval.Example{ID: fmt.Sprintf("q%04d", i), Passage: i / 5}
		for range 7 {
			e.Text += words[rng.IntN(len(words))] + " "
		}
		e.Text = "What about " + strings.TrimSpace(e.Text) + "?"
		if p.question != nil {
			e.Text = p.question(i)
		}
		if rng.IntN(5) > 0 {
			for range 1 + rng.IntN(2) {
				e.Answers = append(e.Answers, eval.Gold{Text: words[rng.IntN(len(words))] + " " + words[rng.IntN(len(words))]})
			}
		}
		d.Examples = append(d.Examples, e)
	}
	return d
}

func round(t testing.TB, p plan, mode string, d *eval.Dataset, stream uint64) (eval.Round, []*eval.Run, []int) {
	rng := rand.New(rand.NewPCG(p.seed, 10+stream))
	order := rng.Perm(p.questions)
	easy := make([]float64, p.questions)
	for i := range easy {
		easy[i] = rng.NormFloat64() * 1.3
	}
	var runs []*eval.Run
	for m := range p.models {
		id, revision, precision := p.name(m)
		run := &eval.Run{Contestant: id + "@" + revision + ":" + precision, Decoder: "gap", Digest: d.Digest, V2: true, PeakBytes: int64(90e6 + 60e6*float64(m%7)*rng.Float64())}
		skill := 1.4 - 0.28*float64(m) + 0.1*rng.NormFloat64()
		if m > 9 {
			skill = -1 - 0.1*rng.Float64()
		}
		run.Speed.P50 = 9 * math.Pow(1.45, float64((m*5)%11))
		run.Speed.P95 = run.Speed.P50 * 1.7
		run.Speed.TokensPerSecond = 200_000 / run.Speed.P50
		n := p.questions
		if !p.full && m >= 4 && p.questions > 64 {
			n = 32 << (m % 3)
		}
		for _, i := range order[:n] {
			run.Results = append(run.Results, result(d, i, skill+easy[i], rng))
		}
		slices.SortFunc(run.Results, func(a, b eval.Result) int { return cmp.Compare(a.Example, b.Example) })
		runs = append(runs, run)
	}
	r := eval.Round{Mode: mode, Seed: p.seed, Decoder: "gap", Metric: "f1", Questions: p.questions}
	if p.models == 0 || p.questions == 0 {
		return r, nil, order
	}
	f1, _ := eval.MetricByName("f1")
	out := map[string]*eval.Elimination{}
	for m, run := range runs {
		if n := len(run.Results); n < p.questions {
			out[run.Contestant] = &eval.Elimination{After: n, By: runs[0].Contestant, Diff: 12.34 + float64(m), P: 0.0012, Reason: "worse"}
		}
	}
	board, err := eval.Rank(context.Background(), runs, f1, eval.RankOptions{Seed: p.seed, Resamples: 300, Raced: !p.full, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	r.Winner, r.Tied, r.Verdict, r.Comparisons, r.Warnings = board.Winner, board.Tied, board.Verdict, board.Comparisons, board.Warnings
	r.Pick = r.Tied[len(r.Tied)-1]
	for _, s := range board.Standings {
		r.Models = append(r.Models, entrant(p, s, runs, out))
		r.Answered += s.N
	}
	r.Saved = 100 * (1 - float64(r.Answered)/float64(p.models*p.questions))
	for i := range r.Models {
		a := &r.Models[i]
		if !slices.ContainsFunc(r.Models, func(b eval.Entrant) bool {
			return b.Score >= a.Score && b.P50 <= a.P50 && b.PeakBytes <= a.PeakBytes && b.Contestant != a.Contestant
		}) {
			r.Pareto = append(r.Pareto, a.Contestant)
		}
	}
	return r, runs, order
}

func entrant(p plan, s eval.Standing, runs []*eval.Run, out map[string]*eval.Elimination) eval.Entrant {
	e := eval.Entrant{Standing: s, Eliminated: out[s.Contestant], License: "apache-2.0", SizeBytes: s.PeakBytes / 2, Metrics: map[string]float64{}}
	m := slices.IndexFunc(runs, func(r *eval.Run) bool { return r.Contestant == s.Contestant })
	e.ID, e.Revision, e.Precision = p.name(m)
	e.TokensPerSecond = runs[m].Speed.TokensPerSecond
	for _, metric := range eval.Metrics {
		if v, ok := metric.Of(runs[m].Results); ok {
			e.Metrics[metric.Name] = v
		}
	}
	e.Curve = selective(runs[m].Results)
	return e
}

// selective is a curve by the definition, for a picture to look at.
func selective(rs []eval.Result) *eval.Selective {
	if len(rs) < 50 {
		return &eval.Selective{Note: fmt.Sprintf("not enough labels: %d, and thresholds need 50", len(rs))}
	}
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b eval.Result) int { return cmp.Compare(b.Confidence, a.Confidence) })
	c := &eval.Selective{AURC: 20, AUROC: new(float64)}
	*c.AUROC = 81.26
	wrong, risk := 0.0, 0.0
	rates := []eval.RateThreshold{{Wanted: 1}, {Wanted: 5}, {Wanted: 10}, {Wanted: 20}}
	for i, r := range rs {
		wrong += 100 - r.BestExact
		risk += 100 - r.F1
		n := float64(i + 1)
		point := eval.SelectivePoint{Threshold: r.Confidence, Coverage: 100 * n / float64(len(rs)), Risk: risk / n, Wrong: wrong / n}
		c.Points = append(c.Points, point)
		if r.Confidence > 0 {
			c.Chosen = &point
		}
		for k := range rates {
			if point.Wrong <= rates[k].Wanted && i > 4 {
				lo, hi := stats.Wilson(int(wrong/100), i+1, 0.95)
				rates[k] = eval.RateThreshold{Wanted: rates[k].Wanted, Reached: true, Threshold: r.Confidence, Coverage: point.Coverage, Wrong: point.Wrong, WrongCI: [2]float64{100 * lo, 100 * hi}, N: i + 1}
			}
		}
	}
	c.Thresholds = rates
	return c
}

func result(d *eval.Dataset, i int, ease float64, rng *rand.Rand) eval.Result {
	e := &d.Examples[i]
	r := eval.Result{Example: i, ID: e.ID, Passage: e.Passage, Golds: e.Texts(), HasAns: len(e.Answers) > 0, HasBest: true, HasNull: true, Windows: 1, Tokens: 180}
	right := rng.Float64() < 1/(1+math.Exp(-ease))
	r.Confidence = ease + rng.NormFloat64()
	if right {
		r.Confidence++
	}
	r.NullOdds = -r.Confidence
	wrongAnswer := words[rng.IntN(len(words))] + " " + words[rng.IntN(len(words))] + " " + words[rng.IntN(len(words))]
	switch {
	case !r.HasAns && right:
		r.Best, r.Exact, r.F1 = wrongAnswer, 100, 100
	case !r.HasAns:
		r.Best, r.Text = wrongAnswer, wrongAnswer
	case right:
		r.Best, r.Text, r.BestExact, r.Exact, r.F1 = r.Golds[0], r.Golds[0], 100, 100, 100
	case rng.IntN(3) == 0:
		r.Best = "the " + r.Golds[0] + " " + words[rng.IntN(len(words))]
		r.Text, r.F1 = r.Best, 80
	case rng.IntN(3) == 0:
		r.Best = wrongAnswer
	default:
		r.Best, r.Text = wrongAnswer, wrongAnswer
	}
	return r
}

// everything is a bake-off in which each part of a report has something to say.
func everything(t testing.TB) Input {
	in := bakeoff(t, plan{models: 12, questions: 412, seed: 1, modes: []string{eval.Oracle, eval.Retrieved}})
	b := in.Bakeoff
	in.Title, in.Description = "COVID-19 papers", "Which model answers our clinicians' questions best?"
	in.Gate = []Verdict{{Limit: "f1 >= 70", Contestant: b.Pick, Value: 72, Measured: true, Passed: true, Reason: "f1 of " + b.Pick + " is 72.0 %; the limit is >= 70"},
		{Limit: "p95_ms <= 20", Contestant: b.Pick, Value: 31, Measured: true, Reason: "p95_ms of " + b.Pick + " is 31 ms; the limit is <= 20"}}
	b.Warnings = append(b.Warnings, "3 answers do not stand in the context at their answer_start")
	b.Retrieval = &eval.Retrieval{Retriever: "bm25(k1=0.9,b=0.4)", Questions: 390, RecallAt: map[string]float64{"1": 61.2, "5": 84.4, "10": 90.1, "20": 93}, MRR: 70.6, Models: map[string]eval.Breakdown{}}
	for _, e := range b.Models {
		b.Retrieval.Models[e.Contestant] = eval.Breakdown{OracleF1: e.Score, FoundF1: e.Score - 3, EndF1: e.Score - 12, N: 390}
	}
	b.Disagreement = &eval.Disagreement{Questions: 120, Answered: map[string]float64{}}
	for i := range 4 {
		q := eval.SplitQuestion{ID: fmt.Sprint("u", i), Text: "How long does the incubation period last in children?", Entropy: 2.1 - float64(i)/3, Answers: map[string][]string{}}
		for k, e := range b.Models {
			a := []string{"5 days", "", "two weeks", "14 days"}[k*7%(4-i%3)]
			q.Answers[a] = append(q.Answers[a], e.Contestant)
		}
		b.Disagreement.Top = append(b.Disagreement.Top, q)
		b.Disagreement.Agreement = append(b.Disagreement.Agreement, eval.PairAgreement{A: b.Models[0].Contestant, B: b.Models[i+1].Contestant, Share: 80 - float64(i)})
	}
	b.Spec.Corpus = &eval.Source{Name: "corpus", Digest: "sha256:" + strings.Repeat("00ff", 16), Documents: 84, Passages: 2310}
	b.Spec.Retriever, b.Spec.Passages, b.Spec.ConfigFile = "bm25(k1=0.9,b=0.4)", 8, "tryall.yaml"
	b.Models = append(b.Models, eval.Entrant{Standing: eval.Standing{Contestant: "broken/model@0123456789:fp32"}, ID: "broken/model", Revision: "0123456789", Precision: "fp32",
		Failed: "load broken/model: model.safetensors: tensor qa_outputs.weight is missing"})
	return in
}
