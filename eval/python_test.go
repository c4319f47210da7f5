package eval

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/tryall/tryall/qa"
)

// python is what scripts/reference/score.py wrote to testdata/python.json.
type python struct {
	Normalize, String [][2]string
	Float, Files      []string
	EmptyFile         string `json:"empty_file"`
}

func loadPython(t *testing.T) python {
	t.Helper()
	b, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatal(err)
	}
	var p python
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Normalize) == 0 || len(p.String) == 0 || len(p.Float) == 0 || len(p.Files) != 3 {
		t.Fatal("testdata/python.json lacks cases; run scripts/reference/score.py")
	}
	return p
}

func TestNormalizeEqualsPython(t *testing.T) {
	for _, c := range loadPython(t).Normalize {
		if got := Normalize(c[0]); got != c[1] {
			t.Errorf("Normalize(%+q) = %+q, want %+q", c[0], got, c[1])
		}
	}
}

func TestStringsAndFloatsAsPythonWritesThem(t *testing.T) {
	p := loadPython(t)
	for _, c := range p.String {
		if got := string(pythonString(nil, c[0])); got != c[1] {
			t.Errorf("%q is written %s, want %s", c[0], got, c[1])
		}
	}
	for _, want := range p.Float {
		v, err := number(want)
		if err != nil {
			t.Error(err)
		}
		if got := pythonFloat(v); got != want {
			t.Errorf("%s is written %s", want, got)
		}
	}
}

func TestFilesAsRunQAWritesThem(t *testing.T) {
	p := loadPython(t)
	var files [3]bytes.Buffer
	w := NewWriter(&files[0], &files[1], &files[2])
	for _, c := range []struct {
		r Result
		p qa.Prediction
	}{
		{Result{ID: "1", Text: `Zoë "x"`, HasBest: true, HasNull: true, NullOdds: -3.5}, qa.Prediction{Candidates: []qa.Answer{
			{StartLogit: 1.5, EndLogit: 2, Text: `Zoë "x"`, Probability: 0.75},
			{StartLogit: 1, EndLogit: 1.25, Text: "🙂\n", Probability: 0.25},
		}}},
		{Result{ID: "failed", Err: "no"}, qa.Prediction{}},
		{Result{ID: "é", HasNull: true, NullOdds: 2e-5}, qa.Prediction{}},
	} {
		if err := w.Write(&c.r, c.p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		if got := files[i].String(); got != p.Files[i] {
			t.Errorf("file %d:\n%s\nwant:\n%s", i, got, p.Files[i])
		}
	}
	var empty bytes.Buffer
	if err := NewWriter(&empty, nil, nil).Close(); err != nil || empty.String() != p.EmptyFile {
		t.Errorf("without questions: %q, %v; want %q", empty.String(), err, p.EmptyFile)
	}
}
