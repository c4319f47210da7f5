package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/workbench"
	"github.com/tryall/tryall/zoo"
)

// demoBudget is how many bytes of text are read for each sample, about a hundred questions of each, so that all models together
// need less than a minute on two cores.
var demoBudget = map[string]int{"covid-papers.json": 150_000, "wikipedia.json": 70_000}

// demoPassage is about how many bytes of a text go with a question: papers are cut, and the part that holds the answer is read.
const demoPassage = 1500

type demoCmd struct {
	All  bool   `help:"Ask all sample questions; this takes minutes."`
	Seed uint64 `placeholder:"N" default:"1" help:"Seed of the pick and of the intervals (default 1)."`
	engineFlags
	JSON bool `help:"Print JSON."`
}

// demoReport is the demonstration as JSON.
type demoReport struct {
	Seed     uint64        `json:"seed"`
	All      bool          `json:"all"`
	Data     []demoData    `json:"data"`
	Examples []demoExample `json:"examples"`
	TookMS   float64       `json:"took_ms"`
}

type demoData struct {
	Name        string            `json:"name"`
	About       string            `json:"about"`
	Questions   int               `json:"questions"`
	Leaderboard *eval.Leaderboard `json:"leaderboard"`
}

type demoExample struct {
	Question   string `json:"question"`
	Prediction string `json:"prediction"`
	Abstained  bool   `json:"abstained"`
	Contestant string `json:"contestant"`
	Data       string `json:"data"`
}

// Validate refuses values outside their range.
func (c *demoCmd) Validate() error { return c.check() }

// Run races the built-in models over the sample questions.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	trials, err := c.trials()
	if err != nil {
		return err
	}
	w := a.workbench(c.engineFlags)
	models, err := w.FindAll(nil, c.Precision)
	if err != nil {
		return err
	}
	if !c.JSON {
		if err := a.lines(append(wrapText(c.introduction(models, trials), min(a.out.width, passageWidth)), "")...); err != nil {
			return err
		}
	}
	line, began := a.status(), time.Now()
	defer line.clear()
	rounds, err := w.Race(ctx, models, trials, c.Seed, func(m workbench.Model, done, total int, elapsed time.Duration) {
		left := time.Duration(float64(elapsed) * float64(total-done) / float64(done)).Round(time.Second)
		line.set("%s: %d of %d answers, about %s left", m.ID, done, total, left)
	})
	line.clear()
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(c.report(rounds, time.Since(began)))
	}
	return a.showDemo(rounds, models)
}

func (c *demoCmd) trials() ([]workbench.Trial, error) {
	var trials []workbench.Trial
	for _, s := range zoo.Sample() {
		raw, err := s.JSON()
		if err != nil {
			return nil, err
		}
		d, err := eval.ReadDataset(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("read the sample %s: %w", s.Name, err)
		}
		d = workbench.Excerpts(d, demoPassage)
		if !c.All {
			d = workbench.Sample(d, demoBudget[s.Name], c.Seed)
		}
		trials = append(trials, workbench.Trial{Name: s.Name, About: s.About, Data: d})
	}
	return trials, nil
}

func (c *demoCmd) introduction(models []workbench.Model, trials []workbench.Trial) string {
	total := 0
	for _, t := range trials {
		total += len(t.Data.Examples)
	}
	return fmt.Sprintf("%s answer %s that none has learned from, each with the passage that it is about.", plural(len(models), "built-in model"), plural(total, "question"))
}

func (c *demoCmd) report(rounds []workbench.Round, took time.Duration) demoReport {
	r := demoReport{Seed: c.Seed, All: c.All, Examples: []demoExample{}, TookMS: float64(took.Milliseconds())}
	for i := range rounds {
		r.Data = append(r.Data, demoData{rounds[i].Name, rounds[i].About, len(rounds[i].Data.Examples), rounds[i].Leaderboard})
	}
	for _, e := range workbench.Examples(rounds) {
		r.Examples = append(r.Examples, demoExample{e.Question, e.Result.Text, e.Result.Text == "", e.Run.Contestant, e.Trial.Name})
	}
	return r
}
