package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

type quantizeCmd struct {
	Model     string `arg:"" help:"A model: a built-in, an id of the Hugging Face Hub, or a directory (./dir)."`
	Report    bool   `help:"Show what int8 (or --precision) does to the logits, layer by layer."`
	Questions int    `default:"10" placeholder:"N" help:"Sample questions to measure with (default 10)."`
	engineFlags
	Quiet bool `short:"q" help:"Show no progress."`
	JSON  bool `help:"Print JSON."`
}

// quantizeReport is the report as JSON.
type quantizeReport struct {
	Model     string         `json:"model"`
	Precision string         `json:"precision"`
	Questions int            `json:"questions"`
	Tokens    int            `json:"tokens"`
	Damage    []model.Damage `json:"damage"`
}

// Validate refuses what makes no sense.
func (c *quantizeCmd) Validate() error {
	switch {
	case !c.Report:
		return usagef("models are converted when they are loaded: MODEL:int8 is one; --report shows what that costs")
	case c.Questions < 1 || c.Questions > 1000:
		return usagef("--questions is %d; it must be 1 to 1000", c.Questions)
	case c.Precision == nn.FP32.String():
		return usagef("--precision is fp32, which costs nothing; it must be fp16, bf16 or int8")
	}
	return c.check()
}

// Run measures what a precision does to the logits of sample questions.
func (c *quantizeCmd) Run(ctx context.Context, a *app) error {
	a.quiet = c.Quiet
	precision := c.Precision
	if precision == "" {
		precision = nn.INT8.String()
	}
	w := a.workbench(c.engineFlags)
	models, err := a.bring(ctx, w, []string{c.Model}, precision)
	if err != nil {
		return err
	}
	m := models[0]
	if precision = m.Precision; precision == nn.FP32.String() { // the name's, if it has one
		return usagef("%s: fp32 costs nothing; name fp16, bf16 or int8", m.Name)
	}
	m.Precision = nn.FP32.String() // what it is held against
	batch, err := c.batch(ctx, w, m)
	if err != nil {
		return err
	}
	pool := nn.NewPool(c.Threads)
	defer pool.Close()
	line := a.status()
	defer line.clear()
	damage, err := model.Damages(ctx, m.FS, model.Options{Pool: pool, Precision: precision}, batch, func(i, n int) {
		line.set("%s: %d of %d layers", m.Name, i, n)
	})
	line.clear()
	if err != nil {
		return about(m, err)
	}
	r := quantizeReport{m.Name, precision, c.Questions, len(batch.IDs), damage}
	if c.JSON {
		return a.printJSON(r)
	}
	return a.lines(damageTable(a.out, r)...)
}

// batch is the windows of the first sample questions, as the model gets them.
func (c *quantizeCmd) batch(ctx context.Context, w *workbench.Workbench, m workbench.Model) (_ *model.Batch, err error) {
	trials, err := (&demoCmd{Seed: 1}).trials()
	if err != nil {
		return nil, err
	}
	r, err := w.OpenReader(ctx, m, workbench.Params{}, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b := &model.Batch{Bounds: []int{0}}
	for i := range c.Questions {
		d := trials[i%len(trials)].Data
		x := d.Examples[i/len(trials)%len(d.Examples)]
		text := d.Passages[x.Passage].Text
		task := qa.Task{Question: qa.Question{Text: x.Text}, Hits: []qa.Hit{{Passage: qa.Passage{Text: text, Range: qa.Range{End: len(text)}}}}}
		_, windows, err := r.Inspect(ctx, task, workbench.Params{})
		if err != nil {
			return nil, err
		}
		for _, w := range windows {
			b.IDs, b.Types = append(b.IDs, w.IDs...), append(b.Types, w.Types...)
			b.Bounds = append(b.Bounds, len(b.IDs))
		}
	}
	return b, nil
}

// damageTable has a row for the whole, one for attention and one per layer.
func damageTable(t terminal, r quantizeReport) []string {
	worst := 0
	rows := make([][]string, len(r.Damage))
	for i, d := range r.Damage {
		if i > 1 && (worst == 0 || d.Error > r.Damage[worst].Error) {
			worst = i
		}
		rows[i] = []string{visible(d.Part), millions(int64(d.Parameters)), strconv.FormatFloat(d.Error, 'f', 4, 64), strconv.FormatFloat(100*d.Share, 'f', 2, 64)}
	}
	out := []string{fmt.Sprintf("%s in %s: change of the logits over %s, %s tokens", visible(r.Model), r.Precision, plural(r.Questions, "sample question"), count(int64(r.Tokens)))}
	cols := []column{{"converted", false}, {"parameters", true}, {"rms", true}, {"% of their deviation", true}}
	return append(out, table(t, cols, rows, func(row, _ int) string {
		if row == worst || row == 0 {
			return styleStrong
		}
		return styleNone
	})...)
}
