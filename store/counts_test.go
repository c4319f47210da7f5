package store

import (
	"math/rand/v2"
	"testing"

	"github.com/tryall/tryall/questions"
)

// TestCountsAreOfWhatIsSaid: a set's counts are those of its questions with all that was said of them, whatever was judged and taken back.
func TestCountsAreOfWhatIsSaid(t *testing.T) {
	s := open(t)
	put(t, s, readSetOf(t, "q.jsonl", `{"id": "a", "question": "Who?", "answers": ["x"], "context": "x y z"}
{"id": "b", "question": "Why?", "answers": [], "context": "x y z"}
{"id": "c", "question": "When?", "context": "x y z"}
{"id": "d", "question": "Where?", "context": "x y z"}
`))
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[questions.Counts]bool{}
	for range 300 {
		item := string(rune('a' + r.IntN(4)))
		var err error
		switch r.IntN(4) {
		case 0:
			_, err = s.Judge(t.Context(), "q.jsonl", item, Judgement{Kind: Answered, Answer: "y", Start: 2, Origin: questions.Origin{Who: "ann"}})
		case 1:
			_, err = s.Judge(t.Context(), "q.jsonl", item, Judgement{Kind: NoAnswer, Origin: questions.Origin{Who: "ann"}})
		case 2:
			_, err = s.Judge(t.Context(), "q.jsonl", item, Judgement{Kind: Skipped, Origin: questions.Origin{Who: "ann"}})
		default:
			_, _ = s.Undo(t.Context(), "q.jsonl", item) // there may be nothing to take back
		}
		if err != nil {
			t.Fatal(err)
		}
		sets, err := s.Sets(t.Context())
		if err != nil || len(sets) != 1 {
			t.Fatal(sets, err)
		}
		want := questionsOf(t, s, "q.jsonl").Count()
		got := sets[0].Counts
		if got.Questions != want.Questions || got.Labelled != want.Labelled || got.NoAnswer != want.NoAnswer {
			t.Fatalf("%+v, its questions say %+v", got, want)
		}
		seen[want] = true
	}
	if len(seen) < 6 {
		t.Errorf("only %d states were seen", len(seen))
	}
}
