package workbench

import (
	"cmp"
	"context"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Comparison is one question asked of several models, grouped by what they answer.
type Comparison struct {
	Question string        `json:"question"`
	Groups   []AnswerGroup `json:"groups"` // most models first
	Results  []Result      `json:"results"`
	Errors   []ModelError  `json:"errors,omitempty"`
}

// AnswerGroup is an answer and who gives it. Answers that differ in case, articles and punctuation alone are one.
type AnswerGroup struct {
	Answer      string   `json:"answer"`
	Abstained   bool     `json:"abstained"`
	Contestants []string `json:"contestants"`
}

// ModelError says why a model has no result.
type ModelError struct {
	Contestant string `json:"contestant"`
	Error      struct {
		Code    qa.Code `json:"code"`
		Message string  `json:"message"`
	} `json:"error"`
}

// Result is the result of a contestant, nil when it has none.
func (c *Comparison) Result(contestant string) *Result {
	for i := range c.Results {
		if c.Results[i].Contestant == contestant {
			return &c.Results[i]
		}
	}
	return nil
}

// First is the result of the first model of the largest group.
func (c *Comparison) First() *Result {
	if len(c.Groups) == 0 {
		return nil
	}
	return c.Result(c.Groups[0].Contestants[0])
}

// Compare asks one model after the other, so that memory holds one at a time. A model that fails is listed with its error;
// the others go on. progress is called before each and may be nil.
func (w *Workbench) Compare(ctx context.Context, models []Model, p Params, a Ask, progress func(done int, m Model)) (*Comparison, error) {
	if a.Question == "" {
		return nil, qa.Errorf(qa.Invalid, "the question is empty")
	}
	c := &Comparison{Question: a.Question, Groups: []AnswerGroup{}, Results: []Result{}}
	for i, m := range models {
		if progress != nil {
			progress(i, m)
		}
		r, err := w.askOnce(ctx, m, p, a)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			e := ModelError{Contestant: m.Contestant()}
			e.Error.Code, e.Error.Message = qa.CodeOf(err), err.Error()
			c.Errors = append(c.Errors, e)
			continue
		}
		r.Contestant = m.Contestant()
		c.Results = append(c.Results, r)
	}
	c.Groups = Group(c.Results)
	return c, nil
}

func (w *Workbench) askOnce(ctx context.Context, m Model, p Params, a Ask) (Result, error) {
	s, err := w.Open(ctx, m, p)
	if err != nil {
		return Result{}, err
	}
	defer s.Close()
	out, err := s.Ask(ctx, []Ask{a})
	if err != nil {
		return Result{}, err
	}
	return out[0].Result, out[0].Err
}

// Group puts results with the same answer together, the largest group first.
func Group(results []Result) []AnswerGroup {
	groups := []AnswerGroup{}
	at := map[string]int{}
	for _, r := range results {
		none := r.Abstained || r.Prediction == ""
		key := "answer " + eval.Normalize(r.Prediction)
		if none {
			key = "none"
		}
		i, seen := at[key]
		if !seen {
			i = len(groups)
			at[key] = i
			groups = append(groups, AnswerGroup{Answer: r.Prediction, Abstained: none})
		}
		groups[i].Contestants = append(groups[i].Contestants, r.Contestant)
	}
	slices.SortStableFunc(groups, func(a, b AnswerGroup) int { return cmp.Compare(len(b.Contestants), len(a.Contestants)) })
	return groups
}
