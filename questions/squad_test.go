package questions

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/zoo"
	"pgregory.net/rapid"
)

// odd is a file with all that a writer could lose: unknown keys at every level, numbers and null as names, half surrogates, keys
// in every order, missing and empty lists, repeated ids and keys, positions that are none, numbers that no float holds.
const odd = `{"z": [1e999, -0, 12345678901234567890, NaN, -Infinity, " x  y ", {"a" : [ ] , "b":{}}], "data": [
 {"paragraphs": [], "title": "", "n": null},
 {"paragraphs": [{"qas": [], "context": "é\ud83d tab\t\"quoted\" \\ \u0000 / \/ 🙂"}]},
 {"title": 12, "wiki": "\ud800\udc00\udfff", "paragraphs": [
  {"context": "Zoë sat on Zoë", "qas": [
   {"id": 1, "question": "Who \udc00?", "answers": [{"text": "Zoë", "answer_start": 11}, {"text": "Zoë", "answer_start": 0}]},
   {"id": "1", "question": "Who?", "answers": [{"text": "Zoë", "answer_start": 99}, {"text": "\ud83d", "answer_start": -1}, {"text": "", "answer_start": "x"}, {"text": "t", "answer_start": 1.0}, {"text": "u"}], "is_impossible": false},
   {"answers": [{"answer_end": 3, "text": "sat", "answer_start": 4}], "id": 1e5, "question": "", "is_impossible": true, "plausible_answers": []},
   {"id": "x", "answers": []},
   {"id": "y", "question": "?", "is_impossible": true},
   {"question": "twice", "id": "first", "question": "again", "id": "last", "answers": [], "extra": 1, "extra": 2},
   {"id": "k", "\u0071uestion": "written \u006fddly", "answers": [], "a\ud800": "b\udfff"}
  ], "document_id": 630},
  {"qas": [{"id": "no context", "question": "?", "answers": [{"text": "a", "answer_start": 0}]}]}
 ]}], "version": 2}`

// canonical writes JSON so that equal values have equal text: keys sorted, of repeated ones the last, escapes resolved except for half
// surrogates, numbers as they are. It shares no code with what it checks.
func canonical(t testing.TB, text []byte) string {
	t.Helper()
	half := regexp.MustCompile(`(\\\\)|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})`)
	text = half.ReplaceAllFunc(text, func(m []byte) []byte {
		if len(m) == 6 {
			return []byte("half-" + strings.ToLower(string(m[2:])))
		}
		return m
	})
	text = regexp.MustCompile(`(-?Infinity|NaN)`).ReplaceAll(text, []byte(`"python $1"`))
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func roundTrip(t testing.TB, text string) (*Set, []byte) {
	t.Helper()
	s, err := Read(t.Context(), strings.NewReader(text), "x.json")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteSQuAD(&out, s); err != nil {
		t.Fatal(err)
	}
	return s, out.Bytes()
}

func TestSQuADIsWrittenAsItWasRead(t *testing.T) {
	texts := []string{odd}
	for _, name := range []string{"squad"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name, "input.json"))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(raw))
	}
	for _, sample := range zoo.Sample() {
		text, err := sample.JSON()
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		s, out := roundTrip(t, text)
		if got, want := canonical(t, out), canonical(t, []byte(text)); got != want {
			t.Errorf("%.60s...\nwritten %.3000s\nread    %.3000s", text, got, want)
		}
		back, err := Read(t.Context(), bytes.NewReader(out), "x.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []*Set{s, back} {
			set.Digest, set.Warnings = "", nil
			for i := range set.Items {
				set.Items[i].Line = 0
			}
		}
		if !reflect.DeepEqual(s, back) {
			t.Errorf("%.60s: read again it is another set", text)
		}
	}
}

