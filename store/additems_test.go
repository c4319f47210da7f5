package store

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

func TestAddQuestions(t *testing.T) {
	s := open(t)
	ids, err := s.AddQuestions(t.Context(), "my questions", []questions.Item{{Text: "Who pays?"}, {Text: "When?", Document: "lease.pdf"}})
	if err != nil || len(ids) != 2 || ids[0] == ids[1] {
		t.Fatalf("%q, %v", ids, err)
	}
	if _, err := s.Judge(t.Context(), "my questions", ids[0], Judgement{Kind: Answered, Answer: "the tenant", Start: 7, Document: "lease.pdf", Origin: by("ann")}); err != nil {
		t.Fatal(err)
	}
	before := questionsOf(t, s, "my questions")
	again, err := s.AddQuestions(t.Context(), "my questions", []questions.Item{{Text: " Who  pays? "}, {Text: "Why?"}, {Text: "Why?"}, {Text: "When?"}})
	if err != nil || again[0] != ids[0] || again[1] != again[2] || again[3] == ids[1] {
		t.Errorf("%q after %q, %v", again, ids, err)
	}
	set := questionsOf(t, s, "my questions")
	if len(set.Items) != 4 || !set.Items[0].Labelled || set.Items[1].Labelled || set.Items[0].Document != "lease.pdf" || set.Items[0].Answers[0].Start != 7 || set.Digest == before.Digest {
		t.Errorf("%+v", set.Items)
	}
	sets, err := s.Sets(t.Context())
	if err != nil || len(sets) != 1 || sets[0].Counts.Questions != 4 || sets[0].Counts.Labelled != 1 || sets[0].Counts.NamingDocs != 2 { // one by its judgement
		t.Errorf("%+v, %v", sets, err)
	}
	for name, text := range map[string]string{"": "Who?", "x": "  ", "y": "\xff"} {
		if _, err := s.AddQuestions(t.Context(), name, []questions.Item{{Text: text}}); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%q in %q: %v", text, name, err)
		}
	}
	if sets, _ := s.Sets(t.Context()); len(sets) != 1 {
		t.Error("a set was made for a question that was refused")
	}
}

// A version is another one after each change, and the same without.
func TestSetVersion(t *testing.T) {
	s := open(t)
	if v, err := s.SetVersion(t.Context(), "x.jsonl"); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("%q, %v", v, err)
	}
	seen := map[string]bool{}
	for i, change := range []func() error{
		func() error { _, err := s.PutQuestions(t.Context(), readSetOf(t, "x.jsonl", first)); return err },
		func() error {
			_, err := s.Judge(t.Context(), "x.jsonl", "a", Judgement{Kind: Skipped, Origin: by("ann")})
			return err
		},
		func() error { _, err := s.UndoLast(t.Context(), "x.jsonl", "ann"); return err },
		func() error {
			_, err := s.Judge(t.Context(), "x.jsonl", "a", Judgement{Kind: Skipped, Origin: by("ann")})
			return err
		},
		func() error {
			_, err := s.AddQuestions(t.Context(), "x.jsonl", []questions.Item{{Text: "More?"}})
			return err
		},
		func() error { _, err := s.PutQuestions(t.Context(), readSetOf(t, "x.jsonl", first)); return err },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		v, err := s.SetVersion(t.Context(), "x.jsonl")
		again, _ := s.SetVersion(t.Context(), "x.jsonl")
		if err != nil || seen[v] || again != v {
			t.Errorf("after change %d: %q, then %q, %v", i, v, again, err)
		}
		seen[v] = true
	}
}

// The questions of a file are as they were after others were added to it.
func TestAddQuestionsToAFile(t *testing.T) {
	s := open(t)
	put(t, s, readSetOf(t, "x.jsonl", first))
	judge(t, s, "a", Judgement{Kind: NoAnswer, Origin: by("ann")})
	was := state(questionsOf(t, s, "x.jsonl"))
	ids, err := s.AddQuestions(t.Context(), "x.jsonl", []questions.Item{{Text: "More?"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := state(questionsOf(t, s, "x.jsonl")); got != was+"; "+ids[0] {
		t.Errorf("%s\nwas %s", got, was)
	}
	if _, err := s.Undo(t.Context(), "x.jsonl", "a"); err != nil {
		t.Fatal(err)
	}
	if questionsOf(t, s, "x.jsonl").Items[0].Labelled {
		t.Error("what was judged became part of the file")
	}
}

// A question that says nothing of where it is answered is of the document that it was labelled in last.
func TestJudgementsNameTheDocument(t *testing.T) {
	s := open(t)
	ids, err := s.AddQuestions(t.Context(), "x.jsonl", []questions.Item{{Text: "Who pays?"}, {Text: "When?", Document: "own.pdf"}})
	if err != nil {
		t.Fatal(err)
	}
	judge(t, s, ids[0], Judgement{Kind: Answered, Answer: "ann", Start: 3, Document: "a.pdf"})
	one := questionsOf(t, s, "x.jsonl")
	judge(t, s, ids[0], Judgement{Kind: Answered, Answer: "bob", Start: 5, Document: "b.pdf"})
	judge(t, s, ids[1], Judgement{Kind: Answered, Answer: "now", Start: 1, Document: "b.pdf"})
	two := questionsOf(t, s, "x.jsonl")
	if q := one.Items[0]; q.Document != "a.pdf" || q.Answers[0].Start != 3 {
		t.Errorf("%+v", q)
	}
	if q := two.Items[0]; q.Document != "b.pdf" || q.Answers[0].Start != -1 || q.Answers[1].Start != 5 {
		t.Errorf("%+v", q)
	}
	if q := two.Items[1]; q.Document != "own.pdf" {
		t.Errorf("%+v", q)
	}
}

// A file that version 1 wrote is brought up to date, with its judgements.
func TestSchemaOfVersion1(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "store", schema[:1]); err != nil {
		t.Fatal(err)
	}
	old := &Store{db: db, used: map[[32]byte]struct{}{}}
	_, _ = old.PutQuestions(t.Context(), readSetOf(t, "x.jsonl", first)) // it is kept; to count, the column of version 2 is needed
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "insert into judgements select 1, no, 'a', 'answer', 'Zoë', 0, 'ann', 5, 'label', 0.25, 'Who sat?', 0 from question_sets")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	s := openAt(t, path)
	all, err := s.Judgements(t.Context(), "x.jsonl")
	if err != nil || len(all) != 1 || all[0].Answer != "Zoë" || all[0].Weight != 0.25 || all[0].Document != "" {
		t.Errorf("%+v, %v", all, err)
	}
	if copies, _ := filepath.Glob(path + ".before-store-*"); !slices.Equal(copies, []string{path + ".before-store-2"}) {
		t.Errorf("copies: %q", copies)
	}
}
