package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/internal/bench"
)

// maxBenchSeq keeps one pass, whose attention grows with the square of the window, below a minute or so.
const maxBenchSeq = 8192

type benchCmd struct {
	Model   string  `short:"m" placeholder:"MODEL" help:"A model: a built-in, an id of the Hugging Face Hub, or a directory (./dir)."`
	Shape   string  `placeholder:"SHAPE" help:"Random weights of a shape: ${shapes} (default minilm-l6)."`
	Seq     int     `default:"384" placeholder:"N" help:"Tokens of a window (default 384)."`
	Batch   int     `default:"1" placeholder:"N" help:"Windows of a pass (default 1)."`
	Seconds float64 `default:"5" placeholder:"S" help:"How long to measure (default 5)."`
	engineFlags
	JSON bool `help:"Print JSON."`
}

// Validate refuses what cannot be measured.
func (c *benchCmd) Validate() error {
	switch {
	case c.Model != "" && c.Shape != "":
		return usagef("-m and --shape exclude each other: a model has its own shape")
	case c.Shape != "" && !slices.Contains(bench.Shapes(), c.Shape):
		return usagef("--shape is %q; it must be one of %s", c.Shape, strings.Join(bench.Shapes(), ", "))
	case c.Seq < 1 || c.Seq > maxBenchSeq:
		return usagef("--seq is %d; it must be 1 to %d", c.Seq, maxBenchSeq)
	case c.Batch < 1 || c.Batch > 4096:
		return usagef("--batch is %d; it must be 1 to 4096", c.Batch)
	case !(c.Seconds > 0 && c.Seconds <= 3600):
		return usagef("--seconds is %v; it must be more than 0 and at most 3600", c.Seconds)
	}
	return c.check()
}

// Run measures how fast a model runs.
func (c *benchCmd) Run(ctx context.Context, a *app) error {
	o := bench.Options{Shape: c.Shape, Precision: c.Precision, Seq: c.Seq, Batch: c.Batch, Threads: c.Threads,
		Duration: time.Duration(c.Seconds * float64(time.Second))}
	switch {
	case c.Model != "":
		models, err := a.bring(ctx, a.workbench(c.engineFlags), []string{c.Model}, c.Precision)
		if err != nil {
			return err
		}
		m := models[0]
		o.Shape, o.Model, o.Precision = m.Name, m.FS, m.Precision
	case c.Shape == "":
		o.Shape = bench.Shapes()[0]
	}
	line := a.status()
	line.set("measuring %s", o.Shape)
	r, err := bench.Run(ctx, o)
	line.clear()
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	for _, w := range r.Warnings {
		a.warn("%s", w)
	}
	return a.lines(
		fmt.Sprintf("%s, %s, %d × %d tokens, %s, kernel %s", visible(r.Shape), r.Precision, r.Batch, r.Seq, plural(r.Threads, "thread"), r.Kernel),
		fmt.Sprintf("%.1f ms a window (10th to 90th percentile %.1f to %.1f, %d passes)", r.MsPerWindow.P50, r.MsPerWindow.P10, r.MsPerWindow.P90, r.MsPerWindow.N),
		fmt.Sprintf("%s tokens a second, %.0f GFLOP/s, %.0f %% of the peak of %.0f, %s of memory at most",
			count(int64(r.TokensPerSec)), r.GFLOPS, r.PercentOfPeak, r.PeakGFLOPS, size(r.PeakRSSBytes)))
}
