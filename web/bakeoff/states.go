package bakeoff

import (
	"html/template"
	"net/url"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state, without a race.
func states() []ui.State {
	begun := time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)
	names := []string{"tryall/minilm-l6-squad2@0123456:fp32", "tryall/minilm-l3-squad2@0123456:fp32", "tryall/minilm-l6-squad1@0123456:fp32", "deepset/roberta-base-squad2@adc3b06:fp32"}
	f := form{Models: ui.StateModels(), Sets: []set{{"leases.csv", "leases.csv", "120 questions, 96 with an answer"}, {"sample:wikipedia.json", "wikipedia.json", "sample: 713 questions over two Wikipedia articles"}}}
	wrong := f
	wrong.Chosen, wrong.Err = url.Values{"set": {"leases.csv"}}, qa.Errorf(qa.Invalid, "no model is chosen; tick two or more")
	info := func(s store.Status) store.RunInfo {
		return store.RunInfo{ID: "20260314-a1b2", Created: begun, Status: s, Answers: 1204, Spec: eval.Spec{Models: names}}
	}
	out := &eval.Elimination{After: 48, By: names[3], Diff: 11.2, P: 0.002, Reason: "worse than " + names[3] + " by 11.2 F1 on 48 questions (p = 0.002; p below 0.004 was asked at this look)"}
	race := &eval.RaceEvent{Done: 412, Total: 1480, Elapsed: 31 * time.Second, Left: 74 * time.Second, Questions: 480, Lines: []eval.RaceLine{
		{Contestant: names[0], N: 128, Mean: 71.4, CI: [2]float64{64.2, 78.0}}, {Contestant: names[1], N: 48, Mean: 52.1, CI: [2]float64{39.9, 63.5}, Eliminated: out},
		{Contestant: names[2], N: 128, Mean: 66.0, CI: [2]float64{58.1, 73.4}}, {Contestant: names[3], N: 108, Mean: 78.9, CI: [2]float64{71.0, 85.7}}}}
	live := func(s workbench.RaceState) *run {
		s.Run = "20260314-a1b2"
		return &run{Info: info(store.Running), Live: &s, names: eval.NewNames(names)}
	}
	done := info(store.Finished)
	done.Verdict = "deepset/roberta-base-squad2@adc3b06:fp32 is best: 78.9 F1, 7.5 points before tryall/minilm-l6-squad2@0123456:fp32 (95 % interval 2.1 to 12.8)."
	failed := info(store.Failed)
	failed.Reason = "leases.csv has changed since the run was begun; begin a new run"
	standing := func(i, rank int, score, half float64, tied bool) eval.Entrant {
		return eval.Entrant{Standing: eval.Standing{Contestant: names[i], Rank: rank, Tied: tied, N: 480, Score: score, ScoreCI: [2]float64{score - half, score + half}, F1: score, Exact: score - 9,
			WrongRate: 100 - score, P50: 11 + 20*float64(rank), PeakBytes: int64(rank) * 120e6}, ID: names[i]}
	}
	dropped := standing(1, 4, 52.1, 11.8, false)
	dropped.Eliminated, dropped.N = out, 48
	b := &eval.Bakeoff{Run: "20260314-a1b2", Created: begun, TookSeconds: 93, Spec: eval.Spec{Models: names}, Round: eval.Round{Mode: eval.Oracle, Metric: "f1", Decoder: "gap", Questions: 480, Saved: 28,
		Winner: names[3], Tied: []string{names[3]}, Verdict: done.Verdict, Models: []eval.Entrant{standing(3, 1, 78.9, 3.6, false), standing(0, 2, 71.4, 3.9, true), standing(2, 2, 69.0, 4.1, true), dropped}}}
	figure := &report.Figure{ID: "f", Title: "Quality against time", How: "Right and low is better.", Wide: template.HTML(`<svg class="plot wide" viewBox="0 0 540 320" role="img" aria-label="a plot"><path class="l-line" d="M40 300H520"/><circle class="f-m0" cx="120" cy="90" r="5"/><circle class="f-m1" cx="320" cy="60" r="5"/></svg>`),
		Narrow: template.HTML(`<svg class="plot narrow" viewBox="0 0 350 290" role="img" aria-label="a plot"><path class="l-line" d="M40 270H330"/><circle class="f-m0" cx="80" cy="90" r="5"/></svg>`)}
	list := []struct {
		name string
		view
	}{
		{"empty", view{Form: f}},
		{"runs", view{Form: f, Runs: []store.RunInfo{info(store.Running), done, failed, info(store.Interrupted)}}},
		{"refused", view{Form: wrong, Runs: []store.RunInfo{done}}},
		{"waiting", view{Form: f, Run: live(workbench.RaceState{Phase: workbench.PhaseWaiting})}},
		{"measuring", view{Form: f, Run: live(workbench.RaceState{Phase: workbench.PhaseMeasure, Contestant: names[1], Done: 1, Total: 4})}},
		{"busy", view{Form: f, Run: live(workbench.RaceState{Phase: workbench.PhaseRace, Race: race})}},
		{"stopped", view{Form: f, Run: &run{Info: info(store.Interrupted), names: eval.NewNames(names), Kept: []store.Track{{Mode: eval.Oracle, Contestant: names[0], Answers: 128}, {Mode: eval.Oracle, Contestant: names[3], Answers: 108}}}}},
		{"failed", view{Form: f, Run: &run{Info: failed, names: eval.NewNames(names)}}},
		{"full", view{Form: f, Run: &run{Info: done, Bakeoff: b, names: eval.NewNames(names), Figures: []*report.Figure{figure, figure}}}},
	}
	var all []ui.State
	for _, s := range list {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return all
}
