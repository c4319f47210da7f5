package api

import (
	"context"
	"net/http"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

func (r *routes) judgementRoutes() {
	register(r, op("judgements", http.MethodGet, "/api/questions/{set}/judgements", "List all that was ever said of the questions of a set, what was taken back among it."), r.judgements)
	register(r, creating(op("judge", http.MethodPost, "/api/questions/{set}/judgements", "Say what answers a question, that nothing does, or that it is not to be asked again."), http.StatusCreated), r.judge)
	register(r, op("take-back", http.MethodDelete, "/api/questions/{set}/judgements", "Take back the last judgement that stands: of a question, or of somebody."), r.takeBack)
}

type judgementsOutput struct{ Body []store.Judgement }

func (r *routes) judgements(ctx context.Context, in *SetPath) (*judgementsOutput, error) {
	p, err := r.corpusOf(ctx, "question set "+in.Set)
	if err != nil {
		return nil, err
	}
	all, err := p.Judgements(ctx, in.Set)
	return &judgementsOutput{append([]store.Judgement{}, all...)}, err
}

type judgeInput struct {
	SetPath
	Body struct {
		Item   string  `json:"item" minLength:"1" doc:"The question's id."`
		Kind   string  `json:"kind" enum:"answer,no answer,skip"`
		Answer string  `json:"answer,omitempty" doc:"The right answer, letter for letter."`
		Start  *int    `json:"start,omitempty" minimum:"0" doc:"The code point of the question's context, or of the document that it names, at which the answer begins; left out where that is not known."`
		Who    string  `json:"who,omitempty"`
		How    string  `json:"how,omitempty" doc:"How it came about (default api)."`
		Weight float64 `json:"weight,omitempty" minimum:"0" maximum:"1" doc:"The probability with which the question was drawn, where it was."`
	}
}

type judgementOutput struct{ Body store.Judgement }

func (r *routes) judge(ctx context.Context, in *judgeInput) (*judgementOutput, error) {
	p, err := r.corpusOf(ctx, "question set "+in.Set)
	if err != nil {
		return nil, err
	}
	b := in.Body
	j := store.Judgement{Kind: store.Kind(b.Kind), Answer: b.Answer, Start: -1, Weight: b.Weight, Origin: questions.Origin{Who: b.Who, How: b.How}}
	if j.How == "" {
		j.How = "api"
	}
	if b.Start != nil {
		if j.Kind != store.Answered {
			return nil, qa.Errorf(qa.Invalid, "%q comes with a start", j.Kind)
		}
		j.Start = *b.Start
	}
	j, err = p.Judge(ctx, in.Set, b.Item, j)
	return &judgementOutput{j}, err
}

type takeBackInput struct {
	SetPath
	Item string `query:"item" doc:"The question; without one the last judgement of who counts."`
	Who  string `query:"who" doc:"Who has judged."`
}

func (r *routes) takeBack(ctx context.Context, in *takeBackInput) (*judgementOutput, error) {
	p, err := r.corpusOf(ctx, "question set "+in.Set)
	if err != nil {
		return nil, err
	}
	j, err := p.TakeBack(ctx, in.Set, in.Item, in.Who)
	return &judgementOutput{j}, err
}
