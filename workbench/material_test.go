package workbench

import (
	"strings"
	"testing"

	"github.com/tryall/tryall/questions"
)

// TestWithoutPassage: that fewer questions are asked with the right passage than are labelled is said in whole sentences.
func TestWithoutPassage(t *testing.T) {
	for _, c := range []struct {
		known, unknown int
		want           string
	}{
		{1, 0, ""},
		{0, 1, "the only labelled question has no passage"},
		{9, 1, "1 of the 10 labelled questions is asked of the corpus only, because we do not know which passage holds its answer"},
		{2, 3, "3 of the 5 labelled questions are asked"},
		{0, 4, "for none of the 4 labelled questions do we know"},
	} {
		text := strings.Repeat("{\"question\": \"Who?\", \"answers\": [{\"text\": \"Ann\", \"answer_start\": 0}], \"context\": \"Ann did.\"}\n", c.known) +
			strings.Repeat("{\"question\": \"Who else?\", \"answers\": [\"Bob\"]}\n", c.unknown)
		s, err := questions.Read(t.Context(), strings.NewReader(text), "x.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		var p *Project
		m, err := p.Gather(t.Context(), []*questions.Set{s}, 0)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(m.Warnings, "\n")
		if c.want == "" && strings.Contains(all, "labelled question") || !strings.Contains(all, c.want) {
			t.Errorf("%d known, %d not: %q, want %q", c.known, c.unknown, all, c.want)
		}
	}
}
