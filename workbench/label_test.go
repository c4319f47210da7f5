package workbench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// scripted answers a question with the first of its words that the passage holds: what stands in answers for model and question.
type scripted struct {
	fakeReader
	says func(question string) string
	hold chan struct{}
}

func (r *scripted) ReadEach(ctx context.Context, tasks []qa.Task, _ []Params) ([]qa.Prediction, error) {
	if r.hold != nil {
		select {
		case <-r.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	out := make([]qa.Prediction, len(tasks))
	for i, t := range tasks {
		out[i].Abstained = true
		wanted := r.says(t.Question.Text)
		if wanted == "!" {
			out[i] = qa.Prediction{Err: errors.New("this one cannot be asked")}
			continue
		}
		text, nearly := strings.CutPrefix(wanted, "~")
		for hit, h := range t.Hits {
			at := strings.Index(h.Passage.Text, text)
			if text == "" || at < 0 {
				continue
			}
			at += h.Passage.Range.Start
			a := qa.Answer{Text: text, Doc: h.Passage.Doc, Range: qa.Range{Start: at, End: at + len(text)}, Hit: hit}
			out[i].Candidates = []qa.Answer{a}
			if !nearly {
				out[i].Answers, out[i].Text, out[i].Abstained = []qa.Answer{a}, text, false
			}
			break
		}
	}
	return out, nil
}

// labelBench has models that say what functions tell them, and an empty project.
func labelBench(t *testing.T, models map[string]func(question string) string, hold chan struct{}) (*Labels, *Project, []Model) {
	t.Helper()
	data := t.TempDir()
	w := &Workbench{Data: func() (string, error) { return data, nil }, Cache: func() (hub.Cache, error) { return hub.Cache{Dir: filepath.Join(data, "cache")}, nil },
		OpenReader: func(_ context.Context, m Model, _ Params, _ Cache) (Reader, error) {
			if models[m.ID] == nil {
				return nil, qa.Errorf(qa.BrokenModel, "model %s: its weights are cut off", m.ID)
			}
			return &scripted{says: models[m.ID], hold: hold}, nil
		}}
	var list []Model
	for _, id := range slices.Sorted(func(yield func(string) bool) {
		for id := range models {
			if !yield(id) {
				return
			}
		}
	}) {
		list = append(list, Model{Name: id, ID: id, Revision: "1", Builtin: true, Precision: DefaultPrecision, FS: fstest.MapFS{}})
	}
	p, err := w.OpenProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := w.NewLabels()
	t.Cleanup(func() { l.Close(); p.Close() })
	return l, p, list
}

func keep(t *testing.T, p *Project, name, text string) {
	t.Helper()
	s, err := questions.Read(t.Context(), strings.NewReader(text), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.PutQuestions(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func session(t *testing.T, l *Labels, p *Project, set, who string, models []Model) *LabelSession {
	t.Helper()
	s, err := l.Session(p, set, who, models)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// settled waits until all is read.
func settled(t *testing.T, s *LabelSession) LabelState {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		s.v = nil
		state, changed, err := s.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !state.Reading {
			return state
		}
		select {
		case <-changed:
		case <-time.After(5 * time.Second):
		}
	}
	t.Fatal("the models do not come to an end")
	return LabelState{}
}

// twenty are questions each with a context "x0: yes and no 🙂". Half of them the models dispute.
func twenty() string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, `{"id": "q%d", "question": "%d?", "context": "🙂 x%d: yes\r\nand no."}`+"\n", i, i, i)
	}
	return b.String()
}

func number(question string) (n int) {
	fmt.Sscanf(question, "%d?", &n)
	return n
}

func yesOnly(string) string { return "yes" }

func noWhereEven(question string) string {
	if number(question)%2 == 0 {
		return "no"
	}
	return "yes"
}

func TestLabelSession(t *testing.T) {
	l, p, models := labelBench(t, map[string]func(string) string{"a/yes": yesOnly, "b/mixed": noWhereEven, "c/broken": nil}, nil)
	keep(t, p, "s.jsonl", twenty())
	s := session(t, l, p, "s.jsonl", "ann", models)
	// Before anything is read the draw goes by chance alone.
	d, err := s.Next(t.Context())
	if err != nil || d.Disputed || math.Abs(d.Weight-1.0/20) > 1e-12 {
		t.Fatalf("%+v, %v", d, err)
	}
	if again, _ := s.Next(t.Context()); again != d {
		t.Errorf("drawn again: %+v after %+v", again, d)
	}
	other, err := session(t, l, p, "s.jsonl", "bob", models).Next(t.Context())
	if err != nil || other.Item == d.Item || math.Abs(other.Weight-1.0/19) > 1e-12 {
		t.Errorf("another person gets %+v, %v", other, err)
	}
	if err := s.Start(t.Context(), d.Item); err != nil {
		t.Fatal(err)
	}
	state := settled(t, s)
	if state.Open != 20 || state.Models[0].Done != 20 || state.Models[1].Done != 20 || !strings.Contains(state.Models[2].Failed, "weights are cut off") {
		t.Errorf("%+v", state)
	}
	if got := state.Estimate.Next; got != "After 5 labels the models are scored here; 5 to go." {
		t.Error(got)
	}
	// All is labelled "yes": b is wrong where it says "no".
	disputed := 0
	for n := range 12 {
		d, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		q, err := s.Question(t.Context(), d.Item, 0)
		if err != nil || q.Waiting != 0 || q.Weight != d.Weight || len(q.Passages) != 1 || !strings.HasPrefix(q.Passages[0].Text, "🙂 x") {
			t.Fatalf("%+v, %v", q, err)
		}
		if len(q.Suggestions) == 2 && n > 0 {
			disputed++
		}
		yes := q.Suggestions[slices.IndexFunc(q.Suggestions, func(g LabelSuggestion) bool { return g.Text == "yes" })]
		j, err := s.Judge(t.Context(), d.Item, LabelVerdict{Kind: store.Answered, Text: yes.Text, Start: yes.Start, How: LabelSuggested})
		if err != nil || j.Weight != d.Weight || j.Who != "ann" || j.How != LabelSuggested {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	if disputed < 8 {
		t.Errorf("of 11 questions that were drawn by disagreement %d are disputed", disputed)
	}
	state, _, _ = s.State(t.Context())
	if e := state.Estimate; e.Labels != 12 || e.Left != 8 || len(e.Models) != 2 || e.Models[0].Contestant != "a/yes@1:fp32" || math.Abs(e.Models[0].F1-100) > 1e-9 || e.Models[1].F1 < 25 || e.Models[1].F1 > 75 {
		t.Errorf("%+v", e)
	}
	if got := state.Estimate.Next; !strings.HasPrefix(got, "a/yes is ahead of b/mixed by ") || !strings.Contains(got, "The last 8 labels would narrow that to about ± ") {
		t.Error(got)
	}
	// Undo goes back to the question, with the probability that it was drawn with.
	all, _ := p.Store.Judgements(t.Context(), "s.jsonl")
	last := all[len(all)-1]
	j, err := s.Undo(t.Context())
	if err != nil || j.ID != last.ID {
		t.Fatalf("%+v, %v", j, err)
	}
	if d, _ := s.Next(t.Context()); d.Item != last.Item || d.Weight != last.Weight {
		t.Errorf("after undo %+v is next, not %s", d, last.Item)
	}
	if _, err := session(t, l, p, "s.jsonl", "bob", models).Undo(t.Context()); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("somebody else takes back: %v", err)
	}
	// To the end, with skips and none.
	for n := 0; ; n++ {
		d, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d.Item == "" {
			break
		}
		said := LabelVerdict{Kind: store.NoAnswer}
		if n%2 == 0 {
			said.Kind = store.Skipped
		}
		if _, err := s.Judge(t.Context(), d.Item, said); err != nil {
			t.Fatal(err)
		}
	}
	state, _, err = s.State(t.Context())
	if err != nil || state.Open != 0 || state.Skipped != 5 || state.Labelled != 15 || state.Estimate.Left != 0 || !strings.Contains(state.Estimate.Next, "All questions are labelled") {
		t.Errorf("%+v, %v", state, err)
	}
}

// A question that was picked by a link is labelled, and does not count in estimates; one that the file has labelled neither.
func TestLabelPicked(t *testing.T) {
	l, p, models := labelBench(t, map[string]func(string) string{"a": yesOnly, "b": noWhereEven}, nil)
	keep(t, p, "s.jsonl", twenty()+`{"id": "known", "question": "1?", "context": "yes", "answer": "yes"}`+"\n"+`{"id": "twice", "question": "x"}`+"\n"+`{"id": "twice", "question": "y"}`)
	s := session(t, l, p, "s.jsonl", "", models)
	if s.Who != UserName() {
		t.Errorf("who labels is %q", s.Who)
	}
	d, err := s.Next(t.Context())
	if err != nil || math.Abs(d.Weight-1.0/20) > 1e-12 {
		t.Fatalf("%+v, %v", d, err)
	}
	pick := "q3"
	if d.Item == pick {
		pick = "q4"
	}
	if err := s.Start(t.Context(), "known"); err != nil {
		t.Fatal(err)
	}
	settled(t, s)
	if q, err := s.Question(t.Context(), "known", 0); err != nil || q.Waiting != 0 || !q.Labelled || len(q.Suggestions) != 1 {
		t.Errorf("%+v, %v", q, err)
	}
	for range 2 { // the second time it is the same
		if j, err := s.Judge(t.Context(), pick, LabelVerdict{Kind: store.NoAnswer}); err != nil || j.Weight != 0 {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	if all, _ := p.Store.Judgements(t.Context(), "s.jsonl"); len(all) != 1 {
		t.Errorf("%d judgements", len(all))
	}
	state, _, err := s.State(t.Context())
	if err != nil || state.Repeated != 2 || state.Questions != 23 || state.Open != 19 || state.Labelled != 2 || state.Estimate.Picked != 1 || state.Estimate.Labels != 0 {
		t.Errorf("%+v, %v", state, err)
	}
	if next, _ := s.Next(t.Context()); next != d {
		t.Errorf("what was drawn is no longer next: %+v", next)
	}
	for _, id := range []string{"twice", "nowhere"} {
		if _, err := s.Judge(t.Context(), id, LabelVerdict{Kind: store.Skipped}); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, who := range []string{"a\nb", strings.Repeat("x", 81), "\xff"} {
		if _, err := l.Session(p, "s.jsonl", who, nil); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%q: %v", who, err)
		}
	}
}

// A mark stands where it is said to, or is refused.
func TestLabelPlacesAreHeld(t *testing.T) {
	l, p, _ := labelBench(t, nil, nil)
	keep(t, p, "s.jsonl", twenty())
	s := session(t, l, p, "s.jsonl", "ann", nil)
	for _, c := range []struct {
		said LabelVerdict
		want string
	}{
		{LabelVerdict{Kind: store.Answered, Text: "yes", Start: 8}, "does not stand at byte 8"},
		{LabelVerdict{Kind: store.Answered, Text: "yes", Start: 800}, "does not stand at byte 800"},
		{LabelVerdict{Kind: store.Answered, Text: "yes", Start: -1}, "does not stand at byte -1"},
		{LabelVerdict{Kind: store.Answered, Text: " \n", Start: 0}, "is empty"},
		{LabelVerdict{Kind: store.Answered, Text: "\x99\x82", Start: 2}, "not UTF-8"},
		{LabelVerdict{Kind: store.Answered, Text: "yes", Start: 9, Document: "x.pdf"}, "a text of its own"},
		{LabelVerdict{Kind: "maybe"}, "is none of"},
	} {
		if _, err := s.Judge(t.Context(), "q0", c.said); err == nil || !strings.Contains(err.Error(), c.want) || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%+v: %v, want %q", c.said, err, c.want)
		}
	}
	// "🙂 x0: yes\r\nand no.": the emoji has four bytes, so yes stands at 9, and over the line's end at 9 too.
	for _, text := range []string{"yes", "yes\r\nand", "🙂 x0"} {
		start := strings.Index("🙂 x0: yes\r\nand no.", text)
		if j, err := s.Judge(t.Context(), "q0", LabelVerdict{Kind: store.Answered, Text: text, Start: start}); err != nil || j.Start != start {
			t.Errorf("%q: %+v, %v", text, j, err)
		}
	}
	q, err := s.Question(t.Context(), "q1", 0)
	if err != nil {
		t.Fatal(err)
	}
	places, total, err := s.LabelPlaces(t.Context(), "q1", "n", q.Passages, 1)
	if err != nil || total != 2 || len(places) != 1 || places[0].Start != 15 || places[0].Text != "n" {
		t.Errorf("%+v, %d, %v", places, total, err)
	}
}

// Questions without a text are asked of the corpus, and their labels name the document.
func TestLabelOfTheCorpus(t *testing.T) {
	says := func(string) string { return "31 March 2027" }
	l, p, models := labelBench(t, map[string]func(string) string{"a": says, "b": func(string) string { return "~31 March 2027" }}, nil)
	dir := t.TempDir()
	for name, text := range map[string]string{"lease[1].txt": "The lease of the house ends on 31 March 2027.", "other.txt": "The lease of the garage ends on 1 May."} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Add(t.Context(), []string{dir}, AddOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	ids, err := p.AddQuestions(t.Context(), "", []string{"When does the lease end?", "", " zzz "}, "")
	if err != nil || len(ids) != 2 {
		t.Fatalf("%q, %v", ids, err)
	}
	named, err := p.AddQuestions(t.Context(), "", []string{"Which garage?", "qqq"}, "lease[1].txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		texts    []string
		document string
	}{{nil, ""}, {[]string{" "}, ""}, {[]string{strings.Repeat("x", 3000)}, ""}, {[]string{"x"}, "nowhere.txt"}, {slices.Repeat([]string{"x"}, 1001), ""}} {
		if _, err := p.AddQuestions(t.Context(), "", c.texts, c.document); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%d questions of %q: %v", len(c.texts), c.document, err)
		}
	}
	s := session(t, l, p, OwnQuestions, "ann", models)
	if err := s.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	settled(t, s)
	q, err := s.Question(t.Context(), ids[0], 1)
	if err != nil || q.Own || len(q.Passages) != 1 || !q.More || len(q.Suggestions) != 1 || len(q.Abstain) != 1 {
		t.Fatalf("%+v, %v", q, err)
	}
	g := q.Suggestions[0]
	if g.Text != "31 March 2027" || g.Start != 31 || len(g.Models) != 1 || len(g.Nearly) != 1 || !strings.HasSuffix(g.Document, "lease[1].txt") {
		t.Errorf("%+v", g)
	}
	if q, err := s.Question(t.Context(), ids[1], 0); err != nil || len(q.Passages) != 0 || len(q.Suggestions) != 0 || len(q.Abstain) != 2 {
		t.Errorf("nothing has a word of it: %+v, %v", q, err)
	}
	for _, id := range named { // the second shares no word with it
		if q, err := s.Question(t.Context(), id, 0); err != nil || len(q.Passages) != 1 || q.Passages[0].Document != g.Document || q.More {
			t.Errorf("it names a document: %+v, %v", q, err)
		}
	}
	if _, err := s.Judge(t.Context(), named[0], LabelVerdict{Kind: store.Answered, Text: "garage", Start: 17, Document: strings.Replace(g.Document, "lease[1]", "other", 1)}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("an answer in another document: %v", err)
	}
	if _, err := s.Judge(t.Context(), ids[0], LabelVerdict{Kind: store.Answered, Text: g.Text, Start: g.Start}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("an answer in no document: %v", err)
	}
	j, err := s.Judge(t.Context(), ids[0], LabelVerdict{Kind: store.Answered, Text: g.Text, Start: g.Start, Document: g.Document})
	if err != nil || j.Document != g.Document || j.Start != 31 {
		t.Fatalf("%+v, %v", j, err)
	}
	// A race reads the passage that was labelled.
	set, err := p.Store.Questions(t.Context(), OwnQuestions)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Gather(t.Context(), []*questions.Set{set}, 0)
	if err != nil || len(m.Oracle.Examples) != 1 || m.Oracle.Examples[0].Answers[0].Text != "31 March 2027" || !strings.HasPrefix(m.Oracle.Passages[0].Text, "The lease of the house") {
		t.Errorf("%+v, %v", m.Oracle, err)
	}
	places, total, err := s.LabelPlaces(t.Context(), ids[0], "the  HOUSE", q.Passages, 5)
	if err != nil || total != 1 || places[0].Text != "the house" || places[0].Start != 13 || places[0].Document != g.Document {
		t.Errorf("%+v, %d, %v", places, total, err)
	}
}

// A long text is shown in parts, and what models answered among them.
func TestLabelOfALongText(t *testing.T) {
	l, p, models := labelBench(t, map[string]func(string) string{"a": func(string) string { return "the needle" }}, nil)
	var b strings.Builder
	for i := range 400 {
		if i == 250 {
			b.WriteString("Here is the needle of the story.\n\n")
		}
		fmt.Fprintf(&b, "Paragraph %d tells of nothing in particular, at some length so that it takes its room.\n\n", i)
	}
	b.WriteString("The zebra is last.")
	keep(t, p, "s.jsonl", fmt.Sprintf(`{"id": "q", "question": "Zebra?", "context": %q}`, b.String()))
	s := session(t, l, p, "s.jsonl", "ann", models)
	if err := s.Start(t.Context(), "q"); err != nil {
		t.Fatal(err)
	}
	settled(t, s)
	q, err := s.Question(t.Context(), "q", 2)
	if err != nil || !q.More || len(q.Passages) != 3 {
		t.Fatalf("%d passages, %v", len(q.Passages), err)
	}
	all := ""
	for _, passage := range q.Passages {
		if b.String()[passage.Start:passage.End()] != passage.Text {
			t.Errorf("a passage does not stand at %d", passage.Start)
		}
		all += passage.Text
	}
	if !strings.Contains(all, "needle") || !strings.Contains(all, "zebra") {
		t.Error("the parts that matter are not shown")
	}
}

// What goes on in the background ends with its owner, wherever it is.
func TestLabelsEnd(t *testing.T) {
	hold := make(chan struct{})
	l, p, models := labelBench(t, map[string]func(string) string{"a": yesOnly}, hold)
	keep(t, p, "s.jsonl", twenty())
	s := session(t, l, p, "s.jsonl", "ann", models)
	if err := s.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if state, _, _ := s.State(t.Context()); !state.Reading {
		t.Error("nothing is being read")
	}
	l.Close()
	if state, _, _ := s.State(t.Context()); state.Reading || state.Models[0].Failed != "" {
		t.Errorf("%+v", state)
	}
	if err := s.Start(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if state, _, _ := s.State(t.Context()); state.Reading {
		t.Error("something is being read after the end")
	}
	if err := session(t, l, p, "nowhere", "ann", models).Start(t.Context(), ""); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("%v", err)
	}
}
