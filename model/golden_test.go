package model

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tryall/tryall/nn"
)

// regenerate is the hint under every mismatch with the reference.
const regenerate = "the expected values come from scripts/reference/model.py; run it again if upstream or the cases changed"

// golden is testdata/*/golden.json.
type golden struct {
	Parameters int64
	Windows    []goldenWindow
}

type goldenWindow struct {
	IDs   []int32   `json:"ids"`
	Types []int32   `json:"type_ids"`
	Mask  []bool    `json:"p_mask"`
	Start []float32 `json:"start_logits"`
	End   []float32 `json:"end_logits"`
	Beam  *struct {
		StartTopLogProbs []float32 `json:"start_top_log_probs"`
		StartTopIndex    []int32   `json:"start_top_index"`
		EndTopLogProbs   []float32 `json:"end_top_log_probs"`
		EndTopIndex      []int32   `json:"end_top_index"`
		ClsLogits        []float32 `json:"cls_logits"`
	} `json:"beam"`
}

func (w goldenWindow) batch() *Batch {
	return &Batch{IDs: w.IDs, Types: w.Types, Mask: w.Mask, Bounds: []int{0, len(w.IDs)}}
}

// checkpoints are the folders of testdata.
func checkpoints(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/golden.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata/*/golden.json; run scripts/reference/model.py (%v)", err)
	}
	for i, f := range files {
		files[i] = filepath.Base(filepath.Dir(f))
	}
	return files
}

func readGolden(t testing.TB, name string) (g golden) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name, "golden.json"))
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	if err != nil || len(g.Windows) == 0 {
		t.Fatalf("testdata/%s/golden.json: %d windows, %v", name, len(g.Windows), err)
	}
	return g
}

func load(t testing.TB, name string, threads int) *QA {
	t.Helper()
	return loadIn(t, name, "fp32", threads)
}

func loadIn(t testing.TB, name, precision string, threads int) *QA {
	t.Helper()
	pool := nn.NewPool(threads)
	m, err := Load(os.DirFS(filepath.Join("testdata", name)), Options{Pool: pool, Precision: precision})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(); pool.Close() })
	return m
}

func TestGolden(t *testing.T) {
	for _, name := range checkpoints(t) {
		t.Run(name, func(t *testing.T) {
			m, g := load(t, name, 2), readGolden(t, name)
			if got := m.Info().Parameters; got != g.Parameters {
				t.Errorf("%d parameters, the reference has %d; %s", got, g.Parameters, regenerate)
			}
			var c comparison
			for i, w := range g.Windows {
				got, err := m.Score(context.Background(), w.batch())
				if err != nil {
					t.Fatalf("window %d: %v", i, err)
				}
				if w.Beam == nil {
					c.floats(t, fmt.Sprintf("window %d start", i), got.Start, w.Start)
					c.floats(t, fmt.Sprintf("window %d end", i), got.End, w.End)
					continue
				}
				b := got.Beams[0]
				c.floats(t, fmt.Sprintf("window %d start_top_log_probs", i), b.StartTopLogProbs, w.Beam.StartTopLogProbs)
				c.floats(t, fmt.Sprintf("window %d end_top_log_probs", i), b.EndTopLogProbs, w.Beam.EndTopLogProbs)
				c.floats(t, fmt.Sprintf("window %d cls_logits", i), []float32{b.ClsLogit}, w.Beam.ClsLogits)
				if !slices.Equal(b.StartTopIndex, w.Beam.StartTopIndex) || !slices.Equal(b.EndTopIndex, w.Beam.EndTopIndex) {
					t.Errorf("window %d: starts %v and ends %v, the reference has %v and %v; %s", i,
						b.StartTopIndex, b.EndTopIndex, w.Beam.StartTopIndex, w.Beam.EndTopIndex, regenerate)
				}
			}
			c.report(t)
		})
	}
}

// comparison finds the worst of many differences.
type comparison struct {
	n         int
	worst     float64
	place     string
	got, want float32
}

func (c *comparison) floats(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, the reference has %d; %s", what, len(got), len(want), regenerate)
	}
	for i := range got {
		c.n++
		err := math.Abs(float64(got[i])-float64(want[i])) / max(1, math.Abs(float64(want[i]))/10)
		if !(err <= c.worst) {
			c.worst, c.place, c.got, c.want = err, fmt.Sprintf("%s[%d] of %d", what, i, len(got)), got[i], want[i]
		}
	}
}

func (c *comparison) report(t *testing.T) {
	t.Helper()
	t.Logf("%d values, largest error %.2g", c.n, c.worst)
	if !(c.worst <= 1e-4) {
		t.Errorf("%s is %g, the reference has %g (error %.3g, allowed 1e-4); %s", c.place, c.got, c.want, c.worst, regenerate)
	}
}

// Every model_type has test data, and all test data belong to a model_type.
func TestEveryArchitectureHasGolden(t *testing.T) {
	have := map[string]bool{}
	for _, name := range checkpoints(t) {
		data, err := os.ReadFile(filepath.Join("testdata", name, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Type string `json:"model_type"`
		}
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatalf("testdata/%s/config.json: %v", name, err)
		}
		have[c.Type] = true
		claimed := slices.ContainsFunc(Architectures, func(a Architecture) bool { return slices.Contains(a.Types, c.Type) })
		if !claimed {
			t.Errorf("testdata/%s: no row of Architectures has the model_type %q", name, c.Type)
		}
	}
	for _, a := range Architectures {
		for _, kind := range a.Types {
			if !have[kind] {
				t.Errorf("model %s: no testdata/%s; run scripts/reference/model.py %s", kind, kind, kind)
			}
		}
	}
}

func TestActivations(t *testing.T) {
	data, err := os.ReadFile("testdata/activations.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		X []float32
		Y map[string][]float32
	}
	if err := json.Unmarshal(data, &g); err != nil || len(g.Y) < 15 {
		t.Fatalf("testdata/activations.json: %d functions, %v", len(g.Y), err)
	}
	pool := nn.NewPool(1)
	defer pool.Close()
	e := pool.Exec()
	defer e.Release()
	one := nn.NewLinear(1, 1, []float32{1}, nil)
	for name, want := range g.Y {
		config := &Config{raw: map[string]json.RawMessage{"hidden_act": json.RawMessage(`"` + name + `"`)}, problems: new(problems)}
		act := config.Activation("hidden_act", "")
		if err := config.err(); err != nil {
			t.Errorf("%v", err)
			continue
		}
		got := make([]float32, len(g.X))
		column := func(v []float32) nn.Matrix { return nn.Matrix{Data: v, Rows: len(v), Cols: 1, Stride: 1} }
		act.feedForward(e, column(g.X), one, one, column(got))
		for i := range got {
			if math.Abs(float64(got[i]-want[i])) > 2e-6*max(1, math.Abs(float64(want[i]))) {
				t.Errorf("%s(%g) is %g, the reference has %g; %s", name, g.X[i], got[i], want[i], regenerate)
				break
			}
		}
	}
}
