package store

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// TestCountsAreOfWhatIsSaid: a set's counts are those of its questions with all that was said of them, whatever was judged and taken back.
func TestCountsAreOfWhatIsSaid(t *testing.T) {
	s := open(t)
	lines := []string{
		`{"id": "a", "question": "Who?", "answers": ["x"], "context": "x y z"}`, `{"id": "b", "question": "Why?", "answers": [], "context": "x y"}`,
		`{"id": "c", "question": "When?", "context": "x y z"}`, `{"id": "d", "question": "Where?"}`,
		`{"id": "e", "question": "What?", "document": "lease.txt", "answers": []}`, `{"id": "f", "question": "How?", "impossible": true}`,
	}
	put(t, s, readSetOf(t, "q.jsonl", strings.Join(lines, "\n")))
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[questions.Counts]bool{}
	for range 300 {
		item := string(rune('a' + r.IntN(6)))
		document := ""
		if item > "c" { // the others have a text of their own
			document = []string{"", "lease.txt", "rules.txt"}[r.IntN(3)]
		}
		var err error
		switch r.IntN(10) {
		case 0, 1:
			_, err = s.Judge(t.Context(), "q.jsonl", item, Judgement{Kind: Answered, Answer: "y", Start: 2, Document: document, Origin: questions.Origin{Who: "ann"}})
		case 2, 3:
			_, err = s.Judge(t.Context(), "q.jsonl", item, Judgement{Kind: NoAnswer, Document: document, Origin: questions.Origin{Who: "ann"}})
		case 4, 5:
			_, err = s.Judge(t.Context(), "q.jsonl", item, Judgement{Kind: Skipped, Document: document, Origin: questions.Origin{Who: "ann"}})
		case 6: // the file comes again with less or more; what was judged stays
			lo := r.IntN(len(lines))
			put(t, s, readSetOf(t, "q.jsonl", strings.Join(lines[lo:lo+1+r.IntN(len(lines)-lo)], "\n")))
		case 7:
			_, err = s.AddQuestions(t.Context(), "q.jsonl", []questions.Item{{Text: "Which?", Document: document}})
		default:
			_, _ = s.Undo(t.Context(), "q.jsonl", item) // there may be nothing to take back
		}
		if err != nil && qa.CodeOf(err) != qa.NotFound { // the file may not have that question any more
			t.Fatal(err)
		}
		sets, err := s.Sets(t.Context())
		if err != nil || len(sets) != 1 {
			t.Fatal(sets, err)
		}
		want := questionsOf(t, s, "q.jsonl").Count()
		got := sets[0].Counts
		if got != want {
			t.Fatalf("%+v, its questions say %+v", got, want)
		}
		seen[want] = true
	}
	if len(seen) < 6 {
		t.Errorf("only %d states were seen", len(seen))
	}
}
