package workbench

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// How a label came about, as it is kept with it.
const (
	LabelMarked    = "label"      // marked or typed
	LabelSuggested = "suggestion" // picked among the answers of models
)

// LabelVerdict is what somebody says of a question.
type LabelVerdict struct {
	Kind store.Kind `json:"kind"`
	Text string     `json:"text,omitempty"` // of an answer, as it stands
	// Document is where the answer stands, or where none was found, and Start the byte of it. For a question with a text of its own
	// Document is empty and Start counts in that.
	Document string `json:"document,omitempty"`
	Start    int    `json:"start"`
	How      string `json:"how,omitempty"` // LabelMarked when empty
	// Seen is what stood when whoever says so looked at the question: where that has changed, the error is a *store.Overtaken. Nil: it
	// is kept whatever was said meanwhile.
	Seen *store.Seen `json:"-"`
}

// Judge keeps what is said of a question. An answer must stand where it is said to stand. The same said twice is kept once.
func (s *LabelSession) Judge(ctx context.Context, item string, said LabelVerdict) (store.Judgement, error) {
	v, err := s.view(ctx)
	if err != nil {
		return store.Judgement{}, err
	}
	q, err := v.item(item)
	if err != nil {
		return store.Judgement{}, err
	}
	j := store.Judgement{Kind: said.Kind, Answer: said.Text, Start: -1, Origin: questions.Origin{Who: s.Who, When: time.Now(), How: said.How}}
	if j.How == "" {
		j.How = LabelMarked
	}
	if j.Document, err = s.place(ctx, v, q, said); err != nil {
		return j, err
	}
	if said.Kind == store.Answered {
		j.Start = said.Start
	}
	if last, ok := v.last(item); ok && last.Who == j.Who && last.Kind == j.Kind && last.Answer == j.Answer && last.Start == j.Start && last.Document == j.Document &&
		(said.Seen == nil || said.Seen.Since >= said.Seen.Last) {
		return last, nil
	}
	s.l.mu.Lock()
	if d := s.q.drawn[s.Who]; d.Item == item {
		j.Weight = d.Weight
	}
	s.l.mu.Unlock()
	if said.Seen != nil {
		j, err = s.p.Store.JudgeSeen(ctx, s.Set, item, j, *said.Seen)
	} else {
		j, err = s.p.Store.Judge(ctx, s.Set, item, j)
	}
	s.v = nil // what overtook it is to be seen, too
	if err != nil {
		return j, err
	}
	s.l.note(s.q, func() {
		if s.q.drawn[s.Who].Item == item {
			delete(s.q.drawn, s.Who)
		}
	})
	return j, nil
}

// place holds that an answer stands where it is said to, and gives the document that the judgement is to name.
func (s *LabelSession) place(ctx context.Context, v *labelView, q *questions.Item, said LabelVerdict) (document string, err error) {
	if said.Kind == store.Answered && strings.TrimSpace(said.Text) == "" {
		return "", qa.Errorf(qa.Invalid, "the answer is empty; mark it in the text, or say that there is none")
	}
	if q.Context >= 0 {
		if said.Document != "" {
			return "", qa.Errorf(qa.Invalid, "label %q: it has a text of its own, and the answer is said to stand in %s", q.ID, said.Document)
		}
		return "", stands(v.set.Contexts[q.Context].Text, said)
	}
	if said.Document == "" {
		if said.Kind == store.Answered {
			return "", qa.Errorf(qa.Invalid, "label %q: it is not said in which document the answer stands", q.ID)
		}
		return "", nil
	}
	d, err := s.p.Index.Document(ctx, qa.DocumentID(said.Document))
	if err != nil {
		return "", err
	}
	own := v.document(q)
	if own == "" {
		return said.Document, stands(d.Text, said)
	}
	named, err := s.p.asker(v).document(ctx, own)
	if err != nil {
		return "", err
	}
	switch named {
	case "": // what it names is not there, so that it is asked of the whole corpus
		if said.Kind == store.Answered {
			return "", qa.Errorf(qa.Invalid, "label %q: it names the document %q, which is not in the corpus; add that document first", q.ID, own)
		}
		return "", nil
	case d.ID:
		return "", stands(d.Text, said)
	}
	return "", qa.Errorf(qa.Invalid, "label %q: it is about %s, and the answer is said to stand in %s", q.ID, named, said.Document)
}

// Text is the text that positions of a question count in: its own, or that of a document of the corpus.
func (s *LabelSession) Text(ctx context.Context, item, document string) (string, error) {
	v, err := s.view(ctx)
	if err != nil {
		return "", err
	}
	q, err := v.item(item)
	if err != nil {
		return "", err
	}
	if q.Context >= 0 && document == "" {
		return v.set.Contexts[q.Context].Text, nil
	}
	d, err := s.p.Index.Document(ctx, qa.DocumentID(document))
	return d.Text, err
}

// stands holds that an answer stands at its place of a text.
func stands(text string, said LabelVerdict) error {
	if said.Kind != store.Answered {
		return nil
	}
	if said.Start < 0 || said.Start > len(text) || !strings.HasPrefix(text[said.Start:], said.Text) {
		return qa.Errorf(qa.Invalid, "%.60q does not stand at byte %d of its text, which may have changed; load the page again and mark it once more", said.Text, said.Start)
	}
	return nil
}

// last is the last judgement of a question that stands.
func (v *labelView) last(item string) (store.Judgement, bool) {
	for _, j := range slices.Backward(v.judged) {
		if j.Item == item {
			return j, true
		}
	}
	return store.Judgement{}, false
}

// Undo takes back the last thing that whoever labels has said of the set, and gives it. The question is theirs again, as it was drawn.
func (s *LabelSession) Undo(ctx context.Context) (store.Judgement, error) {
	j, err := s.p.Store.UndoLast(ctx, s.Set, s.Who)
	if err != nil {
		return j, err
	}
	s.v = nil
	s.l.note(s.q, func() {
		if j.Weight > 0 {
			s.q.drawn[s.Who] = LabelDraw{Item: j.Item, Weight: j.Weight}
		}
	})
	return j, nil
}

// LabelPlaces are where an answer that somebody types stands in the passages that were looked at; where in none of them, in the rest of
// their texts. At most most are given, of total.
func (s *LabelSession) LabelPlaces(ctx context.Context, item, answer string, passages []LabelPassage, most int) (places []LabelPassage, total int, err error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, 0, err
	}
	q, err := v.item(item)
	if err != nil {
		return nil, 0, err
	}
	docs := map[string]qa.Document{}
	add := func(p LabelPassage, marks []qa.Mark) {
		for _, r := range questions.Places(p.Text, answer) {
			if total++; len(places) < most {
				found := p
				found.Start, found.Text = p.Start+r.Start, r.Of(p.Text)
				if p.Document != "" {
					found.place(marks, found.Start)
				}
				places = append(places, found)
			}
		}
	}
	for _, p := range passages {
		if _, read := docs[p.Document]; !read && p.Document != "" {
			if docs[p.Document], err = s.p.Index.Document(ctx, qa.DocumentID(p.Document)); err != nil {
				return nil, 0, err
			}
		}
		add(p, docs[p.Document].Marks)
	}
	if total > 0 {
		return places, total, nil
	}
	if q.Context >= 0 {
		add(LabelPassage{Text: v.set.Contexts[q.Context].Text}, nil)
		return places, total, nil
	}
	for _, p := range passages {
		if d, left := docs[p.Document]; left {
			add(LabelPassage{Document: p.Document, Text: d.Text, Title: d.Title}, d.Marks)
			delete(docs, p.Document)
		}
	}
	return places, total, nil
}
