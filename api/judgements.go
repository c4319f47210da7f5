package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) judgementRoutes() {
	register(r, op("next-question", http.MethodGet, "/api/questions/{set}/next", "Draw the question to label next, with the answers that models suggest; models read in the background meanwhile."), r.next)
	register(r, op("judgements", http.MethodGet, "/api/questions/{set}/judgements", "List all that was ever said of the questions of a set, what was taken back among it."), r.judgements)
	judge := creating(op("judge", http.MethodPost, "/api/questions/{set}/judgements", "Say what answers a question, that nothing does, or that it is not to be asked again."), http.StatusCreated)
	judge.Description = "With seen, it is kept only as long as nobody has judged the question since it was looked at; else the status is 409, nothing is kept, and detail says who said what."
	judge.Errors = append(judge.Errors, http.StatusConflict)
	register(r, judge, r.judge)
	register(r, op("take-back", http.MethodDelete, "/api/questions/{set}/judgements", "Take back the last judgement that stands: of a question, or of somebody."), r.takeBack)
}

// labels is somebody's work on a set. Without models those suggest that were named when the server was started, and the built-in ones.
func (r *routes) labels(ctx context.Context, set, who string, models []string) (*workbench.LabelSession, error) {
	p, err := r.corpusOf(ctx, "question set "+set)
	if err != nil {
		return nil, err
	}
	named := len(models) > 0
	if !named {
		models = slices.Clone(r.Named)
		for _, b := range r.Bench.Builtins {
			if !slices.Contains(models, b.ID) {
				models = append(models, b.ID)
			}
		}
	}
	var found []workbench.Model
	for _, name := range models {
		m, err := r.Bench.FindShared(name, "", r.Named)
		if err != nil && named {
			return nil, err
		}
		if err == nil { // one that was not asked for may be gone
			found = append(found, m)
		}
	}
	return r.Labels.Session(p, set, who, found)
}

// Labelling is how the labelling of a set stands, and the question that is next. Starts are code points: of the document that stands
// beside them, else of the question's own text.
type Labelling struct {
	workbench.LabelState
	Next     *workbench.LabelDraw     `json:"next,omitempty" doc:"The question that was drawn; without one nothing is left."`
	Question *workbench.LabelQuestion `json:"question,omitempty"`
}

type nextInput struct {
	SetPath
	Who      string   `query:"who" doc:"Who labels (default: the user of the server's machine). The same person gets the same question until it is judged."`
	Model    []string `query:"model,explode" doc:"Models that suggest answers; repeat for more (default: those that the server was started with, and the built-in ones)."`
	Item     string   `query:"item" doc:"Show this question, and not the one that is next."`
	Passages int      `query:"passages" minimum:"1" maximum:"100" doc:"Passages to show where the question has no text of its own (default 5)."`
}

type labellingOutput struct{ Body Labelling }

func (r *routes) next(ctx context.Context, in *nextInput) (*labellingOutput, error) {
	s, err := r.labels(ctx, in.Set, in.Who, in.Model)
	if err != nil {
		return nil, err
	}
	out := &labellingOutput{}
	d, err := s.Next(ctx)
	if err != nil {
		return nil, err
	}
	item := in.Item
	if d.Item != "" {
		out.Body.Next = &d
		if item == "" {
			item = d.Item
		}
	}
	if item != "" {
		q, err := s.QuestionPoints(ctx, item, in.Passages)
		if err != nil {
			return nil, err
		}
		out.Body.Question = &q
	}
	if err := s.Start(ctx, item); err != nil {
		return nil, err
	}
	out.Body.LabelState, _, err = s.State(ctx)
	return out, err
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
		Item     string `json:"item" minLength:"1" doc:"The question's id."`
		Kind     string `json:"kind" enum:"answer,no answer,skip"`
		Answer   string `json:"answer,omitempty" doc:"The right answer, letter for letter."`
		Document string `json:"document,omitempty" doc:"The document of the corpus that the answer stands in, where the question has no text of its own (default: the one that it names)."`
		Start    *int   `json:"start,omitempty" minimum:"0" doc:"The code point of that text at which the answer begins; left out where it stands at one place only."`
		Who      string `json:"who,omitempty" doc:"Who says so (default: the user of the server's machine)."`
		How      string `json:"how,omitempty" doc:"How it came about (default api)."`
		Seen     *int64 `json:"seen,omitempty" minimum:"0" doc:"The id of the question's last judgement that stood when it was looked at, last_judgement of the question; 0: none. Where another one stands by now, nothing is kept and the status is 409; where the question never had such a judgement, 422. Left out, it is kept whatever was said meanwhile."`
	}
}

type judgementOutput struct{ Body store.Judgement }

func (r *routes) judge(ctx context.Context, in *judgeInput) (*judgementOutput, error) {
	b := in.Body
	s, err := r.labels(ctx, in.Set, b.Who, nil)
	if err != nil {
		return nil, err
	}
	said := workbench.LabelVerdict{Kind: store.Kind(b.Kind), Text: b.Answer, Document: b.Document, Start: -1, How: b.How}
	if said.How == "" {
		said.How = "api"
	}
	if b.Seen != nil {
		said.Seen = &store.Seen{Last: *b.Seen, Since: *b.Seen}
	}
	if b.Start != nil {
		said.Start = *b.Start
	}
	j, err := s.JudgePoints(ctx, b.Item, said)
	return &judgementOutput{j}, err
}

type takeBackInput struct {
	SetPath
	Item string `query:"item" doc:"The question; without one the last judgement of who counts."`
	Who  string `query:"who" doc:"Who has judged (default: the user of the server's machine)."`
}

func (r *routes) takeBack(ctx context.Context, in *takeBackInput) (*judgementOutput, error) {
	s, err := r.labels(ctx, in.Set, in.Who, nil)
	if err != nil {
		return nil, err
	}
	j, err := s.TakeBack(ctx, in.Item)
	return &judgementOutput{j}, err
}
