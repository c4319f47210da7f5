package workbench

import (
	"context"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// disagree has those that are still in answer the questions that nobody has labelled, and says where they differ.
func (b *bakeoff) disagree(ctx context.Context) error {
	d := b.m.Unlabelled
	if d == nil || len(d.Examples) == 0 {
		return nil
	}
	task, err := b.unlabelledTask(ctx, d)
	if err != nil {
		return err
	}
	var runs []*eval.Run
	for _, m := range b.models {
		e, err := b.out.Entrant(m.Contestant())
		if err == nil && (e.Eliminated != nil || e.Failed != "") || b.failed[m.Contestant()] != "" {
			continue
		}
		if b.plan.Budget > 0 && b.elapsed() > b.plan.Budget {
			b.out.Warnings = append(b.out.Warnings, "the time budget was used up before all contestants had answered the unlabelled questions")
			break
		}
		run, err := b.answer(ctx, m, d, task)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.out.Warnings = append(b.out.Warnings, "unlabelled questions: "+err.Error())
			continue
		}
		runs = append(runs, run)
	}
	if len(runs) > 1 {
		b.out.Disagreement = eval.Disagree(runs)
		b.name(d)
	}
	return nil
}

// name adds the questions' texts, which results do not hold.
func (b *bakeoff) name(d *eval.Dataset) {
	texts := map[string]string{}
	for i := range d.Examples {
		texts[d.Examples[i].ID] = d.Examples[i].Text
	}
	for i := range b.out.Disagreement.Top {
		b.out.Disagreement.Top[i].Text = texts[b.out.Disagreement.Top[i].ID]
	}
}

func (b *bakeoff) answer(ctx context.Context, m Model, d *eval.Dataset, task func(i int) qa.Task) (*eval.Run, error) {
	s, err := b.w.OpenCached(ctx, m, b.params(b.plan.Modes[0]), b.cache())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return eval.Evaluate(ctx, s.Reader(), d, eval.RunOptions{Contestant: m.Contestant(), Decoder: b.plan.Params.Decoder, TimeAlone: -1, Task: task})
}

// unlabelledTask asks a question of its own passage, and one that comes without of what the corpus has for it.
func (b *bakeoff) unlabelledTask(ctx context.Context, d *eval.Dataset) (func(i int) qa.Task, error) {
	alone := func(i int) bool { return d.Passages[d.Examples[i].Passage].Text == "" }
	every := make([]int, len(d.Examples))
	for i := range every {
		every[i] = i
	}
	if !slices.ContainsFunc(every, alone) {
		return d.Task, nil
	}
	if b.p == nil {
		return nil, qa.Errorf(qa.Invalid, "there are unlabelled questions without a context, and no corpus to ask")
	}
	r := b.p.Retriever()
	hits := map[int][]qa.Hit{}
	for _, i := range every {
		if !alone(i) {
			continue
		}
		found, err := r.Retrieve(ctx, qa.Question{Text: d.Examples[i].Text}, b.plan.Passages)
		if err != nil {
			return nil, err
		}
		hits[i] = found
	}
	return func(i int) qa.Task {
		if !alone(i) {
			return d.Task(i)
		}
		return qa.Task{Question: qa.Question{ID: qa.QuestionID(d.Examples[i].ID), Text: d.Examples[i].Text}, Hits: hits[i]}
	}, nil
}
