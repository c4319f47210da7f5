package workbench

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

func TestFind(t *testing.T) {
	w, _ := fakeBench()
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "file"), nil, 0o666)
	for _, c := range []struct {
		name, contestant, err string
		code                  qa.Code
	}{
		{"tryall/can", "tryall/can@1:fp32", "", ""},
		{"can", "tryall/can@1:fp32", "", ""},
		{"can@1:bf16", "tryall/can@1:bf16", "", ""},
		{"nobody/can", "", "not on this machine", qa.NotFound},
		{"tryall/can@1:int8", "tryall/can@1:int8", "", ""},
		{"someone/tiny-squad2", "someone/tiny-squad2@0123456789abcdef0123456789abcdef01234567:fp32", "", ""},
		{"someone/tiny-squad2@0123456:bf16", "someone/tiny-squad2@0123456789abcdef0123456789abcdef01234567:bf16", "", ""},
		{"someone/tiny-squad2@v3", "", "the cache holds 0123456789abcdef0123456789abcdef01234567", qa.NotFound},
		{"not an id", "", "cannot be a model", qa.Invalid},
		{"tryall/can:fp99", "", "not a precision", qa.Invalid},
		{"tryall/can@2", "", "built in at revision 1", qa.NotFound},
		{"tryall/none", "", "tryall/can, tryall/cannot", qa.NotFound},
		{"deepset/roberta-base-squad2", "", "./", qa.NotFound},
		{dir + "/missing", "", "no such directory", qa.NotFound},
		{dir, "", "no config.json", qa.NotFound},
		{dir + "/file", "", "is a file", qa.Invalid},
	} {
		m, err := w.Find(c.name, "")
		if c.err == "" && (err != nil || m.Contestant() != c.contestant) {
			t.Errorf("%s: %s, %v", c.name, m.Contestant(), err)
		}
		if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || qa.CodeOf(err) != c.code) {
			t.Errorf("%s: error %v (%s); want one with %q (%s)", c.name, err, qa.CodeOf(err), c.err, c.code)
		}
	}
	if _, err := w.FindAll([]string{"tryall/can", "tryall/can:fp32"}, ""); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("error %v", err)
	}
}

func TestAbstains(t *testing.T) {
	card := func(head string) fstest.MapFS { return fstest.MapFS{"README.md": {Data: []byte(head)}} }
	for _, c := range []struct {
		id   string
		fs   fstest.MapFS
		set  hub.Abstains
		want hub.Abstains
	}{
		{"a/b", card("---\nlicense: mit\ndatasets:\n- squad_v2\n- other\n---\ntext"), "", hub.AbstainsYes},
		{"a/b", card("---\ndatasets: [\"rajpurkar/squad_v2\"]\n---"), "", hub.AbstainsYes},
		{"a/b", card("---\ndatasets: squad\n---"), "", hub.AbstainsNo},
		{"a/b-squad2", card("no head"), "", hub.AbstainsYes},
		{"a/b-squad2", card("---\ndatasets: squad_v2\n---"), hub.AbstainsNo, hub.AbstainsNo},
		{"a/bert-squadv2", fstest.MapFS{}, "", hub.AbstainsYes},
		{"a/bert-squadv1.1", fstest.MapFS{}, "", hub.AbstainsNo},
		{"a/bert", card("---\nmodel-index:\n- name: x\n  results:\n  - dataset: squad_v2\n---"), "", hub.AbstainsUnknown},
	} {
		if got := (Model{ID: c.id, FS: c.fs, Settings: Settings{Abstains: c.set}}).Abstains(); got != c.want {
			t.Errorf("%s %v: %s, not %s", c.id, c.fs, got, c.want)
		}
	}
}

func TestOpenTakesTheModelsOwnThreshold(t *testing.T) {
	w, opened := fakeBench()
	mine := 4.0
	for _, c := range []struct {
		model     string
		threshold *float64
		want      float64
		noAnswer  bool
	}{{"tryall/can", nil, 1.5, true}, {"tryall/can", &mine, 4, true}, {"tryall/cannot", &mine, 4, false}} {
		m, err := w.Find(c.model, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Open(context.Background(), m, Params{Threshold: c.threshold}); err != nil {
			t.Fatal(err)
		}
		if p := opened[c.model].params; *p.Threshold != c.want || *p.NoAnswer != c.noAnswer {
			t.Errorf("%s: threshold %v, no answer %v", c.model, *p.Threshold, *p.NoAnswer)
		}
	}
}

func TestList(t *testing.T) {
	w, _ := fakeBench()
	got, _, err := w.List(context.Background())
	own := 1.5
	want := []Entry{
		{ID: "tryall/can", Revision: "1", Architecture: "bert", Parameters: 12, SizeBytes: 43, Abstains: hub.AbstainsYes, Runnable: true, Builtin: true, Threshold: &own, ThresholdBy: "its tryall.json"},
		{ID: "tryall/cannot", Revision: "1", Architecture: "bert", Parameters: 12, SizeBytes: 8, Abstains: hub.AbstainsUnknown, Runnable: true, Builtin: true},
		{ID: "tryall/bad", Revision: "1", SizeBytes: 8, Abstains: hub.AbstainsUnknown, Reason: "it has no span head", Builtin: true},
		{ID: "someone/tiny-squad2", Revision: "0123456789abcdef0123456789abcdef01234567", SizeBytes: 3, Abstains: hub.AbstainsYes,
			Reason: "someone/tiny-squad2@main is only partly on this machine: a vocabulary (tokenizer.json, vocab.txt, ...), weights (model.safetensors) missing; `tryall pull someone/tiny-squad2` brings the rest"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestExport(t *testing.T) {
	w, _ := fakeBench()
	m := w.Builtins[0]
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for range 2 {
		files, err := w.Export(context.Background(), m, dir, true)
		if err != nil || len(files) != 3 {
			t.Fatal(files, err)
		}
	}
	for name, f := range m.FS.(fstest.MapFS) {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !slices.Equal(got, f.Data) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 3 {
		t.Errorf("the folder holds %v", entries)
	}
	if _, err := w.Export(context.Background(), m, dir, false); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("error %v", err)
	}
	here, err := w.Find(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Export(context.Background(), here, dir, true); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("error %v", err)
	}
}

func TestCompareGroupsByAnswer(t *testing.T) {
	w, _ := fakeBench()
	models, err := w.FindAll([]string{"tryall/can", "tryall/bad", "tryall/cannot"}, "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.Compare(context.Background(), models, Params{}, Ask{Question: "b", Context: "abc"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Groups) != 1 || c.Groups[0].Answer != "b" || !slices.Equal(c.Groups[0].Contestants, []string{"tryall/can@1:fp32", "tryall/cannot@1:fp32"}) {
		t.Errorf("groups %+v", c.Groups)
	}
	if len(c.Errors) != 1 || c.Errors[0].Error.Code != qa.BrokenModel {
		t.Errorf("errors %+v", c.Errors)
	}
}