// Python's own json module says the same of the odd file, half surrogates included.
func TestPythonReadsTheSame(t *testing.T) {
	python := os.Getenv("TRYALL_PYTHON")
	if python == "" {
		python = "python3"
	}
	if _, err := exec.LookPath(python); err != nil {
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skipf("no Python to ask (set TRYALL_PYTHON): %v", err)
	}
	_, out := roundTrip(t, odd)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
	if err := errors.Join(os.WriteFile(a, []byte(odd), 0o600), os.WriteFile(b, out, 0o600)); err != nil {
		t.Fatal(err)
	}
	const compare = "import json, sys\na, b = (json.dumps(json.load(open(f, encoding='utf-8'))) for f in sys.argv[1:])\nprint(a == b)\nprint(a)\nprint(b)\n"
	said, err := exec.CommandContext(t.Context(), python, "-c", compare, a, b).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(said), "True\n") {
		t.Errorf("%v\n%s", err, said)
	}
}

// anyJSON draws a value that no SQuAD key means.
func anyJSON(depth int) *rapid.Generator[string] {
	leaf := rapid.OneOf(
		rapid.SampledFrom([]string{"null", "true", "0", "-1.50e+3", "NaN", `""`, `"\ud83d\ude42"`, `"\udc00"`, `"a\/b"`, `" é "`}),
		rapid.Map(rapid.StringOf(rapid.RuneFrom([]rune("aé\"\\\n \x01🙂"))), func(s string) string { return quote(s) }),
	)
	if depth == 0 {
		return leaf
	}
	inner := anyJSON(depth - 1)
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(inner, 0, 3), func(v []string) string { return "[" + strings.Join(v, ", ") + "]" }),
		rapid.Map(rapid.SliceOfN(inner, 0, 2), func(v []string) string {
			parts := make([]string, len(v))
			for i := range v {
				parts[i] = `"k` + strconv.Itoa(i) + `": ` + v[i]
			}
			return "{" + strings.Join(parts, ",\n ") + "}"
		}))
}

// object draws an object: required keys, any of the optional ones, unknown ones, in any order.
func object(t *rapid.T, required, optional map[string]*rapid.Generator[string]) string {
	var parts []string
	add := func(key string, g *rapid.Generator[string]) {
		parts = append(parts, quote(key)+": "+g.Draw(t, key))
	}
	for _, key := range []string{"id", "question", "answers", "text", "qas", "paragraphs", "data"} {
		if g := required[key]; g != nil {
			add(key, g)
		}
	}
	for _, key := range []string{"question", "answers", "is_impossible", "plausible_answers", "answer_start", "context", "title", "version", "labelled_by", "labelled_at", "labelled_how"} {
		if g := optional[key]; g != nil && rapid.Bool().Draw(t, "has "+key) {
			add(key, g)
		}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "unknown") {
		add("u"+strconv.Itoa(i), anyJSON(2))
	}
	return "{" + strings.Join(rapid.Permutation(parts).Draw(t, "order"), ", ") + "}"
}

func list(t *rapid.T, most int, element func() string) string {
	var parts []string
	for range rapid.IntRange(0, most).Draw(t, "n") {
		parts = append(parts, element())
	}
	return "[" + strings.Join(parts, ",\n") + "]"
}

func fixed(s string) *rapid.Generator[string] { return rapid.Just(s) }

