package eval

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var officialDir = flag.String("official", "testdata/official", "folder of cases written by scripts/reference/score.py")

type officialCase struct {
	Gold, Pred string
	NAProb     string `json:"na_prob"`
	Thresh     *float64
	Want       string
}

// Every case has the keys of the official scripts, in their order, and their values.
func TestScoreEqualsOfficialScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(*officialDir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s; run scripts/reference/score.py", *officialDir)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Cases []officialCase }
		if err := json.Unmarshal(b, &doc); err != nil || len(doc.Cases) == 0 {
			t.Fatalf("%s: %d cases, %v", file, len(doc.Cases), err)
		}
		worst := 0.0
		for i, c := range doc.Cases {
			worst = max(worst, c.check(t, file, i))
		}
		t.Logf("%s: %d cases, largest error %.2g", filepath.Base(file), len(doc.Cases), worst)
	}
}

func (c officialCase) check(t *testing.T, file string, i int) (worst float64) {
	t.Helper()
	r, err := c.score()
	if err != nil {
		t.Errorf("%s case %d: %v", file, i, err)
		return 0
	}
	want, err := ReadNoAnswerScores(strings.NewReader(c.Want), nil)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range r.Fields() {
		w, official := want.Of[f.Key]
		if !official {
			if f.Key != "missing" && (r.V2 || f.Key != "exact" && f.Key != "total") {
				t.Errorf("%s case %d: %s is no official key here", file, i, f.Key)
			}
			continue
		}
		keys = append(keys, f.Key)
		got, ok := f.Value.(float64)
		if !ok {
			got = float64(f.Value.(int))
		}
		if got == w {
			continue
		}
		worst = max(worst, math.Abs(got-w))
		if !(math.Abs(got-w) <= 1e-9) {
			t.Errorf("%s case %d: %s = %v, official %v", file, i, f.Key, got, w)
		}
	}
	if strings.Join(keys, " ") != strings.Join(want.IDs, " ") {
		t.Errorf("%s case %d: keys %v, official %v", file, i, keys, want.IDs)
	}
	return worst
}

func (c officialCase) score() (Report, error) {
	d, err := ReadDataset(strings.NewReader(c.Gold))
	if err != nil {
		return Report{}, err
	}
	preds, err := ReadPredictions(strings.NewReader(c.Pred), d.Known())
	if err != nil {
		return Report{}, err
	}
	o := ScoreOptions{Threshold: c.Thresh}
	if c.NAProb != "" {
		if o.NoAnswer, err = ReadNoAnswerScores(strings.NewReader(c.NAProb), d.Known()); err != nil {
			return Report{}, err
		}
	}
	return Score(d, preds, o)
}
