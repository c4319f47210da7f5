package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/workbench"
)

type evalCmd struct {
	Data  string   `required:"" placeholder:"FILE" help:"Questions with answers: SQuAD JSON, also packed with gzip (.gz)."`
	Model []string `short:"m" placeholder:"MODEL" help:"A model; repeat for more (default ${default_model})."`
	Limit int      `placeholder:"N" help:"Ask the first N questions only."`

	Predictions string `placeholder:"OUT" help:"Write {id: text}, as run_qa does."`
	NullOdds    string `placeholder:"OUT" help:"Write {id: no-answer score minus best score}."`
	Nbest       string `placeholder:"OUT" help:"Write the candidates of every question."`
	readFlags
	engineFlags
	JSON bool `help:"Print JSON."`
}

// Validate refuses what cannot be meant.
func (c *evalCmd) Validate() error {
	switch {
	case c.Limit < 0:
		return usagef("--limit is %d; it must be 1 or more (0: all questions)", c.Limit)
	case len(c.Model) > 1 && c.Predictions+c.NullOdds+c.Nbest != "":
		return usagef("--predictions, --null-odds and --nbest hold the answers of one model; %d are given", len(c.Model))
	}
	return both(&c.readFlags, &c.engineFlags)
}

// Run scores models on a data set.
func (c *evalCmd) Run(ctx context.Context, a *app) error {
	data, err := readDataset(c.Data)
	if err != nil {
		return err
	}
	for _, w := range data.Warnings {
		a.warn("%s", w)
	}
	w := a.workbench(c.engineFlags)
	if len(c.Model) == 0 {
		c.Model = []string{defaultModel}
	}
	models, err := a.bring(ctx, w, c.Model, c.Precision)
	if err != nil {
		return err
	}
	runs := make([]*eval.Run, len(models))
	line := a.status()
	defer line.clear()
	for i, m := range models {
		o := eval.RunOptions{Limit: c.Limit, Progress: func(p eval.Progress) { line.set("%s: %s", m.Name, progressWords(p)) }}
		files := workbench.EvalFiles{Predictions: c.Predictions, NullOdds: c.NullOdds, NBest: c.Nbest}
		if runs[i], err = w.Evaluate(ctx, m, c.params(), data, files, o); err != nil {
			return err
		}
	}
	line.clear()
	return a.showRuns(runs, c.JSON)
}

func (a *app) showRuns(runs []*eval.Run, asJSON bool) error {
	for _, r := range runs {
		for _, w := range r.Warnings {
			a.warn("%s: %s", workbench.Brief(r.Contestant), w)
		}
	}
	switch {
	case asJSON && len(runs) == 1:
		return a.printJSON(runs[0].Fields())
	case asJSON:
		all := make([]eval.Fields, len(runs))
		for i, r := range runs {
			all[i] = r.Fields()
		}
		return a.printJSON(all)
	}
	for i, r := range runs {
		var out []string
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, a.out.in(styleStrong, visible(workbench.Brief(r.Contestant)))+", decoder "+r.Decoder)
		out = append(append(out, scoreLines(a.out, r.Report)...), "", a.out.in(styleDim, speedLine(r)))
		if err := a.lines(out...); err != nil {
			return err
		}
	}
	return nil
}

func speedLine(r *eval.Run) string {
	s := fmt.Sprintf("%.1f questions and %s tokens a second", r.Speed.QuestionsPerSecond, count(int64(r.Speed.TokensPerSecond)))
	if r.Speed.TimedAlone > 0 {
		s += fmt.Sprintf("; one alone takes %s (median), %s (95th percentile, %d questions)", milliseconds(r.Speed.P50), milliseconds(r.Speed.P95), r.Speed.TimedAlone)
	}
	return s
}

// progressWords say what is done, how fast, and how long it will take.
func progressWords(p eval.Progress) string {
	if p.Done == 0 || p.Elapsed <= 0 {
		return plural(p.Total, "question")
	}
	rate := float64(p.Done) / p.Elapsed.Seconds()
	left := time.Duration(float64(p.Total-p.Done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%d of %s, %.1f a second, %s left", p.Done, plural(p.Total, "question"), rate, left)
}
