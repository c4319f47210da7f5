package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/internal/place"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/workbench"
	"github.com/tryall/tryall/zoo"
)

// demoBudget is how many bytes of text are read for each sample, so that all models together need less than a minute on two
// cores.
var demoBudget = map[string]int{"covid-papers.json": 220_000, "wikipedia.json": 260_000}

// demoPassage is about how many bytes of a text go with a question: papers are cut, and the part that holds the answer is read.
const demoPassage = 1500

type demoCmd struct {
	All    bool   `help:"Ask all sample questions; this takes minutes."`
	Full   bool   `help:"Ask every model every question; nobody is dropped on the way."`
	Seed   uint64 `placeholder:"N" default:"1" help:"Seed of the pick and of the intervals (default 1)."`
	Report string `placeholder:"DIR" help:"Write the reports there (default: a folder of the user's data)."`
	engineFlags
	Quiet bool `short:"q" help:"Show no progress."`
	JSON  bool `help:"Print JSON."`
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
	Name      string        `json:"name"`
	About     string        `json:"about"`
	Questions int           `json:"questions"`
	Bakeoff   *eval.Bakeoff `json:"bakeoff"`
	Report    string        `json:"report,omitempty"` // the page
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
	a.quiet = c.Quiet
	trials, err := c.trials()
	if err != nil {
		return err
	}
	w := a.workbench(c.engineFlags)
	models, err := c.models(w)
	if err != nil {
		return err
	}
	if !c.JSON {
		if err := a.lines(append(wrapText(c.introduction(models, trials), min(a.out.width, passageWidth)), "")...); err != nil {
			return err
		}
	}
	began := time.Now()
	demos, err := c.race(ctx, a, w, models, trials)
	if err != nil {
		return err
	}
	examples, err := w.Examples(ctx, models, demos)
	if err != nil {
		return err
	}
	pages, err := c.write(demos)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(c.report(demos, examples, pages, time.Since(began)))
	}
	return a.showDemo(demos, examples, pages)
}

// models are the built-in ones in every precision that runs, but for one whose answers are those of another.
func (c *demoCmd) models(w *workbench.Workbench) ([]workbench.Model, error) {
	precisions := slices.DeleteFunc(slices.Clone(runnablePrecisions), func(p string) bool { return p == nn.FP16.String() })
	if c.Precision != "" {
		precisions = []string{c.Precision}
	}
	var models []workbench.Model
	for _, p := range precisions {
		list, err := w.FindAll(nil, p)
		if err != nil {
			return nil, err
		}
		models = append(models, list...)
	}
	return models, nil
}

// race shows each data set's race while it is run.
func (c *demoCmd) race(ctx context.Context, a *app, w *workbench.Workbench, models []workbench.Model, trials []workbench.Trial) ([]workbench.Demonstrated, error) {
	v := currentVersion()
	var last *watch
	defer func() {
		if last != nil {
			last.clear()
		}
	}()
	return w.Demo(ctx, models, trials, workbench.Plan{Seed: c.Seed, Full: c.Full, Threads: c.Threads}, func(workbench.Trial) workbench.Host {
		if last != nil {
			last.clear()
		}
		last = newWatch(a, namesOf(models), "F1")
		return workbench.Host{Version: v.Version, Kernel: v.Kernel, Gauge: a.gaugeIn(c.engineFlags), Event: last.event}
	})
}

// write writes a report of each data set and gives the pages. Where there is no folder for it, there is none.
func (c *demoCmd) write(demos []workbench.Demonstrated) ([]string, error) {
	dir := c.Report
	if dir == "" {
		home, err := place.Home(os.Getenv)
		if err != nil {
			return make([]string, len(demos)), nil
		}
		dir = filepath.Join(home, "demo")
	}
	pages := make([]string, len(demos))
	for i, d := range demos {
		folder := filepath.Join(dir, strings.TrimSuffix(d.Name, filepath.Ext(d.Name)))
		if _, err := report.Write(folder, reportInput(d.BakeoffOutcome, nil, nil)); err != nil {
			return nil, err
		}
		pages[i] = filepath.Join(folder, "report.html")
	}
	return pages, nil
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
	return fmt.Sprintf("%s race over %s that none has learned from, each with the passage that it is about. Who is worse for certain is dropped.", plural(len(models), "built-in model"), plural(total, "question"))
}

func (c *demoCmd) report(demos []workbench.Demonstrated, examples []workbench.Example, pages []string, took time.Duration) demoReport {
	r := demoReport{Seed: c.Seed, All: c.All, Examples: []demoExample{}, TookMS: float64(took.Milliseconds())}
	for i, d := range demos {
		r.Data = append(r.Data, demoData{d.Name, d.About, len(d.Trial.Data.Examples), d.Bakeoff, pages[i]})
	}
	for _, e := range examples {
		r.Examples = append(r.Examples, demoExample{e.Question, e.Result.Prediction, e.Result.Abstained, e.Result.Contestant, e.Trial})
	}
	return r
}
