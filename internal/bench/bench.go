// Package bench measures how fast a model runs, against what the processor could do at most.
//
// It runs the whole model, from token ids to logits, with random weights for a named shape or with those
// of a checkpoint, and knows nothing of texts.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/tryall/tryall/internal/kernel"
	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/nn"
)

// Options are what to measure.
type Options struct {
	Shape     string // one of Shapes, with random weights; or what to call Model
	Model     fs.FS  // a checkpoint in Hub layout; nil for the shape
	Precision string
	Seq       int // tokens of a window
	Batch     int // windows of a pass
	Threads   int // 0: as many as Go uses
	Duration  time.Duration
}

// Result is what was measured, as `tryall bench --json` prints it.
type Result struct {
	Shape         string   `json:"shape"`
	Precision     string   `json:"precision"`
	Seq           int      `json:"seq"`
	Batch         int      `json:"batch"`
	Threads       int      `json:"threads"`
	Kernel        string   `json:"kernel"`
	MsPerWindow   Quantile `json:"ms_per_window"`
	TokensPerSec  float64  `json:"tokens_per_second"`
	GFLOPS        float64  `json:"gflops"`
	PeakGFLOPS    float64  `json:"peak_gflops"`
	PercentOfPeak float64  `json:"percent_of_peak"`
	PeakRSSBytes  int64    `json:"peak_rss_bytes"`
	Warnings      []string `json:"warnings,omitempty"`
}

// Quantile sums up N passes.
type Quantile struct {
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	N   int     `json:"n"`
}

// least is the number of passes that are measured however long they take.
const least = 5

// Run loads the model, warms it up and measures passes for the given time, but at least five.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Seq < 1 || o.Batch < 1 {
		return nil, fmt.Errorf("bench: %d windows of %d tokens; both must be at least 1", o.Batch, o.Seq)
	}
	name, err := nn.Kernel()
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	fsys := o.Model
	if fsys == nil {
		if fsys, err = random(o.Shape, o.Seq); err != nil {
			return nil, err
		}
	}
	pool := nn.NewPool(o.Threads)
	defer pool.Close()
	m, err := model.Load(fsys, model.Options{Pool: pool, Precision: o.Precision})
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer m.Close()
	if most := m.Info().MaxPositions; most > 0 && o.Seq > most {
		return nil, fmt.Errorf("bench: windows of %d tokens, but the model takes %d at most", o.Seq, most)
	}
	r := &Result{Shape: o.Shape, Precision: o.Precision, Seq: o.Seq, Batch: o.Batch, Threads: pool.Threads(), Kernel: name}
	if r.Precision == "" {
		r.Precision = "fp32"
	}
	precision, _ := nn.ParsePrecision(o.Precision) // Load accepted it
	r.PeakGFLOPS = peak(pool, precision)
	if precision.Emulated() {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s is emulated: this machine has no instructions for it, so that it rounds but is no faster", precision))
	}
	times, err := passes(ctx, m, batch(o, m.Info().VocabSize), o.Duration)
	if err != nil {
		return nil, err
	}
	r.fill(times, fsys, m.Info())
	return r, nil
}

// batch makes windows of random tokens.
func batch(o Options, vocab int) *model.Batch {
	rnd := rand.New(rand.NewPCG(1, 2))
	b := &model.Batch{Bounds: []int{0}}
	for range o.Batch {
		for range o.Seq {
			b.IDs = append(b.IDs, rnd.Int32N(int32(vocab)))
		}
		b.Bounds = append(b.Bounds, len(b.IDs))
	}
	return b
}

// passes runs the model until the time is over and returns how long each pass took.
func passes(ctx context.Context, m *model.QA, b *model.Batch, d time.Duration) (times []time.Duration, err error) {
	const warmUp = 2
	var end time.Time
	for i := 0; len(times) < least || time.Now().Before(end); i++ {
		if i == warmUp {
			end = time.Now().Add(d)
		}
		start := time.Now()
		if _, err := m.Score(ctx, b); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		if i >= warmUp {
			times = append(times, time.Since(start))
		}
	}
	return times, nil
}

func (r *Result) fill(times []time.Duration, fsys fs.FS, info model.Info) {
	slices.Sort(times)
	at := func(q float64) float64 {
		return times[int(q*float64(len(times)-1)+0.5)].Seconds() * 1e3 / float64(r.Batch)
	}
	r.MsPerWindow = Quantile{at(0.1), at(0.5), at(0.9), len(times)}
	r.TokensPerSec = float64(r.Seq) / r.MsPerWindow.P50 * 1e3
	r.PeakRSSBytes = peakRSS()
	flops, err := flops(fsys, info, r.Seq)
	if err != nil {
		r.Warnings = append(r.Warnings, "gflops is unknown: "+err.Error())
	}
	r.GFLOPS = flops / r.MsPerWindow.P50 / 1e6
	if r.PeakGFLOPS > 0 {
		r.PercentOfPeak = 100 * r.GFLOPS / r.PeakGFLOPS
	}
	if r.Kernel == "generic" {
		r.Warnings = append(r.Warnings, "peak_gflops is that of plain Go code, not of the processor")
	}
}

// peak is the most that the pool's threads reach, in GFLOP/s, in the products of a precision, in arithmetic that touches no memory.
func peak(pool *nn.Pool, p nn.Precision) float64 {
	kind := map[nn.Precision]kernel.Kind{nn.BF16: kernel.BF16, nn.INT8: kernel.I8}[p] // else that of float32
	e := pool.Exec()
	defer e.Release()
	processors := min(pool.Threads(), runtime.GOMAXPROCS(0)) // more threads than that take longer and no more comes out
	best := 0.0
	for range 20 {
		const rounds, calls = 20000, 20 // a call takes some hundred microseconds at most
		flops := make([]int, pool.Threads())
		start := time.Now()
		e.For(calls*processors, func(_, worker int) { flops[worker] += kernel.Peak(kind, rounds) })
		total := 0
		for _, f := range flops {
			total += f
		}
		best = max(best, float64(total)/time.Since(start).Seconds()/1e9)
	}
	return best
}

// flops is the number of operations of one window: the products of the linear layers and of attention.
func flops(fsys fs.FS, info model.Info, seq int) (float64, error) {
	wide, err := intermediate(fsys)
	if err != nil {
		return 0, err
	}
	if info.Architecture == "xlnet" {
		return 0, errors.New("the relative attention of xlnet is not counted")
	}
	n, d := float64(seq), float64(info.Hidden)
	return float64(info.Layers) * n * (8*d*d + 4*d*wide + 4*n*d), nil
}
