package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

const small = "\ufeff" + `{
 "version": "v2.0", "made_by": {"x": [NaN, -Infinity, 1e999, {"deep": [[]]}]},
 "data": [
  {"title": "Cats", "paragraphs": [
   {"qas": [
     {"id": 7, "question": "Who sat?", "answers": [{"text": "Zoë", "answer_start": 0}, {"answer_start": 8, "text": "mat"}], "is_impossible": false},
     {"id": "b", "question": "Why?", "answers": [], "is_impossible": true, "plausible_answers": [{"text": "sat", "answer_start": 4}]}
    ], "context": "Zoë sat mat"}]},
  {"title": null, "paragraphs": [{"context": "Dogs", "qas": [{"id": "c", "question": "\u0057ho\ud83d\ude42?", "answers": [{"text": "Dogs", "answer_start": 3}]}]}]}
 ]}`

func TestReadDataset(t *testing.T) {
	d, err := ReadDataset(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if !d.V2 || d.Version != "v2.0" || len(d.Passages) != 2 || len(d.Examples) != 3 || d.Titles[0] != "Cats" || d.Titles[1] != "" {
		t.Errorf("%+v", d)
	}
	if e := d.Examples[0]; e.ID != "7" || e.Answers[1] != (Gold{"mat", 8}) || d.Passages[e.Passage].Text != "Zoë sat mat" {
		t.Errorf("first question %+v", e)
	}
	if e := d.Examples[1]; !e.Impossible || len(e.Answers) != 0 || e.Plausible[0] != (Gold{"sat", 4}) {
		t.Errorf("second question %+v", e)
	}
	if e := d.Examples[2]; e.Text != "Who🙂?" || d.Passages[e.Passage].Article != 1 {
		t.Errorf("third question %+v", e)
	}
	// "mat" stands at 8 in code points; "Dogs" does not stand at 3.
	if len(d.Warnings) != 1 || !strings.Contains(d.Warnings[0], "1 answers do not stand") || !strings.Contains(d.Warnings[0], "article 2, paragraph 1, question 1") {
		t.Errorf("warnings %q", d.Warnings)
	}
	if len(d.Digest) != len("sha256:")+64 {
		t.Errorf("digest %q", d.Digest)
	}
	if h := d.Head(2); len(h.Examples) != 2 || len(d.Examples) != 3 || d.Head(0) != d {
		t.Error("Head")
	}
}

func TestVersions(t *testing.T) {
	for version, v2 := range map[string]bool{`"1.1"`: false, `1.1`: false, `"v2.0"`: true, `"2.0"`: true, `2`: true, `"squad_v2"`: true, `"v2.1"`: true, `"2023-05"`: false, `null`: false, `"12"`: false} {
		d, err := ReadDataset(strings.NewReader(`{"data": [], "version": ` + version + `}`))
		if err != nil || d.V2 != v2 {
			t.Errorf("version %s: v2 = %v, %v", version, d != nil && d.V2, err)
		}
	}
	d, err := ReadDataset(strings.NewReader(`{"version": "1.1", "data": [{"paragraphs": [{"qas": [{"id": 1, "is_impossible": true}]}]}]}`))
	if err != nil || !d.V2 {
		t.Errorf("a question marked impossible: %v", err)
	}
}

func TestDatasetErrorsNameThePlace(t *testing.T) {
	question := func(q string) string {
		return `{"data": [{"paragraphs": []}, {"paragraphs": [{"qas": []}, {"context": "x", "qas": [{"id": "1", "answers": []}, ` + q + `]}]}]}`
	}
	for _, c := range [][2]string{
		{question(`{"answers": []}`), `article 2, paragraph 2, question 2: no "id"`},
		{question(`{"id": null, "answers": []}`), `article 2, paragraph 2, question 2: id: byte`},
		{question(`{"id": 1}`), `no "answers"`},
		{question(`{"id": 1, "answers": {"text": ["a"]}}`), "want a list, found an object"},
		{question(`{"id": 1, "answers": [{"text": "a"}, {"answer_start": 1}]}`), `answers: answer 2: no "text"`},
		{question(`{"id": 1, "answers": [{"text": 3}]}`), "want text, found a number"},
		{question(`{"id": 1, "answers": [], "is_impossible": "yes"}`), "want true or false, found text"},
		{question(`{"id": 1, "answers": [], "question": "` + "\n" + `"}`), "control character"},
		{question(`{"id": 1, "answers": [], "question": "\x"}`), "bad escape"},
		{question(`{"id": 1, "answers": [] "question": ""}`), "want ',' or '}'"},
		{`{"data": [{"paragraphs": [{"context": "x"}]}]}`, `article 1, paragraph 1: no "qas"`},
		{`{"data": [{"title": "x"}]}`, `article 1: no "paragraphs"`},
		{`{"data": [{"title": "x"`, "the file ends in the middle"},
		{`{"version": "1.1"}`, `no "data"`},
		{`{"data": [], "data": []}`, `a second "data"`},
		{`{"data": []} {}`, "more data after the end"},
		{`[]`, "want an object, found a list"},
		{``, "the file ends in the middle"},
		{`{"x": ` + strings.Repeat("[", 5000) + `}`, "nested deeper"},
		{`{"x": nul}`, "want a value"},
		{`{"x": 01}`, "want a value"},
	} {
		_, err := ReadDataset(strings.NewReader(c[0]))
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%.80s: error %v, want %q", c[0], err, c[1])
		}
		if err != nil && qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%v has code %s", err, qa.CodeOf(err))
		}
	}
	if _, err := LoadDataset("testdata/there is none.json"); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("missing file: %v", err)
	}
}

