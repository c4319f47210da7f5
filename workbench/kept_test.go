package workbench

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

func keptBench(t *testing.T) *Workbench {
	w, _ := fakeBench()
	dir := filepath.Join(t.TempDir(), "data")
	w.Data = func() (string, error) { return dir, nil }
	return w
}

// TestKeptSettings: what is set in the project wins over the model's own file, is read with and without the project open, says where it
// is from, and can be taken back.
func TestKeptSettings(t *testing.T) {
	ctx := context.Background()
	w := keptBench(t)
	p, err := w.OpenProject(ctx)
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) Model {
		t.Helper()
		m, err := w.Find(name, "")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	threshold := 3.25
	when := time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)
	for _, id := range []string{"tryall/can", "tryall/cannot"} {
		s := store.ModelSettings{Threshold: &threshold, Calibration: &store.Calibration{A: 0.5, B: -1}, Run: "20260314-a1b2", Labels: 120, When: when}
		if err := p.Keep(ctx, find(id), s); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string) {
		t.Helper()
		for _, id := range []string{"tryall/can", "tryall/cannot"} {
			m := find(id)
			filled := Params{}.filled(m)
			if m.Settings.Threshold == nil || *m.Settings.Threshold != 3.25 || *m.Settings.Calibration != (Calibration{0.5, -1}) || *filled.Threshold != 3.25 || !*filled.NoAnswer {
				t.Errorf("%s, %s: %+v, %+v", when, id, m.Settings, filled)
			}
			kept, ok := m.Settings.Kept()
			d, err := w.Describe(ctx, m)
			if !ok || kept.Run != "20260314-a1b2" || err != nil || d.ThresholdBy != "set in this project" || d.Kept.Labels != 120 || *d.Threshold != 3.25 {
				t.Errorf("%s, %s: kept %+v, described %+v, %v", when, id, kept, d, err)
			}
		}
		if own := find("tryall/can").Settings.Own(); own == nil || *own != 1.5 {
			t.Errorf("its own threshold is %v", own)
		}
		if m := find("tryall/can:int8"); *m.Settings.Threshold != 1.5 {
			t.Errorf("another precision, which is another contestant, has %v", *m.Settings.Threshold)
		}
	}
	check("open")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	check("closed")
	list, warnings, err := w.List(ctx)
	if err != nil || len(warnings) > 0 || *list[0].Threshold != 3.25 || list[0].ThresholdBy != "set in this project" {
		t.Errorf("%+v, %v, %v", list[0], warnings, err)
	}
	if p, err = w.OpenProject(ctx); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	// What is exported takes it along.
	out := filepath.Join(t.TempDir(), "out")
	if _, err := w.Export(ctx, find("tryall/can"), out, false); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(out, SettingsFile))
	var s Settings
	if err != nil || json.Unmarshal(raw, &s) != nil || s.Abstains != "yes" || *s.Threshold != 3.25 || s.Calibration.A != 0.5 {
		t.Errorf("%s, %v", raw, err)
	}
	for _, id := range []string{"tryall/can", "tryall/cannot"} {
		if err := p.Keep(ctx, find(id), store.ModelSettings{}); err != nil {
			t.Fatal(err)
		}
	}
	if m := find("tryall/can"); *m.Settings.Threshold != 1.5 {
		t.Errorf("taken back it is %v", *m.Settings.Threshold)
	}
	if filled := (Params{}).filled(find("tryall/cannot")); filled.Threshold != nil || *filled.NoAnswer {
		t.Errorf("taken back it is %+v", filled)
	}
}

// TestPoolAnswersByWhatIsSetNow: a model that is open already takes a new threshold and a new map without being opened anew.
func TestPoolAnswersByWhatIsSetNow(t *testing.T) {
	ctx := context.Background()
	w := keptBench(t)
	p, err := w.OpenProject(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	pool := w.NewPool(0, nil)
	defer pool.Close()
	ask := func() Result {
		t.Helper()
		m, err := w.Find("tryall/can", "")
		if err != nil {
			t.Fatal(err)
		}
		s, release, err := pool.Use(ctx, m, Params{})
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		out, err := s.Ask(ctx, []Ask{{Question: "May", Context: "in May"}})
		if err != nil || out[0].Err != nil {
			t.Fatal(err, out[0].Err)
		}
		return out[0].Result
	}
	if r := ask(); *r.Threshold != 1.5 || r.Candidates()[0].P != nil {
		t.Errorf("at first: %v", *r.Threshold)
	}
	m, _ := w.Find("tryall/can", "")
	threshold := 9.0
	if err := p.Keep(ctx, m, store.ModelSettings{Threshold: &threshold, Calibration: &store.Calibration{A: 0.5, B: -1}}); err != nil {
		t.Fatal(err)
	}
	r := ask()
	// The fake's gap is 2: 1/(1+exp(-(0.5*2-1))) is a half.
	if *r.Threshold != 9 || r.Candidates()[0].P == nil || math.Abs(*r.Candidates()[0].P-0.5) > 1e-15 || math.Abs(float64(*r.Answers[0].P)-0.5) > 1e-15 {
		t.Errorf("then: %v, %+v", *r.Threshold, r.Candidates()[0])
	}
	if len(pool.Open()) != 1 {
		t.Errorf("%v are open", pool.Open())
	}
	var none qa.Prediction
	recalibrated{c: &Calibration{1, 0}}.judge(&none, Params{Decoder: "hf"})
}
