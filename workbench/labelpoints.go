package workbench

import (
	"context"
	"fmt"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// QuestionPoints is Question with all starts in code points.
func (s *LabelSession) QuestionPoints(ctx context.Context, id string, passages int) (LabelQuestion, error) {
	out, err := s.Question(ctx, id, passages)
	if err != nil {
		return out, err
	}
	v, q, err := s.itemOf(ctx, id)
	if err != nil {
		return out, err
	}
	texts := s.p.textsOf(v.set)
	for i := range out.Passages {
		if out.Passages[i].Start, err = texts.points(ctx, q, out.Passages[i].Document, out.Passages[i].Start); err != nil {
			return out, err
		}
	}
	for i := range out.Suggestions {
		if out.Suggestions[i].Start, err = texts.points(ctx, q, out.Suggestions[i].Document, out.Suggestions[i].Start); err != nil {
			return out, err
		}
	}
	out.Answers, err = texts.labels(ctx, q, out.Answers)
	return out, err
}

func (s *LabelSession) itemOf(ctx context.Context, id string) (*labelView, *questions.Item, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	q, err := v.item(id)
	return v, q, err
}

// JudgePoints is Judge with starts in code points. Where no document is said that of the question is meant; a start of -1 is the only
// place of its text where the answer stands.
func (s *LabelSession) JudgePoints(ctx context.Context, item string, said LabelVerdict) (store.Judgement, error) {
	v, q, err := s.itemOf(ctx, item)
	if err != nil {
		return store.Judgement{}, err
	}
	texts := s.p.textsOf(v.set)
	if said.Kind != store.Answered {
		if said.Text != "" || said.Start >= 0 {
			return store.Judgement{}, qa.Errorf(qa.Invalid, "%q comes with an answer or a start", said.Kind)
		}
	} else {
		if q.Context < 0 && said.Document == "" {
			id, err := texts.name(ctx, q)
			if err != nil {
				return store.Judgement{}, err
			}
			said.Document = string(id)
		}
		if err := texts.stand(ctx, q, &said); err != nil {
			return store.Judgement{}, fmt.Errorf("label %q: %w", item, err)
		}
	}
	j, err := s.Judge(ctx, item, said)
	if err != nil {
		return j, err
	}
	one := []store.Judgement{j}
	err = texts.judgements(ctx, one)
	return one[0], err
}

// stand finds the byte at which an answer stands.
func (t *questionTexts) stand(ctx context.Context, q *questions.Item, said *LabelVerdict) error {
	c, err := t.at(ctx, q, said.Document)
	if err != nil || c == nil {
		return err // Judge says what is missing
	}
	if given := said.Start; given >= 0 {
		if said.Start = byteAt(c.text, given); stands(c.text, *said) != nil {
			return qa.Errorf(qa.Invalid, "%.60q does not stand at character %d of its text", said.Text, given)
		}
		return nil
	}
	switch places := questions.Places(c.text, said.Text); {
	case strings.TrimSpace(said.Text) == "": // Judge says so
	case len(places) == 0:
		return qa.Errorf(qa.Invalid, "%.60q does not stand in its text; an answer is a part of it", said.Text)
	case len(places) > 1:
		return qa.Errorf(qa.Invalid, "%.60q stands at %d places of its text; say at which character", said.Text, len(places))
	default:
		said.Start, said.Text = places[0].Start, places[0].Of(c.text)
	}
	return nil
}

// TakeBack takes back the last judgement of a question that stands; without one the last that whoever labels has made of the set. Its
// start is in code points.
func (s *LabelSession) TakeBack(ctx context.Context, item string) (store.Judgement, error) {
	v, err := s.view(ctx)
	if err != nil {
		return store.Judgement{}, err
	}
	var j store.Judgement
	if item == "" {
		j, err = s.Undo(ctx)
	} else {
		j, err = s.p.Store.Undo(ctx, s.Set, item)
		s.v = nil
	}
	if err != nil {
		return j, err
	}
	one := []store.Judgement{j}
	err = s.p.textsOf(v.set).judgements(ctx, one)
	return one[0], err
}
