package inspect

import (
	"context"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// again finds the question of a run, and the query that asks it as it was asked then.
func (p panel) again(ctx context.Context, a address) (*workbench.Again, ui.Query, error) {
	project, err := p.Project(ctx, false)
	if err != nil {
		return nil, ui.Query{}, err
	}
	if project == nil {
		return nil, ui.Query{}, qa.Errorf(qa.NotFound, "there is no run %s", a.Run)
	}
	again, err := project.Again(ctx, a.Run, a.Mode, a.ID, a.Contestant)
	if err != nil {
		return nil, ui.Query{}, err
	}
	q := ui.Query{Question: again.Question, Text: again.Context, Corpus: again.Mode == eval.Retrieved, Knobs: knobs(again)}
	id, revision, precision := eval.CutContestant(again.Contestant)
	name := id
	if revision != "" {
		name += "@" + revision
	}
	if precision != "" && precision != workbench.DefaultPrecision { // it is a knob
		q.Knobs["precision"] = precision
	}
	list, err := p.Env.Models(ctx)
	if err != nil {
		return nil, ui.Query{}, err
	}
	for _, m := range list { // as the list of models calls it
		if m.ID+"@"+m.Revision == name {
			name = m.Name
			break
		}
	}
	q.Models = []string{name}
	return again, p.Keep(q), nil
}

// knobs are the parameters of a run as the page's knobs hold them.
func knobs(a *workbench.Again) map[string]string {
	k := map[string]string{}
	p := a.Params
	if p.Decoder != workbench.Decoders[0] {
		k["decoder"] = p.Decoder
	}
	for name, v := range map[string]*int{"top_k": p.TopK, "max_answer_len": p.MaxAnswerLen, "n_best": p.NBest, "max_seq_len": p.MaxSeqLen, "doc_stride": p.DocStride} {
		if v != nil {
			k[name] = strconv.Itoa(*v)
		}
	}
	for name, v := range map[string]*bool{"no_answer": p.NoAnswer, "align_to_words": p.AlignToWords} {
		if v != nil {
			k[name] = strconv.FormatBool(*v)
		}
	}
	if p.V2 && strings.HasPrefix(p.Decoder, "squad") {
		k["v2"] = "true"
	}
	if p.Threshold != nil {
		k["threshold"] = strconv.FormatFloat(*p.Threshold, 'g', -1, 64)
	}
	if a.Mode == eval.Retrieved && a.Passages != workbench.DefaultPassages {
		k["passages"] = strconv.Itoa(a.Passages)
	}
	return k
}

// Then is what the contestant answered in the run, in a sentence.
func (res *result) Then() string {
	t := res.Again.Then
	switch {
	case t == nil:
		return "It was not asked: the race had dropped it by then."
	case t.Err != "":
		return "It failed then: " + t.Err
	case t.Text == "" && !t.HasAns:
		return "It gave no answer then, rightly."
	case t.Text == "":
		return "It gave no answer then, though there is one."
	case t.Exact == 100:
		return "It answered “" + ui.Shorten(t.Text, 160) + "” then, which is right."
	}
	return "It answered “" + ui.Shorten(t.Text, 160) + "” then, which is wrong."
}

// Differs says that the answer is another one than in the run.
func (res *result) Differs() bool {
	if res.Again == nil {
		return false
	}
	t := res.Again.Then
	return t != nil && t.Err == "" && res.Trace != nil && res.Trace.Result.Prediction != t.Text
}
