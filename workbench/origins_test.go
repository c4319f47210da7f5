package workbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/questions"
)

// TestOrigins: each question of a run knows the set and the id under which it is kept, and that it is of a file where it is.
func TestOrigins(t *testing.T) {
	dir := t.TempDir()
	w := &Workbench{Data: func() (string, error) { return filepath.Join(dir, "data"), nil }}
	p, err := w.OpenProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	line := func(id, q string) string {
		return fmt.Sprintf(`{"id": %q, "question": %q, "context": "It is so.", "answers": ["so"]}`, id, q)
	}
	file := filepath.Join(dir, "file.jsonl")
	if err := os.WriteFile(file, []byte(line("1", "File?")), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a.jsonl": line("1", "A?") + "\n" + line("2", "A two?"), "b.jsonl": line("2", "B two?") + "\n" + line("3", "B three?")} {
		s, err := questions.Read(t.Context(), strings.NewReader(text), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Store.PutQuestions(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	plan := Plan{Data: []string{file}, Sets: []string{"a.jsonl", "b.jsonl"}}
	sets, err := p.ReadSets(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Gather(t.Context(), sets, 0)
	if err != nil {
		t.Fatal(err)
	}
	run, err := p.Begin(t.Context(), "", plan, m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Origins(t.Context(), run, eval.Oracle)
	want := []Origin{{"", "1"}, {"a.jsonl", "1"}, {"a.jsonl", "2"}, {"b.jsonl", "2"}, {"b.jsonl", "3"}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) || m.Oracle.Examples[3].ID == "2" {
		t.Errorf("%v, %v, not %v", got, err, want)
	}
	if got, err := p.Origins(t.Context(), run, "luck"); err != nil || len(got) != 0 {
		t.Errorf("of no mode: %v, %v", got, err)
	}
}
