package runs

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screens in each state, without a run.
func states() []ui.State {
	board, matrix, rep := boardStates(), matrixStates(), reportStates()
	var all []ui.State
	for _, name := range []string{"empty", "busy", "stopped", "failed", "full", "sorted"} {
		if v, ok := board[name]; ok {
			all = append(all, ui.State{Name: "leaderboard-" + name, Body: func(f ui.Frame) ui.Body {
				v.Frame, v.Wide = f, true
				return boardPage(v)
			}})
		}
	}
	for _, name := range []string{"empty", "busy", "failed", "nothing", "files", "full"} {
		if v, ok := matrix[name]; ok {
			all = append(all, ui.State{Name: "matrix-" + name, Body: func(f ui.Frame) ui.Body {
				v.Frame, v.Wide = f, true
				return matrixPage(v)
			}})
		}
	}
	all = append(all, ui.State{Name: "matrix-overtaken", Body: func(f ui.Frame) ui.Body {
		c := overtakenState()
		c.Frame, c.Wide = f, true
		return conflictPage(c)
	}})
	for _, name := range []string{"empty", "busy", "failed", "refused", "full"} {
		if v, ok := rep[name]; ok {
			all = append(all, ui.State{Name: "report-" + name, Body: func(f ui.Frame) ui.Body {
				v.Frame, v.Wide = f, true
				return reportPage(v)
			}})
		}
	}
	return all
}

var stateBegun = time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)

// stateScreen is a screen of a run in a state.
func stateScreen(name string, status store.Status) screen {
	s := screen{Name: name, Run: store.RunInfo{ID: "20260314-a1b2", Created: stateBegun, Status: status, Answers: 4231, Spec: eval.Spec{Models: stateModels(), Modes: []string{eval.Oracle, eval.Retrieved}}}}
	s.Names = eval.NewNames(stateModels())
	switch status {
	case store.Finished:
		s.Run.Bakeoff = stateBakeoff()
		s.Names = eval.NamesOf(s.Run.Bakeoff)
	case store.Failed:
		s.Run.Reason = "leases.csv has changed since the run was begun; begin a new run"
	case store.Running:
		s.Live = &workbench.RaceState{Run: s.Run.ID, Phase: workbench.PhaseRace, Race: &eval.RaceEvent{Done: 4231, Total: 5760}}
	}
	return s
}

// stateModels are twelve contestants.
func stateModels() (out []string) {
	for _, id := range []string{"tryall/minilm-l6-squad2", "deepset/roberta-base-squad2", "distilbert/distilbert-base-cased-distilled-squad", "deepset/minilm-uncased-squad2",
		"ahotrod/electra_large_discriminator_squad2_512", "deepset/tinyroberta-squad2", "google-bert/bert-large-uncased-whole-word-masking-finetuned-squad",
		"tryall/minilm-l3-squad2", "mrm8488/bert-tiny-finetuned-squadv2", "deepset/xlm-roberta-base-squad2", "tryall/minilm-l6-squad1", "csarron/mobilebert-uncased-squad-v2"} {
		out = append(out, id+"@0123456789:fp32")
	}
	return out
}

// stateBakeoff is a run of twelve: three tie for the first place, five were dropped, one failed.
func stateBakeoff() *eval.Bakeoff {
	names := stateModels()
	b := &eval.Bakeoff{Run: "20260314-a1b2", Created: stateBegun, TookSeconds: 93, Spec: eval.Spec{Models: names, Modes: []string{eval.Oracle, eval.Retrieved}, Metric: "f1"}}
	verdict := fmt.Sprintf("%s, %s and %s cannot be told apart: 0.9 F1 between the first two on 480 questions. %s is 3.1 times faster: pick it.", names[4], names[1], names[6], names[1])
	b.Round = eval.Round{Mode: eval.Oracle, Metric: "f1", Decoder: "gap", Questions: 480, Answered: 4231, Saved: 27, Winner: names[4], Tied: []string{names[4], names[1], names[6]}, Pick: names[1],
		Verdict: verdict, Pareto: []string{names[4], names[1], names[0], names[8]}, Warnings: []string{"3 answers do not stand in their context, so they cannot be found by any model"}}
	for place, k := range []int{4, 1, 6, 9, 5, 3, 0, 11, 2, 10, 8} {
		b.Models = append(b.Models, stateEntrant(names, place, k))
	}
	b.Models = append(b.Models, eval.Entrant{Standing: eval.Standing{Contestant: names[7]}, ID: "tryall/minilm-l3-squad2", Precision: "fp32", Failed: "read weights: model.safetensors: tensor qa_outputs.weight is missing"})
	also := b.Round
	also.Mode, also.Verdict = eval.Retrieved, names[1]+" is best, end to end."
	b.Also = []eval.Round{also}
	return b
}