func anySQuAD(t *rapid.T) string {
	text := rapid.OneOf(rapid.SampledFrom([]string{`"Zoë sat"`, `"sat"`, `""`, `"\ud83d x"`, `"\u0000"`}), rapid.Map(rapid.String(), quote))
	name := rapid.OneOf(text, rapid.SampledFrom([]string{"7", "1.5", "null", "[1]", "true"}))
	id := rapid.OneOf(text, rapid.SampledFrom([]string{"7", "1.5e3", "-0"}))
	start := rapid.OneOf(rapid.SampledFrom([]string{"null", `"4"`, "1.0", "-1", "99999"}), rapid.Map(rapid.IntRange(0, 8), strconv.Itoa))
	when := rapid.SampledFrom([]string{`"2026-11-28T01:02:03Z"`, `"2026-11-28T01:02:03.5+02:00"`, `"yesterday"`, "5"})
	m := func(kv ...any) map[string]*rapid.Generator[string] {
		out := map[string]*rapid.Generator[string]{}
		for i := 0; i < len(kv); i += 2 {
			out[kv[i].(string)] = kv[i+1].(*rapid.Generator[string])
		}
		return out
	}
	labels := func() string {
		return list(t, 3, func() string {
			return object(t, m("text", text), m("answer_start", start, "labelled_by", name, "labelled_at", when, "labelled_how", name))
		})
	}
	item := func() string {
		return object(t, m("id", id), m("question", text, "answers", fixed(labels()), "is_impossible", rapid.SampledFrom([]string{"true", "false"}), "plausible_answers", fixed(labels()), "labelled_by", name, "labelled_at", when))
	}
	paragraph := func() string { return object(t, m("qas", fixed(list(t, 3, item))), m("context", text)) }
	article := func() string {
		return object(t, m("paragraphs", fixed(list(t, 2, paragraph))), m("title", name))
	}
	return object(t, m("data", fixed(list(t, 2, article))), m("version", rapid.OneOf(name, fixed(`"v2.0"`))))
}

func TestAnySQuADIsWrittenAsItWasRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := anySQuAD(rt)
		_, out := roundTrip(t, text)
		if got, want := canonical(t, out), canonical(t, []byte(text)); got != want {
			rt.Fatalf("%s\nwritten %s\nread    %s", text, got, want)
		}
	})
}

// The data set of a SQuAD file is the one that evaluations read themselves.
func TestDatasetIsThatOfEval(t *testing.T) {
	for _, sample := range zoo.Sample() {
		text, err := sample.JSON()
		if err != nil {
			t.Fatal(err)
		}
		want, err := eval.ReadDataset(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Read(t.Context(), bytes.NewReader(text), "x.json")
		if err != nil {
			t.Fatal(err)
		}
		got, items, err := s.Dataset()
		if err != nil {
			t.Fatal(err)
		}
		if len(items) != len(s.Items) || items[len(items)-1] != len(items)-1 {
			t.Errorf("%s: %d of %d questions", sample.Name, len(items), len(s.Items))
		}
		got.Warnings, want.Warnings = nil, nil
		if len(want.Examples) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: another data set", sample.Name)
		}
		i := len(items) / 2
		if p, ok := s.Passage(&s.Items[i]); !ok || p.Doc != want.Task(i).Hits[0].Passage.Doc || p.Text != want.Task(i).Hits[0].Passage.Text || p.Range != want.Task(i).Hits[0].Passage.Range {
			t.Errorf("%s: another passage of question %d", sample.Name, i)
		}
	}
}

func TestUnlabelledQuestionsAreNotScored(t *testing.T) {
	const file = `{"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "Zoë sat", "qas": [
		{"id": "a", "question": "?", "answers": []}, {"id": "b", "question": "?"}, {"id": "c", "question": "?", "answers": [{"text": "sat", "answer_start": 4}]}]}]}]}`
	s, err := Read(t.Context(), strings.NewReader(file), "x.json")
	if err != nil {
		t.Fatal(err)
	}
	d, items, err := s.Dataset()
	if err != nil || len(d.Examples) != 1 || d.V2 || items[0] != 2 || d.Examples[0].Answers[0] != (eval.Gold{Text: "sat", Start: 4}) {
		t.Errorf("%+v, %v, %v", d, items, err)
	}
	if c := s.Count(); c != (Counts{Questions: 3, Labelled: 1, WithText: 3, Contexts: 1}) {
		t.Errorf("%+v", c)
	}
	// Somebody says that the first has no answer: from now on the rules are those of version 2.0, and the second stays unlabelled.
	q := &s.Items[0]
	q.Labelled, q.Impossible, q.NoAnswer = true, true, Origin{Who: "ann", When: time.Date(2026, 11, 28, 1, 2, 3, 4, time.UTC), How: "label"}
	s.Items[2].Answers = append(s.Items[2].Answers, Label{Text: "Zoë", Start: 0, Origin: Origin{Who: "ann", When: q.NoAnswer.When, How: "suggestion"}})
	s.V2 = true
	if d, _, err := s.Dataset(); err != nil || !d.V2 || len(d.Examples) != 2 {
		t.Errorf("%+v, %v", d, err)
	}
	var out bytes.Buffer
	if err := WriteSQuAD(&out, s); err != nil {
		t.Fatal(err)
	}
	back, err := Read(t.Context(), bytes.NewReader(out.Bytes()), "x.json")
	if err != nil {
		t.Fatal(err)
	}
	if back.Items[1].Labelled || back.Items[0].NoAnswer != q.NoAnswer || !back.Items[0].Labelled || back.Items[2].Answers[1].Origin != s.Items[2].Answers[1].Origin || back.Items[2].Answers[1].Start != 0 {
		t.Errorf("%s\n%+v", out.String(), back.Items)
	}
	if _, _, err := (&Set{Name: "none"}).Dataset(); qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), "none has both") {
		t.Errorf("an empty set: %v", err)
	}
	flat, err := Read(t.Context(), strings.NewReader("Who?\nWhy?"), "x.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteSQuAD(&out, flat); err == nil || !strings.Contains(err.Error(), `without a context (2): line 1`) {
		t.Errorf("%v", err)
	}
}

