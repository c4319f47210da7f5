package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

const example = `# tryall.yaml
description: COVID-19 papers
corpus: [docs/**/*.md, docs/**/*.pdf]
questions: [questions.csv, dev-v2.0.json]
models:
  - hub: {language: en, max_size: 1.5GB, top: 60}
  - deepset/roberta-base-squad2
  - {id: distilbert-base-cased-distilled-squad, precision: [fp32, int8]}
params: {top_k: 3, max_seq_len: 384, doc_stride: 128, max_answer_len: 30, no_answer: auto}
eval: {metric: f1, mode: [oracle, retrieved], race: {start: 16, alpha: 0.05}, seed: 1}
gate: {f1: ">=70", p95_ms: "<=250", wrong_rate: "<=5"}
`

func ptr[T any](v T) *T { return &v }

func TestLoadsTheExample(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		File: path, Dir: filepath.Dir(path), Description: "COVID-19 papers",
		Corpus:    []Text{{"docs/**/*.md", At{3, 10}}, {"docs/**/*.pdf", At{3, 24}}},
		Questions: []Text{{"questions.csv", At{4, 13}}, {"dev-v2.0.json", At{4, 28}}},
		Models: []Model{
			{Hub: &Search{Language: "en", MaxSize: 1_500_000_000, Top: 60}, At: At{6, 5}},
			{ID: "deepset/roberta-base-squad2", At: At{7, 5}},
			{ID: "distilbert-base-cased-distilled-squad", Precisions: []string{"fp32", "int8"}, At: At{8, 5}},
		},
		Params: Params{TopK: ptr(3), MaxSeqLen: ptr(384), DocStride: ptr(128), MaxAnswerLen: ptr(30)},
		Eval:   Eval{Metric: "f1", Modes: []string{"oracle", "retrieved"}, Start: 16, Alpha: 0.05, Seed: ptr(uint64(1))},
		Gate:   Gate{{"f1", ">=", 70, At{11, 12}}, {"p95_ms", "<=", 250, At{11, 28}}, {"wrong_rate", "<=", 5, At{11, 49}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if names := got.Models[2].Contestants(); !slices.Equal(names, []string{"distilbert-base-cased-distilled-squad:fp32", "distilbert-base-cased-distilled-squad:int8"}) {
		t.Error(names)
	}
}

func TestReadsEveryKey(t *testing.T) {
	c, err := Parse("p/tryall.yaml", []byte(`
description: 2024
corpus: docs
exclude: ["*.tmp", drafts/]
questions: q.csv
threads: 2
memory: 1.5 GiB
models:
- ./local:int8
- {id: C:\models\x, precision: bf16}
- id: a/b@refs/pr/1:fp16
- hub: {search: covid, author: x, license: mit, dataset: squad_v2, tags: [a, b], sort: likes, top: 1}
params: {decoder: squad, threshold: -1.5, v2: true, align_to_words: false, n_best: 5, passages: 8, no_answer: false}
eval: {mode: retrieved, race: false, budget: 1h30m, limit: 500, metric: exact, seed: 18446744073709551615}
gate: {errors: "==0", f1: [">= 50", "<= 99.5 %"], questions: ">=50", peak_mb: "<1000MB", p50_ms: "<10ms", coverage_at_90: ">20", wrong_rate: "<=0.5%", exact: "==0"}
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Description != "2024" || c.Threads != 2 || c.Memory != 3<<29 || c.Dir != "p" || c.Corpus[0].Text != "docs" || len(c.Exclude) != 2 || c.Questions[0].At != (At{5, 12}) {
		t.Errorf("%+v", c)
	}
	var names []string
	for _, m := range c.Models {
		names = append(names, m.Contestants()...)
	}
	if want := []string{"./local:int8", `C:\models\x:bf16`, "a/b@refs/pr/1:fp16"}; !slices.Equal(names, want) {
		t.Error(names)
	}
	if got := c.Models[3].Hub.String(); got != "hub(search=covid, author=x, license=mit, dataset=squad_v2, tags=a+b, sort=likes, top=1)" {
		t.Error(got)
	}
	wantParams := Params{Decoder: "squad", Threshold: ptr(-1.5), V2: ptr(true), AlignToWords: ptr(false), NBest: ptr(5), Passages: ptr(8), NoAnswer: ptr(false)}
	if !reflect.DeepEqual(c.Params, wantParams) {
		t.Errorf("%+v", c.Params)
	}
	wantEval := Eval{Metric: "exact", Modes: []string{"retrieved"}, Full: true, Seed: ptr(uint64(1<<64 - 1)), Budget: 90 * time.Minute, Limit: 500}
	if !reflect.DeepEqual(c.Eval, wantEval) {
		t.Errorf("%+v", c.Eval)
	}
	var limits []string
	for _, l := range c.Gate {
		limits = append(limits, l.String())
	}
	want := []string{"errors == 0", "f1 >= 50", "f1 <= 99.5", "questions >= 50", "peak_mb < 1000", "p50_ms < 10", "coverage_at_90 > 20", "wrong_rate <= 0.5", "exact == 0"}
	if !slices.Equal(limits, want) {
		t.Errorf("%q", limits)
	}
	for _, empty := range []string{"", "# nothing yet\n", "---\n", "\ufeff# a mark\n", "{}"} {
		if c, err := Parse(FileName, []byte(empty)); err != nil || len(c.Models) > 0 {
			t.Errorf("%q: %+v, %v", empty, c, err)
		}
	}
}

// TestNamesMistakes holds place and words of each message.
func TestNamesMistakes(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"params: {max_seq_length: 3}", "1:10: unknown key max_seq_length in params; did you mean max_seq_len?"},
		{"params: {maxSeqLen: 3}", "1:10: unknown key maxSeqLen in params; did you mean max_seq_len?"},
		{"params: {max_esq_len: 3}", "did you mean max_seq_len?"},
		{"params: {max_seq: 3}", "did you mean max_seq_len?"},
		{"params: {max: 3}", "unknown key max in params; there are decoder, top_k,"}, // two begin so
		{"modles: []", "1:1: unknown key modles; did you mean models?"},
		{"top_k: 3", "1:1: unknown key top_k; it belongs in params"},
		{"eval: {threads: 3}", "unknown key threads in eval; it belongs to the project itself"},
		{"params: {start: 3}", "it belongs in race"},
		{"zebra: 3", "unknown key zebra; there are description, corpus, exclude,"},
		{"params: 3", "1:9: params must be keys with values, not the number 3"},
		{"params: [top_k]", "params must be keys with values, not a list"},
		{"params:", "params must be keys with values, not nothing"},
		{"- a", "1:1: the project must be keys with values, not a list"},
		{"hello", "the project must be keys with values, not \"hello\""},
		{"params: {top_k: 3, top_k: 3}", "1:20: top_k is there twice; first on line 1"},
		{"corpus: a\ncorpus: b", "2:1: corpus is there twice; first on line 1"},
		{"params: {top_k: three}", "1:17: top_k must be a whole number, not \"three\""},
		{"params: {top_k: '3'}", "top_k must be a whole number, not \"3\""},
		{"params: {top_k: 1.5}", "top_k must be a whole number, not the number 1.5"},
		{"params: {top_k: 0}", "top_k is 0; it must be 1 to"},
		{"params: {doc_stride: -1}", "doc_stride is -1; it must be 0 to"},
		{"params: {doc_stride: 384, max_seq_len: 384}", "1:22: doc_stride is 384 and max_seq_len 384; windows must overlap by less"},
		{"params: {threshold: .nan}", "threshold must be a finite number"},
		{"params: {no_answer: perhaps}", "no_answer must be auto, true or false, not \"perhaps\""},
		{"params: {v2: yes}", "v2 must be true or false, not \"yes\""},
		{"params: {decoder: squadd}", "squadd is no decoder; did you mean squad? There are gap, hf, squad, squad-beam, squad-beam-hf"},
		{"params: {decoder: greedy}", "greedy is no decoder; there are gap, hf,"},
		{"eval: {metric: f2}", "f2 is no metric; did you mean f1? There are f1, exact,"},
		{"eval: {metric: coverage_at_90}", "coverage_at_90 has no score per question"},
		{"eval: {mode: [oracle, retreived]}", "1:23: retreived is no mode; did you mean retrieved?"},
		{"eval: {mode: [oracle, oracle]}", "oracle is there twice"},
		{"eval: {race: 16}", "race must be {start, alpha}, true or false, not the number 16"},
		{"eval: {race: {alpha: 5}}", "alpha is 5; it must be more than 0 and at most 0.5"},
		{"eval: {race: {start: 1}}", "start is 1; it must be 2 to"},
		{"eval: {seed: -1}", "seed must be a whole number from 0 on"},
		{"eval: {budget: 10}", "budget must be a time with its unit, such as 90s"},
		{"eval: {budget: -10m}", "budget is -10m; it must be more than nothing"},
		{"eval: {limit: 0}", "limit is 0; it must be 1 to"},
		{"memory: 8", "memory must be a size with its unit"},
		{"memory: 99999999TB", "out of range"},
		{"threads: 9999", "threads is 9999; it must be 0 to 1024"},
		{"models: a/b", "1:9: models must be a list"},
		{"models: [a/b, 'a b']", "1:15: \"a b\" is no name of a model: an id has no spaces"},
		{"models: [\"a\\u0007\"]", "is no name of a model"},
		{"models: ['a/b:int4']", "int4 is no precision; did you mean int8? There are fp32, fp16, bf16, int8"},
		{"models: [a/b, a/b]", "1:15: a/b is there twice; first on line 1"},
		{"models:\n- a/b\n- {id: a/b, precision: [int8, fp32]}", "3:3: a/b:fp32 is there twice; first on line 2"},
		{"models: [{id: 'a/b:int8', precision: int8}]", "names a precision already"},
		{"models: [{precision: int8}]", "an entry needs an id"},
		{"models: [{id: a, hub: {top: 1}}]", "either a model (id) or a search (hub), not both"},
		{"models: [{hub: {lnaguage: en}}]", "unknown key lnaguage in hub; did you mean language?"},
		{"models: [{hub: {top: 5000}}]", "top is 5000; it must be 1 to 1000"},
		{"models: [[a]]", "a model must be text, not a list"},
		{"models: [~]", "a model must be text, not nothing"},
		{"corpus: {a: b}", "corpus must be a list, or one entry of it"},
		{"corpus: ['']", "corpus is empty"},
		{"corpus: [true]", "corpus must be text, not true"},
		{"gate: [f1]", "gate must be limits such as"},
		{"gate: {f1: '>=0.7'}", "1:12: f1: figures are percent, 0 to 100; did you mean \">=70\"? If 0.7 percent is meant, write \">=0.7%\""},
		{"gate: {wrong_rate: '<=1'}", "figures are percent"},
		{"gate: {f1: '>=101'}", "101 is more than 100"},
		{"gate: {f1: 70}", "f1 must be a comparison and a number in quotes, such as \">=70\", not the number 70"},
		{"gate: {p95_ms: 250}", "such as \"<=250\", not the number 250"},
		{"gate: {f1: '=>70'}", "there are >=, <=, >, <, =="},
		{"gate: {f1: '>=-1'}", "must be a comparison"},
		{"gate: {f1: '>=70ms'}", "f1: the unit is percent"},
		{"gate: {questions: '>=70%'}", "questions: the unit is a plain number"},
		{"gate: {p95: '<=70'}", "p95 is no limit of a gate; did you mean p95_ms?"},
		{"gate: {peak_mb: '<=" + strings.Repeat("9", 400) + "'}", "out of range"},
		{"a: &x [1]\nb: *x", "&x: anchors are not read here"},
		{"corpus: *x", "unknown anchor"},
		{"params:\n  <<: {top_k: 3}", "2:3: <<: merging is not read here"},
		{"description: !!binary aGVsbG8=", "!!binary: tags are not read here"},
		{"corpus: [a", "1:1: this is no YAML:"},
		{"description: x\n\tcorpus: b", "2:1: this is no YAML:"},
		{"description: x\n---\ndescription: y", "a second document begins here"},
		{"description: caf\xe9", "1:17: the file is not in UTF-8"},
		{"\xff\xfed\x00", "the file is in UTF-16"},
		{"description: a\n# \x1b[31m", "2:3: a control character (U+001B)"},
		{"? [a, b]\n: c", "1:3: a key of the project must be a word, not a list"},
		{"description: " + strings.Repeat("x", maxFile), "larger than 1048576 bytes"},
	} {
		_, err := Parse("t.yaml", []byte(c.yaml))
		if err == nil || qa.CodeOf(err) != qa.Invalid || !strings.HasPrefix(err.Error(), "t.yaml:") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80q:\n got %v\nwant %s", c.yaml, err, c.want)
		}
	}
}

func TestNamesAllMistakesByLine(t *testing.T) {
	_, err := Parse("t.yaml", []byte("gate: {f1: 70}\nparams: {top_k: x, doc_strid: 1}\nmodells: [a]\neval: {metric: z}\n"))
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatal(err)
	}
	var places []string
	for _, p := range ps {
		places = append(places, fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column))
	}
	if want := []string{"t.yaml:1:12", "t.yaml:2:17", "t.yaml:2:20", "t.yaml:3:1", "t.yaml:4:16"}; !slices.Equal(places, want) {
		t.Errorf("%q", places)
	}
	if got := strings.Count(err.Error(), "\n"); got != 4 {
		t.Errorf("%d lines", got+1)
	}
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, "key%d: 1\n", i)
	}
	_, err = Parse("t.yaml", []byte(many.String()))
	if !errors.As(err, &ps) || len(ps) != maxProblems+1 || ps[maxProblems].Message != "and 9950 more" || ps[0].Line != 1 {
		t.Errorf("%d problems; the last is %v", len(ps), ps[len(ps)-1])
	}
}

// TestHostileFiles holds that bombs are refused quickly: the work is bounded by the size of the file.
func TestHostileFiles(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i <= 'i'; i++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", i-1), 9), ","))
	}
	start := time.Now()
	for name, text := range map[string]string{
		"billion laughs": bomb,
		"deep lists":     "corpus: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000),
		"too deep":       "corpus: " + strings.Repeat("[", 100_000),
		"many keys":      "{" + strings.Repeat("a: 1, ", 100_000) + "}",
		"long key":       strings.Repeat("x", 100_000) + ": 1",
		"itself":         "corpus: &a [*a]",
	} {
		if _, err := Parse("t.yaml", []byte(text)); qa.CodeOf(err) != qa.Invalid || len(err.Error()) > 20_000 {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, FileName)); qa.CodeOf(err) != qa.NotFound || !strings.Contains(err.Error(), "tryall init") {
		t.Error(err)
	}
	if _, err := Load(dir); qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), "no regular file") {
		t.Error(err)
	}
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 1<<36); err != nil { // a hole of 64 GiB
		t.Skip("no sparse files here:", err)
	}
	if _, err := Load(big); qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}

func TestLaterErrorsNameTheLine(t *testing.T) {
	c, err := Parse("p/tryall.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no such model")
	err = c.Errorf(qa.NotFound, c.Models[1].At, "model %s: %w", c.Models[1].ID, cause)
	if err.Error() != "p/tryall.yaml:7:5: model deepset/roberta-base-squad2: no such model" || qa.CodeOf(err) != qa.NotFound || !errors.Is(err, cause) {
		t.Error(err)
	}
}

// TestMetricsCanBeAskedFor holds that every metric of the table is known to the gate, and each that ranks to eval.metric.
func TestMetricsCanBeAskedFor(t *testing.T) {
	for _, m := range eval.Metrics {
		if _, err := Parse("t", fmt.Appendf(nil, "gate: {%s: '>=50'}", m.Name)); err != nil {
			t.Error(err)
		}
		_, err := Parse("t", fmt.Appendf(nil, "eval: {metric: %s}", m.Name))
		if ranks := m.Each != nil; ranks != (err == nil) {
			t.Errorf("eval.metric %s: %v", m.Name, err)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{ // by hand
		{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"ca", "abc", 3}, {"größe", "große", 1}, {"models", "modles", 1},
	} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance([]rune(c.b), []rune(c.a)); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("models: [{hub: {top: 1}}, a:int8]\ngate: {f1: ['>=1%']}"))
	f.Add([]byte("a: &a [*a]\n---\n? {}\n: !!x y"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("t.yaml", data)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v and %v", c, err)
		}
		if err != nil {
			var ps Problems
			if !errors.As(err, &ps) || len(ps) == 0 || qa.CodeOf(err) != qa.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, m := range c.Models {
			if m.Hub == nil && len(m.Contestants()) == 0 {
				t.Fatalf("%+v stands for nothing", m)
			}
		}
	})
}