// stateEntrant is the contestant k at a place.
func stateEntrant(names []string, place, k int) eval.Entrant {
	score := []float64{84.1, 83.2, 82.0, 77.4, 76.9, 74.0, 71.4, 70.2, 61.3, 58.8, 39.5}[place]
	half := []float64{3.1, 3.2, 3.3, 3.7, 3.7, 4.6, 4.8, 6.1, 8.8, 9.9, 11.8}[place]
	id, revision, precision := eval.CutContestant(names[k])
	e := eval.Entrant{ID: id, Revision: revision, Precision: precision, License: []string{"apache-2.0", "mit", "cc-by-4.0"}[k%3], SizeBytes: int64(40+97*((k*5)%11)) * 1e6, TokensPerSecond: 9000 / float64(1+k%5)}
	e.Standing = eval.Standing{Contestant: names[k], Rank: []int{1, 1, 1, 4, 4, 6, 7, 8, 9, 10, 11}[place], Tied: place < 5, N: 480, Score: score, ScoreCI: [2]float64{score - half, score + half}, F1: score, F1CI: [2]float64{score - half, score + half},
		Exact: score - 6, WrongRate: 96 - score, P50: []float64{212, 68, 190, 74, 35, 16, 12, 22, 31, 12, 2.4}[place], P95: []float64{391, 120, 355, 141, 66, 29, 21, 41, 60, 22, 4.9}[place], PeakBytes: (80 + e.SizeBytes/1e6) * 1e6, TimedAlone: 64}
	e.Metrics = map[string]float64{"f1": score, "exact": score - 6, "has_ans_f1": score - 2, "has_ans_exact": score - 9, "no_ans_f1": score + 3, "no_ans_exact": score + 3, "answered": 70, "wrong_rate": 96 - score,
		"coverage_at_80": score, "coverage_at_90": score - 30, "coverage_at_95": score - 50, "auroc": score - 4, "aurc": 100 - score}
	if place > 4 {
		e.N = 480 >> (place - 4)
		e.Eliminated = &eval.Elimination{After: e.N, By: names[4], Diff: 84.1 - score, P: 0.002}
	}
	return e
}

func boardStates() map[string]boardView {
	full := boardOf(stateScreen("leaderboard", store.Finished), boardQuery{}, true)
	sorted := boardOf(stateScreen("leaderboard", store.Finished), boardQuery{Mode: eval.Retrieved, Sort: "p50", Cols: []string{"exact", "p50", "p95", "license"}}, true)
	none := stateScreen("leaderboard", store.Finished)
	none.Run.Bakeoff = &eval.Bakeoff{Round: eval.Round{Mode: eval.Oracle}}
	return map[string]boardView{"empty": boardOf(none, boardQuery{}, true), "busy": {screen: stateScreen("leaderboard", store.Running)}, "stopped": {screen: stateScreen("leaderboard", store.Interrupted)},
		"failed": {screen: stateScreen("leaderboard", store.Failed)}, "full": full, "sorted": sorted}
}

// stateGrid are 60 questions by twelve contestants.
func stateGrid(set string) *grid {
	names := stateModels()
	asked := []struct{ text, gold, other string }{
		{"When does the lease end?", "31 March 2027", "1 April 2024"}, {"How much is the deposit?", "two months' rent", "months' rent"},
		{"May the tenant keep a dog?", "", "Pets are allowed with consent"}, {"On which day is the rent due?", "the third working day of each month", "third working day"},
		{"Who insures the building?", "The landlord", "the tenant"}, {"By how much may the rent rise in a year?", "four percent", "the official index of consumer prices"}}
	a := &workbench.Answers{Runs: map[string][]*eval.Run{}, Data: map[string]*eval.Dataset{}}
	d := &eval.Dataset{}
	origins := []workbench.Origin{}
	for i := range 60 {
		q := asked[i%len(asked)]
		e := eval.Example{ID: fmt.Sprintf("q%d", i), Text: q.text}
		if q.gold != "" {
			e.Answers = []eval.Gold{{Text: q.gold}, {Text: strings.TrimPrefix(q.gold, "The ")}}
		}
		d.Examples = append(d.Examples, e)
		origins = append(origins, workbench.Origin{Set: set, Item: e.ID})
	}
	for k, name := range names {
		r := &eval.Run{Contestant: name}
		for i := range 60 >> max(0, k-7) {
			q := asked[i%len(asked)]
			res := eval.Result{Example: i, ID: fmt.Sprintf("q%d", i), Text: q.gold, Exact: 100, F1: 100}
			switch (i*7 + k*3) % 5 {
			case 0:
				res.Text, res.Exact, res.F1 = q.other, 0, float64(i%3)*33
			case 1:
				if k%3 == 0 {
					res.Text, res.Exact, res.F1 = "", 0, 0
				}
			}
			if i == 7 && k == 3 {
				res = eval.Result{Example: i, Err: "the passage has a window without an answer"}
			}
			r.Results = append(r.Results, res)
		}
		a.Runs[eval.Oracle] = append(a.Runs[eval.Oracle], r)
	}
	a.Data[eval.Oracle] = d
	return gridOf(a, eval.Oracle, names, origins)
}

