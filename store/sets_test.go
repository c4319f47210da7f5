package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/zoo"
)

func readSetOf(t *testing.T, name, text string) *questions.Set {
	t.Helper()
	set, err := questions.Read(t.Context(), strings.NewReader(text), name)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func put(t *testing.T, s *Store, set *questions.Set) SetInfo {
	t.Helper()
	info, err := s.PutQuestions(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func questionsOf(t *testing.T, s *Store, name string) *questions.Set {
	t.Helper()
	set, err := s.Questions(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What is kept of a set is the set, and what is exported after all is the file.
func TestSetsComeBackAsTheyWere(t *testing.T) {
	s := open(t)
	files := map[string]string{
		"odd.json": `{"version": 2, "x": NaN, "data": [{"title": null, "paragraphs": [{"context": "a \ud83d b", "w": [1], "qas": [
			{"id": 1, "question": "?", "answers": [{"text": "b", "answer_start": "x", "k": {}}], "plausible_answers": []}, {"id": 1, "question": "<&>\u2028", "answers": [], "is_impossible": true,
			 "labelled_by": "ann", "labelled_at": "2026-01-02T03:04:05.000000006Z"}]}]}, {"paragraphs": []}]}`,
		"rows.csv":   "question,answer,document,topic\nWho?,a,d.txt,t\nWhy?,,,\n",
		"lines.json": `{"question": "Who?", "answers": [{"text": "a", "answer_start": 2}], "context": "x a", "n": 1e999}`,
		"list.txt":   "Who?\nWhy?\n",
	}
	for _, sample := range zoo.Sample() {
		text, err := sample.JSON()
		if err != nil {
			t.Fatal(err)
		}
		files[sample.Name] = string(text)
	}
	for name, text := range files {
		set := readSetOf(t, name, text)
		info := put(t, s, set)
		back := questionsOf(t, s, name)
		if !reflect.DeepEqual(back, set) {
			t.Errorf("%s: another set came back", name)
		}
		if info.Counts != set.Count() || info.Name != name || info.Digest != set.Digest || info.Format != set.Format || len(info.Warnings) != len(set.Warnings) || time.Since(info.Imported).Abs() > time.Minute {
			t.Errorf("%s: %+v", name, info)
		}
		if set.Format == "squad" {
			var a, b bytes.Buffer
			if err := questions.WriteSQuAD(&a, set); err != nil {
				t.Fatal(err)
			}
			if err := questions.WriteSQuAD(&b, back); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s: another file is written: %v", name, err)
			}
		}
	}
	sets, err := s.Sets(t.Context())
	if err != nil || len(sets) != len(files) || !slices.IsSortedFunc(sets, func(a, b SetInfo) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%+v, %v", sets, err)
	}
	if err := s.RemoveQuestions(t.Context(), "odd.json"); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{s.RemoveQuestions(t.Context(), "odd.json"), func() error { _, err := s.Questions(t.Context(), "odd.json"); return err }()} {
		if qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%v", err)
		}
	}
	if set := questionsOf(t, s, "list.txt"); len(set.Items) != 2 {
		t.Errorf("another set lost its questions: %+v", set)
	}
	for _, bad := range []*questions.Set{{}, {Name: "x", Items: []questions.Item{{Text: "\xff"}}}, {Name: "x", Contexts: []questions.Context{{Text: "\xff"}}}, {Name: "x", Items: []questions.Item{{Answers: []questions.Label{{Origin: by("\xff")}}}}}} {
		if _, err := s.PutQuestions(t.Context(), bad); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

const first = `{"question": "Who sat?", "id": "a", "context": "Zoë sat."}
{"question": "Where?", "id": "b", "answers": [{"text": "here", "answer_start": 0}], "context": "here and there"}
{"question": "When?", "id": "c", "impossible": true}
{"question": "Why?", "id": "d"}
{"question": "How?", "id": "e"}
`

func judge(t *testing.T, s *Store, item string, j Judgement) Judgement {
	t.Helper()
	made, err := s.Judge(t.Context(), "x.jsonl", item, j)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func by(who string) questions.Origin { return questions.Origin{Who: who, How: "label"} }

// state is what a set says of its questions: id, labelled, no answer, answers with places and authors.
func state(set *questions.Set) string {
	var out []string
	for i := range set.Items {
		q := &set.Items[i]
		word := q.ID
		if q.Labelled && len(q.Answers) == 0 {
			word += " none " + q.NoAnswer.Who
		}
		for _, g := range q.Answers {
			word = strings.TrimSpace(fmt.Sprintf("%s %s@%d %s", word, g.Text, g.Start, g.Who))
		}
		out = append(out, strings.TrimSpace(word))
	}
	return strings.Join(out, "; ")
}

func TestJudgements(t *testing.T) {
	s := open(t)
	file := put(t, s, readSetOf(t, "x.jsonl", first))
	check := func(want string) *questions.Set {
		t.Helper()
		set := questionsOf(t, s, "x.jsonl")
		if got := state(set); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		return set
	}
	check("a; b here@0; c none; d; e")
	judge(t, s, "a", Judgement{Kind: Answered, Answer: "Zoë", Start: 0, Origin: by("ann"), Weight: 0.25})
	judge(t, s, "a", Judgement{Kind: Answered, Answer: "Zoë", Start: 0, Origin: by("bob")}) // says the same
	judge(t, s, "b", Judgement{Kind: Answered, Answer: "there", Start: 9, Origin: by("ann")})
	judge(t, s, "c", Judgement{Kind: Answered, Answer: "now", Start: -1, Origin: by("ann")})
	judge(t, s, "d", Judgement{Kind: NoAnswer, Origin: by("bob")})
	judge(t, s, "e", Judgement{Kind: Skipped, Origin: by("bob")})
	set := check("a Zoë@0 ann; b here@0 there@9 ann; c now@-1 ann; d none bob; e")
	if !set.V2 || set.Digest == file.Digest || set.Items[2].Impossible || !set.Items[3].Impossible || set.Items[4].Labelled {
		t.Errorf("%+v", set)
	}
	if sets, err := s.Sets(t.Context()); err != nil || sets[0].Judged != 4 || sets[0].Counts.Labelled != 4 || sets[0].Counts.Questions != 5 || sets[0].Digest != file.Digest {
		t.Errorf("%+v, %v", sets, err)
	}
	judge(t, s, "b", Judgement{Kind: NoAnswer, Origin: by("bob")})
	check("a Zoë@0 ann; b none bob; c now@-1 ann; d none bob; e")
	if j, err := s.UndoLast(t.Context(), "x.jsonl", "bob"); err != nil || j.Item != "b" || j.Kind != NoAnswer || j.Undone.IsZero() {
		t.Errorf("%+v, %v", j, err)
	}
	if j, err := s.Undo(t.Context(), "x.jsonl", "d"); err != nil || j.Item != "d" {
		t.Errorf("%+v, %v", j, err)
	}
	check("a Zoë@0 ann; b here@0 there@9 ann; c now@-1 ann; d; e")
	for _, item := range []string{"a", "a", "b", "c"} {
		if _, err := s.Undo(t.Context(), "x.jsonl", item); err != nil {
			t.Error(err)
		}
	}
	if set := check("a; b here@0; c none; d; e"); set.Digest != file.Digest {
		t.Errorf("digest %s, of the file %s", set.Digest, file.Digest)
	}
	if _, err := s.Undo(t.Context(), "x.jsonl", "a"); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("%v", err)
	}
	all, err := s.Judgements(t.Context(), "x.jsonl")
	if err != nil || len(all) != 7 || all[0].Weight != 0.25 || all[0].Question != "Who sat?" || all[0].Who != "ann" || all[0].How != "label" || all[4].Kind != NoAnswer || all[5].Kind != Skipped || !all[5].Undone.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestJudgementsThatAreNone(t *testing.T) {
	s := open(t)
	put(t, s, readSetOf(t, "x.jsonl", first+`{"question": "Twice?", "id": "a"}`))
	for _, c := range []struct {
		item string
		j    Judgement
		want string
	}{
		{"b", Judgement{Kind: Answered, Answer: "there", Start: 8}, "does not stand at byte 8"},
		{"b", Judgement{Kind: Answered, Answer: "there", Start: 800}, "does not stand at byte 800"},
		{"b", Judgement{Kind: Answered, Answer: " "}, "is empty"},
		{"b", Judgement{Kind: Answered, Answer: "x", Start: -2}, "cannot start"},
		{"b", Judgement{Kind: NoAnswer, Answer: "x"}, "comes with the answer"},
		{"b", Judgement{Kind: "maybe"}, "is none of"},
		{"b", Judgement{Kind: Skipped, Weight: math.NaN()}, "no probability"},
		{"b", Judgement{Kind: Skipped, Weight: 1.5}, "no probability"},
		{"b", Judgement{Kind: Answered, Answer: "\xff", Start: -1}, "not UTF-8"},
		{"z", Judgement{Kind: Skipped}, "no such question"},
		{"a", Judgement{Kind: Skipped}, "2 questions have this id"},
	} {
		if _, err := s.Judge(t.Context(), "x.jsonl", c.item, c.j); err == nil || !strings.Contains(err.Error(), c.want) || qa.CodeOf(err) == qa.Internal {
			t.Errorf("%+v: %v, want %q", c.j, err, c.want)
		}
	}
	if _, err := s.Judge(t.Context(), "y", "a", Judgement{Kind: Skipped}); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("%v", err)
	}
	if all, err := s.Judgements(t.Context(), "x.jsonl"); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestJudgeSeen: what somebody says of a question that was judged meanwhile is not kept, however many say something at once.
func TestJudgeSeen(t *testing.T) {
	s := open(t)
	put(t, s, readSetOf(t, "x.jsonl", first))
	say := func(item, who string, seen Seen) (Judgement, error) {
		return s.JudgeSeen(t.Context(), "x.jsonl", item, Judgement{Kind: Answered, Answer: "said by " + who, Start: -1, Origin: by(who)}, seen)
	}
	standing := func(item string) (out []string) {
		all, err := s.Judgements(t.Context(), "x.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range all {
			if j.Item == item && j.Undone.IsZero() {
				out = append(out, j.Who)
			}
		}
		return out
	}
	var won, lost atomic.Int32
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			_, err := say("d", fmt.Sprint("w", i), Seen{})
			var o *Overtaken
			switch {
			case err == nil:
				won.Add(1)
			case errors.As(err, &o) && o.By != nil && o.Item == "d" && qa.CodeOf(err) == qa.Invalid:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	work.Wait()
	if won.Load() != 1 || lost.Load() != 7 || len(standing("d")) != 1 {
		t.Fatalf("%d were kept and %d refused, and %v stand", won.Load(), lost.Load(), standing("d"))
	}

	ann, err := say("e", "ann", Seen{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = say("e", "bob", Seen{})
	if err == nil || !strings.Contains(err.Error(), `ann said "said by ann"`) {
		t.Errorf("%v", err)
	}
	bob, err := say("e", "bob", Seen{Last: ann.ID, Since: ann.ID})
	if got := standing("e"); err != nil || !slices.Equal(got, []string{"ann", "bob"}) {
		t.Errorf("%v stand; %v", got, err)
	}
	// What came after the one that was seen gives way, and is marked as taken back.
	carol, err := say("e", "carol", Seen{Last: bob.ID, Since: ann.ID})
	if got := standing("e"); err != nil || !slices.Equal(got, []string{"ann", "carol"}) {
		t.Errorf("%v stand; %v", got, err)
	}
	// A refusal takes nothing back, and what was taken back is no longer seen.
	if _, err := say("e", "dan", Seen{Last: bob.ID}); err == nil || !slices.Equal(standing("e"), []string{"ann", "carol"}) {
		t.Errorf("%v stand; %v", standing("e"), err)
	}
	for _, id := range []int64{carol.ID, ann.ID} {
		if _, err := s.UndoJudgement(t.Context(), "x.jsonl", id); err != nil {
			t.Fatal(err)
		}
	}
	var o *Overtaken
	if _, err := say("e", "dan", Seen{Last: carol.ID, Since: carol.ID}); !errors.As(err, &o) || o.By != nil {
		t.Errorf("%v", err)
	}
	// What was never there was not taken back, whether it would be of another question or of none, and whatever stands now.
	other, err := s.Judge(t.Context(), "x.jsonl", "d", Judgement{Kind: Skipped, Origin: by("eve")})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		item string
		id   int64
	}{{"e", other.ID}, {"d", carol.ID}, {"e", other.ID + 1000}, {"d", other.ID + 1000}} {
		var o *Overtaken
		_, err := say(c.item, "dan", Seen{Last: c.id, Since: c.id})
		if errors.As(err, &o) || qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), fmt.Sprintf("question %q has no judgement %d", c.item, c.id)) {
			t.Errorf("%s, %d: %v", c.item, c.id, err)
		}
	}
	if _, err := say("e", "dan", Seen{Since: 1}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("%v", err)
	}
}

func TestImportingAgainLosesNoJudgement(t *testing.T) {
	s := open(t)
	put(t, s, readSetOf(t, "x.jsonl", first))
	judge(t, s, "a", Judgement{Kind: Answered, Answer: "Zoë", Start: 0, Origin: by("ann")})
	judge(t, s, "b", Judgement{Kind: Answered, Answer: "there", Start: 9, Origin: by("ann")})
	judge(t, s, "d", Judgement{Kind: NoAnswer, Origin: by("bob")})
	judge(t, s, "e", Judgement{Kind: Answered, Answer: "so", Start: -1, Origin: by("bob")})
	if _, err := s.Undo(t.Context(), "x.jsonl", "e"); err != nil {
		t.Fatal(err)
	}
	// a and e are gone, b has another text and another context, c has an answer now, f is new.
	info := put(t, s, readSetOf(t, "x.jsonl", `{"question": "How?", "id": "f"}
{"question": "Where then?", "id": "b", "answers": [{"text": "here", "answer_start": 4}], "context": "now here and there"}
{"question": "When?", "id": "c", "answer": "later"}
{"question": "Why?", "id": "d"}
`))
	if fmt.Sprint(info.Kept, info.Changed) != "[a] [b]" || info.Judged != 3 || info.Counts.Questions != 5 || info.Counts.Labelled != 4 {
		t.Errorf("%+v", info)
	}
	set := questionsOf(t, s, "x.jsonl")
	if got, want := state(set), "f; b here@4 there@13 ann; c later@-1; d none bob; a Zoë@0 ann"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if q := set.Items[4]; set.Contexts[q.Context].Text != "Zoë sat." || q.Text != "Who sat?" {
		t.Errorf("%+v", q)
	}
	// Once more the same, and a comes back.
	info = put(t, s, readSetOf(t, "x.jsonl", first))
	if got, want := state(questionsOf(t, s, "x.jsonl")), "a Zoë@0 ann; b here@0 there@9 ann; c none; d none bob; e"; got != want || len(info.Kept)+len(info.Changed) != 0 {
		t.Errorf("%s\nwant %s; %+v", got, want, info)
	}
	put(t, s, readSetOf(t, "x.jsonl", `{"question": "Who?", "id": "z"}`))
	info = put(t, s, readSetOf(t, "x.jsonl", `{"question": "Who?", "id": "y"}`))
	if fmt.Sprint(info.Kept) != "[a b d]" {
		t.Errorf("after two imports without them: %+v", info)
	}
}

func TestModelSettings(t *testing.T) {
	s := open(t)
	m := ModelSettings{Abstains: "yes", Threshold: new(-0.1), Calibration: &Calibration{0.1, 1e-17}, Run: "20261128-0001", Labels: 60, When: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
	if err := s.SetModel(t.Context(), "a/b@c:fp32", m); err != nil {
		t.Fatal(err)
	}
	if err := s.SetModel(t.Context(), "a/b", ModelSettings{Abstains: "no"}); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := s.Model(t.Context(), "a/b@c:fp32", "a/b"); err != nil || !ok || !reflect.DeepEqual(got, m) {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if got, ok, err := s.Model(t.Context(), "a/b@c:int8", "a/b"); err != nil || !ok || got.Abstains != "no" {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	if err := s.SetModel(t.Context(), "a/b", ModelSettings{}); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Model(t.Context(), "a/b"); err != nil || ok {
		t.Errorf("%v, %v", ok, err)
	}
	if err := s.SetModel(t.Context(), "x", ModelSettings{Threshold: new(math.Inf(1))}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("%v", err)
	}
	if err := s.SetModel(t.Context(), "", m); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("%v", err)
	}
}

// TestModelIn: a database is looked into as it is: one that holds nothing of ours, one of a newer program.
func TestModelIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, ok, err := ModelIn(t.Context(), db, "a/b"); ok || err != nil {
		t.Errorf("of an empty database: %v, %v", ok, err)
	}
	s, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetModel(t.Context(), "a/b", ModelSettings{Labels: 60}); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("update schema_versions set version = 99 where component = 'store'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), db); err == nil {
		t.Fatal("a database of a newer program is opened to be written to")
	}
	if m, ok, err := ModelIn(t.Context(), db, "x", "a/b"); !ok || err != nil || m.Labels != 60 {
		t.Errorf("of a newer program: %+v, %v, %v", m, ok, err)
	}
}
