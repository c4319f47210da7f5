package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/internal/place"
	"github.com/tryall/tryall/project"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

type bakeoffCmd struct {
	Config string   `arg:"" optional:"" placeholder:"tryall.yaml" help:"The project's configuration (default: tryall.yaml here or above)."`
	Model  []string `short:"m" placeholder:"MODEL" help:"A contestant, maybe with :precision; repeat for more (default: those of the configuration, else the built-in ones)."`
	Data   []string `placeholder:"FILE" help:"Questions: SQuAD JSON, CSV, TSV, JSON lines, a list; repeat for more (default: those of the configuration, else the imported ones)."`
	Limit  *int     `placeholder:"N" help:"Ask the first N questions only (0: all)."`
	Mode   []string `placeholder:"MODE" help:"oracle: each question with its own passage; retrieved: with what the corpus has for it. Repeat for both; the first decides (default oracle)."`
	Metric string   `placeholder:"NAME" help:"What decides: f1, exact, cjk_f1, ... (default f1)."`

	Budget   time.Duration `placeholder:"TIME" help:"End the race after so much time: 10m, 1h30m."`
	Full     bool          `help:"Ask every contestant every question; nobody is dropped on the way."`
	Alpha    *float64      `placeholder:"X" help:"Chance, over the whole race, of dropping one that is as good as the best (default 0.05)."`
	Passages *int          `placeholder:"N" help:"Passages to read for a question that is asked of the corpus (default 5)."`
	Memory   string        `placeholder:"SIZE" help:"Memory that open models may take together, as 4GB (default: 70 % of what is free)."`
	Seed     *uint64       `placeholder:"N" help:"Seed of the order of the questions and of the intervals (default 1)."`
	Resume   resumeFlag    `placeholder:"RUN" help:"Go on with an interrupted run (default: the last one)."`
	Report   string        `placeholder:"DIR" help:"Write the report there."`
	JUnit    string        `name:"junit" placeholder:"FILE" help:"Write what came of the gate for a CI system."`
	readFlags
	engineFlags
	Quiet bool `short:"q" help:"Show no progress."`
	JSON  bool `help:"Print JSON."`

	memory int64
}

// exitGate is the exit code when a limit of the gate does not hold.
const exitGate = 100

// errGate says that a limit of the gate does not hold; what came of it is printed already.
var errGate = errors.New("the gate failed")

// resumeFlag takes a run or stands alone. Arguments are joined before they are parsed, see joinOptional.
type resumeFlag string

// lastRun stands for the newest run.
const lastRun = "last"

// Validate refuses what cannot be meant.
func (c *bakeoffCmd) Validate() error {
	switch {
	case c.Limit != nil && *c.Limit < 0:
		return usagef("--limit is %d; it must be 1 or more (0: all questions)", *c.Limit)
	case c.Budget < 0:
		return usagef("--budget is %s; it must be more than 0", c.Budget)
	case c.Alpha != nil && !(*c.Alpha > 0 && *c.Alpha < 1):
		return usagef("--alpha is %v; it must lie between 0 and 1", *c.Alpha)
	case c.Passages != nil && (*c.Passages < 1 || *c.Passages > 100):
		return usagef("--passages is %d; it must be 1 to 100", *c.Passages)
	case c.Resume != "" && (len(c.Model) > 0 || len(c.Data) > 0 || len(c.Mode) > 0 || c.Limit != nil || c.Metric != "" || c.Full || c.Seed != nil):
		return usagef("--resume goes on with a run as it was begun; leave out -m, --data, --mode, --limit, --metric, --full and --seed")
	}
	for _, m := range c.Mode {
		if m != eval.Oracle && m != eval.Retrieved {
			return usagef("--mode is %q; it must be %s or %s", m, eval.Oracle, eval.Retrieved)
		}
	}
	if c.Metric != "" {
		if err := checkMetric(c.Metric); err != nil {
			return err
		}
	}
	if c.Memory != "" {
		n, ok := parseSize(c.Memory)
		if !ok {
			return usagef("--memory is %q; it must be a size like 500MB or 1.5GB", c.Memory)
		}
		c.memory = n
	}
	return both(&c.readFlags, &c.engineFlags)
}

func checkMetric(name string) error {
	var can []string
	for _, m := range eval.Metrics {
		if m.Each != nil {
			can = append(can, m.Name)
		}
	}
	if !slices.Contains(can, name) {
		return usagef("--metric is %q; it must be one of %s", name, strings.Join(can, ", "))
	}
	return nil
}

// Run races models over questions and says which to take.
func (c *bakeoffCmd) Run(ctx context.Context, a *app) error {
	a.quiet = c.Quiet
	config, err := c.configuration()
	if err != nil {
		return err
	}
	w := a.workbench(c.engineFlags)
	p, err := a.project(ctx, w)
	if err != nil {
		return err
	}
	defer p.Close()
	plan, run, err := c.planOf(ctx, a, w, p, config)
	if err != nil {
		return err
	}
	if plan.Threads != c.Threads { // a run that is resumed, or a configuration, has its own
		c.Threads = plan.Threads
		w = a.workbench(c.engineFlags)
	}
	if err := writable(c.JUnit, c.Report); err != nil {
		return err
	}
	race := &bakeoffRun{a: a, w: w, p: p, plan: plan, run: run, engine: c.engineFlags, config: config}
	out, err := race.do(ctx)
	if err != nil {
		return err
	}
	return c.tell(a, config, out)
}