func matrixStates() map[string]matrixView {
	view := func(status store.Status, g *grid, q matrixQuery) matrixView {
		v := matrixView{screen: stateScreen("matrix", status), Query: q, Modes: []string{eval.Oracle, eval.Retrieved}, Grid: g}
		v.Query.Mode, v.Query.Page = eval.Oracle, 1
		v.pick()
		return v
	}
	full := view(store.Finished, stateGrid("leases.csv"), matrixQuery{})
	full.Judged = map[string][]store.Judgement{judgedKey("leases.csv", "q1"): {{ID: 7, Item: "q1", Kind: store.Answered, Answer: "months' rent", Origin: questions.Origin{Who: "Ann", When: stateBegun, How: how}}}}
	files := view(store.Finished, stateGrid(""), matrixQuery{Show: "differ", Text: "rent", Models: []int{0, 1, 2}})
	files.Why = errFiles
	failed := view(store.Finished, &grid{}, matrixQuery{})
	failed.Err = qa.Errorf(qa.Invalid, "read what run 20260314-a1b2 has of tryall/minilm-l6-squad2, question 12: it is cut off")
	return map[string]matrixView{"empty": view(store.Finished, &grid{}, matrixQuery{}), "busy": view(store.Running, stateGrid("leases.csv"), matrixQuery{}), "failed": failed,
		"nothing": view(store.Finished, stateGrid("leases.csv"), matrixQuery{Text: "pension"}), "files": files, "full": full}
}

func overtakenState() *conflict {
	row := &stateGrid("leases.csv").rows[1]
	return &conflict{screen: stateScreen("matrix", store.Finished), row: row, form: url.Values{}, mine: store.Judgement{Kind: store.Answered, Answer: "one month's rent", Origin: questions.Origin{Who: "Ann"}},
		Overtaken: &store.Overtaken{Item: row.id, By: &store.Judgement{ID: 8, Kind: store.NoAnswer, Origin: questions.Origin{Who: "Bob Example"}}}}
}

func reportStates() map[string]reportView {
	view := func(status store.Status) reportView {
		v := reportView{screen: stateScreen("report", status)}
		if b := v.Run.Bakeoff; b != nil {
			v.Digest = report.DigestOf(report.Input{Bakeoff: b})
			for i, f := range report.Files {
				v.Files = append(v.Files, exported{f, meant[f.Name], []int64{312_000, 41_000, 6_200, 1_730_000, 98_000}[i]})
			}
		}
		return v
	}
	empty, full := view(store.Finished), view(store.Finished)
	empty.Local = true
	full.Decided, full.Decision = true, store.Decision{Title: "Which model reads our leases", Decision: "We take roberta-base-squad2 for the pilot.", Who: "Ann Example", When: stateBegun,
		Notes: "It cannot be told apart from the large ones and answers in a third of the time.\nWe look again when 200 more questions are labelled."}
	full.Digest.Title = full.Decision.Title
	full.Links = []link{{"http://tryall.example:8420/share/7Qx0mN3bR1uV5sT9yWzK2g", "a1", stateBegun}, {"http://tryall.example:8420/share/0aB3dE5fG7hJ9kL1mN3pQ5", "b2", stateBegun.Add(26 * time.Hour)}}
	refused := view(store.Finished)
	refused.Decision, refused.Wrong = full.Decision, qa.Errorf(qa.Invalid, "keep the decision on run 20260314-a1b2: a text has 70,000 bytes, at most 65,536 are kept")
	return map[string]reportView{"empty": empty, "busy": view(store.Running), "failed": view(store.Failed), "refused": refused, "full": full}
}
