package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

func (r *routes) remarkRoutes() {
	register(r, op("decision", http.MethodGet, "/api/bakeoffs/{run}/decision", "Tell what people have decided on the ground of a bake-off."), r.decision)
	register(r, op("decide", http.MethodPut, "/api/bakeoffs/{run}/decision", "Say what was decided, in place of what was said before; it stands in the report."), r.decide)
	register(r, op("shares", http.MethodGet, "/api/bakeoffs/{run}/shares", "List the links to the report of a bake-off; whoever has one may read that report and nothing else, without the server's token."), r.shares)
	register(r, creating(op("share", http.MethodPost, "/api/bakeoffs/{run}/shares", "Make a link to the report of a finished bake-off."), http.StatusCreated), r.share)
	register(r, creating(op("unshare", http.MethodDelete, "/api/bakeoffs/{run}/shares/{share}", "Take a link back: it opens nothing from now on."), http.StatusNoContent), r.unshare)
}

type decisionOutput struct{ Body store.Decision }

func (r *routes) decision(ctx context.Context, in *RunPath) (*decisionOutput, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	d, found, err := p.Store.Decided(ctx, info.ID)
	if err == nil && !found {
		err = qa.Errorf(qa.NotFound, "nothing was decided on run %s yet", info.ID)
	}
	return &decisionOutput{d}, err
}

type decideInput struct {
	RunPath
	Body struct {
		Title    string `json:"title,omitempty" doc:"Of the report (default: one is made of the figures)."`
		Decision string `json:"decision,omitempty" doc:"What was decided."`
		Who      string `json:"who,omitempty" doc:"Who decided it."`
		Notes    string `json:"notes,omitempty"`
	}
}

func (r *routes) decide(ctx context.Context, in *decideInput) (*decisionOutput, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	b := in.Body
	if err := p.Store.Decide(ctx, info.ID, store.Decision{Title: b.Title, Decision: b.Decision, Who: b.Who, Notes: b.Notes}); err != nil {
		return nil, err
	}
	return r.decision(ctx, &RunPath{info.ID})
}

// Share is a link to a report.
type Share struct {
	ID   string    `json:"id" doc:"Names the link in order to take it back."`
	Path string    `json:"path" doc:"Of the report, on this server."`
	Made time.Time `json:"made"`
}

// sharePath is where the pages have reports that are shared.
const sharePath = "/share/"

func shareOf(s store.Share) Share { return Share{s.ID, sharePath + s.Key, s.Made} }

type sharesOutput struct{ Body []Share }

func (r *routes) shares(ctx context.Context, in *RunPath) (*sharesOutput, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	all, err := p.Store.Shares(ctx, info.ID)
	out := &sharesOutput{[]Share{}}
	for _, s := range all {
		out.Body = append(out.Body, shareOf(s))
	}
	return out, err
}

type shareOutput struct{ Body Share }

func (r *routes) share(ctx context.Context, in *RunPath) (*shareOutput, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	s, err := p.Store.Share(ctx, info.ID)
	return &shareOutput{shareOf(s)}, err
}

type unshareInput struct {
	RunPath
	Share string `path:"share" doc:"The link's id."`
}

func (r *routes) unshare(ctx context.Context, in *unshareInput) (*struct{}, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	return nil, p.Store.Unshare(ctx, info.ID, in.Share)
}
