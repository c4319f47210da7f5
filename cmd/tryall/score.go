package main

import (
	"compress/gzip"
	"io"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// versionFlags force the rules of one version.
type versionFlags struct {
	V1 bool `name:"v1" help:"Score as version 1.1, whatever the data say."`
	V2 bool `name:"v2" help:"Score as version 2.0, whatever the data say."`
}

func (f versionFlags) apply(d *eval.Dataset) error {
	switch {
	case f.V1 && f.V2:
		return usagef("--v1 and --v2 exclude each other")
	case f.V1 || f.V2:
		d.V2 = f.V2
	}
	return nil
}

type scoreCmd struct {
	Gold         string   `arg:"" help:"Questions with answers: SQuAD JSON, version 1.1 or 2.0."`
	Pred         string   `arg:"" help:"Predictions: {id: text}."`
	NaProb       string   `placeholder:"FILE" help:"No-answer scores: {id: number}; adds the best thresholds and precision-recall areas."`
	NaProbThresh *float64 `placeholder:"T" help:"Count a question as unanswered when its no-answer score exceeds T (default 1)."`
	versionFlags
	JSON bool `help:"Print JSON."`
}

// Run scores a predictions file.
func (c *scoreCmd) Run(a *app) error {
	data, err := readDataset(c.Gold)
	if err != nil {
		return err
	}
	if err := c.apply(data); err != nil {
		return err
	}
	predictions, err := eval.ReadFile(c.Pred, func(r io.Reader) (map[string]string, error) { return eval.ReadPredictions(r, data.Known()) })
	if err != nil {
		return err
	}
	o := eval.ScoreOptions{Threshold: c.NaProbThresh}
	if c.NaProb != "" {
		if o.NoAnswer, err = eval.ReadFile(c.NaProb, func(r io.Reader) (*eval.NoAnswerScores, error) { return eval.ReadNoAnswerScores(r, data.Known()) }); err != nil {
			return err
		}
	}
	report, err := eval.Score(data, predictions, o)
	if err != nil {
		return err
	}
	for _, w := range append(data.Warnings, report.Warnings...) {
		a.warn("%s", w)
	}
	if c.JSON {
		return a.printJSON(report)
	}
	return a.lines(scoreLines(a.out, report)...)
}

// scoreLines is a report as people read it: a row per part, then what the no-answer scores say.
func scoreLines(t terminal, r eval.Report) []string {
	cols := []column{{"", false}, {"EM %", true}, {"F1 %", true}, {"questions", true}}
	row := func(name string, p eval.Part) []string {
		return []string{name, percent(p.Exact), percent(p.F1), count(p.Total)}
	}
	rows := [][]string{row("all", r.Part)}
	if r.HasAns != nil {
		rows = append(rows, row("with an answer", *r.HasAns))
	}
	if r.NoAns != nil {
		rows = append(rows, row("without", *r.NoAns))
	}
	out := table(t, cols, rows, nil)
	if b := r.Best; b != nil {
		best := table(t, []column{{"at the best threshold", false}, {"%", true}, {"threshold", true}},
			[][]string{{"EM", percent(b.Exact), number(b.ExactThresh)}, {"F1", percent(b.F1), number(b.F1Thresh)}}, nil)
		out = append(append(out, ""), best...)
	}
	if p := r.PR; p != nil {
		area := table(t, []column{{"area under precision-recall", false}, {"%", true}},
			[][]string{{"EM", percent(p.Exact)}, {"F1", percent(p.F1)}, {"oracle", percent(p.Oracle)}}, nil)
		out = append(append(out, ""), area...)
	}
	if r.Missing > 0 {
		out = append(out, "", plural(r.Missing, "question")+" without a prediction, scored 0")
	}
	return out
}

// readDataset reads SQuAD JSON, plain or compressed with gzip.
func readDataset(path string) (*eval.Dataset, error) {
	if !strings.HasSuffix(path, ".gz") {
		return eval.LoadDataset(path)
	}
	return eval.ReadFile(path, func(r io.Reader) (*eval.Dataset, error) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, qa.Errorf(qa.Invalid, "unpack: %w", err)
		}
		return eval.ReadDataset(z)
	})
}