// writable sees, before the work begins, that what it comes to can be written: the folder of a file must be there.
func writable(file, dir string) error {
	if file != "" {
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return qa.Errorf(qa.Invalid, "--junit %s: there is no folder %s", file, filepath.Dir(file))
		}
	}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return qa.Errorf(qa.Invalid, "--report %s: %w", dir, err)
		}
	}
	return nil
}

// configuration reads tryall.yaml: the one that is named, else the project's; nil when there is none.
func (c *bakeoffCmd) configuration() (*project.Config, error) {
	if c.Config != "" {
		return project.Load(c.Config)
	}
	dir, err := place.Project(".")
	if err != nil || dir == "" {
		return nil, err
	}
	path := filepath.Join(dir, place.ProjectFile)
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, path); err == nil {
			path = rel
		}
	}
	return project.Load(path)
}

// planOf makes the plan of flags and configuration, or takes that of the run that is resumed.
func (c *bakeoffCmd) planOf(ctx context.Context, a *app, w *workbench.Workbench, p *workbench.Project, config *project.Config) (plan workbench.Plan, run string, err error) {
	if c.Resume != "" {
		return p.PlanOf(ctx, string(c.Resume))
	}
	if config != nil {
		if plan, err = a.planOf(ctx, w, config); err != nil {
			return plan, "", err
		}
	}
	if err := c.over(&plan); err != nil {
		return plan, "", err
	}
	if len(plan.Models) == 0 {
		for _, name := range builtinNames() {
			plan.Models = append(plan.Models, workbench.PlanModel{Name: name, Precision: c.Precision})
		}
	}
	if len(plan.Data)+len(plan.Sets) == 0 {
		sets, err := p.Store.Sets(ctx)
		if err != nil {
			return plan, "", err
		}
		for _, s := range sets {
			plan.Sets = append(plan.Sets, s.Name)
		}
		if len(sets) == 0 {
			return plan, "", qa.Errorf(qa.Invalid, "there are no questions: give --data FILE, name files under questions: in tryall.yaml, or import some with tryall questions import FILE")
		}
	}
	return plan, "", nil
}

// over puts what flags say over a plan.
func (c *bakeoffCmd) over(plan *workbench.Plan) error {
	if len(c.Model) > 0 {
		plan.Models = nil
		for _, name := range c.Model {
			plan.Models = append(plan.Models, workbench.PlanModel{Name: name, Precision: c.Precision})
		}
	}
	if len(c.Data) > 0 {
		plan.Data, plan.Sets = nil, nil
		for _, file := range c.Data {
			abs, err := filepath.Abs(file)
			if err != nil {
				return fmt.Errorf("find %s: %w", file, err)
			}
			plan.Data = append(plan.Data, abs)
		}
	}
	if len(c.Mode) > 0 {
		plan.Modes = c.Mode
	}
	if plan.Config == "" {
		plan.Seed = workbench.DefaultSeed
	}
	setIf(&plan.Seed, c.Seed)
	setOver(&plan.Memory, c.memory)
	setIf(&plan.Limit, c.Limit)
	setOver(&plan.Metric, c.Metric)
	setOver(&plan.Budget, c.Budget)
	setIf(&plan.Alpha, c.Alpha)
	setIf(&plan.Passages, c.Passages)
	setOver(&plan.Threads, c.Threads)
	plan.Full = plan.Full || c.Full
	plan.Params = overParams(c.params(), plan.Params)
	return nil
}

func setIf[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func setOver[T comparable](to *T, from T) {
	var none T
	if from != none {
		*to = from
	}
}

// overParams are flags with what a configuration says where they say nothing.
func overParams(flags, config workbench.Params) workbench.Params {
	out := flags
	for _, x := range []struct{ to, from **int }{{&out.TopK, &config.TopK}, {&out.MaxSeqLen, &config.MaxSeqLen}, {&out.DocStride, &config.DocStride},
		{&out.MaxAnswerLen, &config.MaxAnswerLen}, {&out.NBest, &config.NBest}} {
		if *x.to == nil {
			*x.to = *x.from
		}
	}
	for _, x := range []struct{ to, from **bool }{{&out.NoAnswer, &config.NoAnswer}, {&out.AlignToWords, &config.AlignToWords}} {
		if *x.to == nil {
			*x.to = *x.from
		}
	}
	if out.Threshold == nil {
		out.Threshold = config.Threshold
	}
	if out.Decoder == workbench.Decoders[0] && config.Decoder != "" {
		out.Decoder = config.Decoder
	}
	out.V2 = out.V2 || config.V2
	return out
}