func TestRepeatedIDsAreWarnedOf(t *testing.T) {
	d, err := ReadDataset(strings.NewReader(`{"data": [{"paragraphs": [{"qas": [{"id": 1, "answers": []}, {"id": "1", "answers": []}]}]}]}`))
	if err != nil || len(d.Warnings) != 1 || !strings.Contains(d.Warnings[0], `first: "1"`) {
		t.Errorf("%v, %v", d, err)
	}
}

func TestReadPredictionsAndScores(t *testing.T) {
	known := func(id string) bool { return id != "other" }
	p, err := ReadPredictions(strings.NewReader(`{"a": "x", "other": {"not": ["text"]}, "a": "y\u00e9\ud800"}`), known)
	if err != nil || len(p) != 1 || p["a"] != "yé\ufffd" {
		t.Errorf("%q, %v", p, err)
	}
	if _, err = ReadPredictions(strings.NewReader(`{"a": null}`), nil); err == nil || !strings.Contains(err.Error(), `question "a"`) {
		t.Errorf("null prediction: %v", err)
	}
	n, err := ReadNoAnswerScores(strings.NewReader(`{"b": 1, "a": NaN, "c": -Infinity, "other": "x", "b": 2, "d": 1e400}`), known)
	if err != nil || fmt.Sprint(n.IDs) != "[b a c d]" || fmt.Sprint(n.Of["b"], n.Of["a"], n.Of["c"], n.Of["d"]) != "2 NaN -Inf +Inf" {
		t.Errorf("%v, %v", n, err)
	}
	for _, bad := range []string{`{"a": "0.5"}`, `{"a": null}`, `{"a": true}`, `[1]`, `{"a": 1`} {
		if _, err := ReadNoAnswerScores(strings.NewReader(bad), nil); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// A reader in pieces of one byte must not matter.
func TestPiecewiseReading(t *testing.T) {
	d, err := ReadDataset(oneByte{strings.NewReader(small)})
	if err != nil || len(d.Examples) != 3 {
		t.Errorf("%v", err)
	}
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.r.Read(b[:min(1, len(b))]) }

func FuzzReadDataset(f *testing.F) {
	f.Add(small)
	f.Add(`{"data": [{"paragraphs": [{"qas": [{"id": 1e5, "is_impossible": true}]}]}], "version": "\ud83d\ude42\\\""}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ReadDataset(strings.NewReader(text))
		if err == nil && d.Digest == "" {
			t.Error("no digest")
		}
	})
}

// The scanner accepts what encoding/json accepts, and reads strings as it does.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{small, `"a\"\\\u00e9\ud83d\ude42"`, `[1, -2.5e-3, true, null, {}]`, `"\ud800\u0041"`, `-`, `[1,]`, `{"a":1,}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newScanner(strings.NewReader(text))
		err := s.skip()
		if err == nil {
			err = s.end()
		}
		valid := json.Valid([]byte(strings.TrimPrefix(text, "\ufeff")))
		python := strings.Contains(text, "NaN") || strings.Contains(text, "Infinity")
		if valid && err != nil && !strings.Contains(err.Error(), "nested deeper") || !valid && err == nil && !python {
			t.Fatalf("%q: encoding/json says valid %v, the scanner %v", text, valid, err)
		}
		var want string
		if json.Unmarshal([]byte(text), &want) == nil && strings.HasPrefix(strings.TrimSpace(text), `"`) {
			got, err := newScanner(strings.NewReader(text)).text()
			if err != nil || strings.ToValidUTF8(got, "") != strings.ReplaceAll(want, "\ufffd", "") && !strings.Contains(want, "\ufffd") {
				t.Fatalf("%q: read %q, %v, want %q", text, got, err, want)
			}
		}
	})
}