func TestSQuADErrorsNameThePlace(t *testing.T) {
	question := func(q string) string {
		return `{"data": [{"paragraphs": []}, {"paragraphs": [{"qas": []},` + "\n" + `{"context": "x", "qas": [{"id": "1", "answers": []},` + "\n" + q + `]}]}]}`
	}
	for _, c := range [][2]string{
		{question(`{"answers": []}`), `article 2, paragraph 2, question 2: line 3: no "id"`},
		{question(`{"id": null, "answers": []}`), `article 2, paragraph 2, question 2: id: line 3: want text or a number, found null`},
		{question(`{"id": 1, "answers": {"text": ["a"]}}`), "answers: line 3: want a list, found an object"},
		{question(`{"id": 1, "answers": [{"text": "a"}, {"answer_start": 1}]}`), `answers: answer 2: line 3: no "text"`},
		{question(`{"id": 1, "answers": [{"text": 3}]}`), "want text, found a number"},
		{question(`{"id": 1, "answers": [], "is_impossible": "yes"}`), "want true or false, found text"},
		{question(`{"id": 1, "answers": [], "question": "` + "\n" + `"}`), "control character"},
		{question(`{"id": 1, "answers": [], "question": "\x"}`), "bad escape"},
		{question(`{"id": 1, "answers": [] "question": ""}`), "want ',' or '}'"},
		{`{"data": [{"paragraphs": [{"context": "x"}]}]}`, `article 1, paragraph 1: line 1: no "qas"`},
		{`{"data": [{"title": "x"}]}`, `article 1: line 1: no "paragraphs"`},
		{`{"data": [{"title": "x"`, "found the end"},
		{`{"data": [{"title": "x`, "has no end"},
		{`{"version":` + "\n" + `"1.1"}`, `no "data"`},
		{`{"data": [{"paragraphs": []}], "data": []}`, `a second "data"`},
		{`{"data": [{"paragraphs": [], "paragraphs": []}]}`, `second "paragraphs"`},
		{`{"data": [{"paragraphs": [{"qas": [], "qas": []}]}]}`, `second "qas"`},
		{`{"data": []} {}`, "more data after the end"},
		{`{"data": "paragraphs"}`, "want a list, found text"},
		{`{"x": ` + strings.Repeat("[", 5000) + `, "data": [`, "nested deeper"},
		{`{"data": nul}`, "want a list"},
		{`{"data": [], "x": nul}`, "want a value"},
		{`{"data": [], "x": 01}`, "want a value"},
	} {
		_, err := Read(t.Context(), strings.NewReader(c[0]), "x.json")
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%.80s: error %v, want %q", c[0], err, c[1])
		}
		if err != nil && qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%v has code %s", err, qa.CodeOf(err))
		}
	}
}
