package e2e

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// quality is what transformers and run_qa make of some of the sample questions (scripts/reference/quality.py).
type quality struct {
	Sets []struct {
		Name   string
		V2     bool
		Models map[string]struct {
			Exact, F1   float64
			Predictions map[string]string
		}
	}
}

// TestQuality holds that the built-in models answer as transformers and run_qa do, from weights to score.
func TestQuality(t *testing.T) {
	var want quality
	data, err := os.ReadFile("testdata/quality.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, set := range want.Sets {
		for model, reference := range set.Models {
			n++
			t.Run(set.Name+"/"+model, func(t *testing.T) {
				dir := t.TempDir()
				gold, preds := filepath.Join(dir, "gold.json"), filepath.Join(dir, "predictions.json")
				subset(t, filepath.Join(root, "zoo", "sample", set.Name+".json.gz"), gold, reference.Predictions)
				args := []string{"eval", "--json", "--data", gold, "-m", model, "--decoder", "squad", "--predictions", preds}
				if set.V2 {
					args = append(args, "--v2")
				}
				var score struct {
					F1    float64
					Exact float64
					EM    *float64 `json:"exact_match"`
				}
				if err := json.Unmarshal(tryall(t, args...), &score); err != nil {
					t.Fatal(err)
				}
				if score.EM != nil { // the name of the v1.1 script
					score.Exact = *score.EM
				}
				if d := math.Abs(score.Exact - reference.Exact); d > 0.1 {
					t.Errorf("EM %.2f, transformers %.2f", score.Exact, reference.Exact)
				}
				if d := math.Abs(score.F1 - reference.F1); d > 0.1 {
					t.Errorf("F1 %.2f, transformers %.2f", score.F1, reference.F1)
				}
				var got map[string]string
				data, err := os.ReadFile(preds)
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(data, &got); err != nil {
					t.Fatal(err)
				}
				for id, text := range reference.Predictions {
					if got[id] != text {
						t.Errorf("question %s: %q, transformers %q", id, got[id], text)
					}
				}
			})
		}
	}
	if n == 0 {
		t.Fatal("testdata/quality.json holds no models; run scripts/reference/quality.py")
	}
}

// subset copies the questions with the wanted ids from a packed sample file.
func subset(t *testing.T, from, to string, ids map[string]string) {
	t.Helper()
	type object = map[string]any
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var file object
	dec := json.NewDecoder(z)
	dec.UseNumber()
	if err := dec.Decode(&file); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, article := range file["data"].([]any) {
		for _, paragraph := range article.(object)["paragraphs"].([]any) {
			p := paragraph.(object)
			kept := []any{}
			for _, q := range p["qas"].([]any) {
				id, ok := q.(object)["id"].(string)
				if !ok {
					id = q.(object)["id"].(json.Number).String()
				}
				if _, ok := ids[id]; ok {
					kept = append(kept, q)
				}
			}
			p["qas"] = kept
			found += len(kept)
		}
	}
	if found != len(ids) {
		t.Fatalf("%s has %d of the %d questions; run scripts/reference/quality.py again", from, found, len(ids))
	}
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
