package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) pullRoutes() {
	register(r, op("pulls", http.MethodGet, "/api/pulls", "List the downloads of models, the newest last."), r.pulls)
	register(r, creating(op("pull", http.MethodPost, "/api/pulls", "Download a model of the Hub in the background; downloads follow one another, and one that was stopped goes on where it was."), http.StatusAccepted), r.pull)
	register(r, op("pull-state", http.MethodGet, "/api/pulls/{id}", "Tell how far a download is."), r.onePull)
	register(r, creating(op("cancel-pull", http.MethodDelete, "/api/pulls/{id}", "Stop a download and take it off the list; what has come stays in the cache."), http.StatusNoContent), r.cancelPull)
	for _, s := range []struct {
		word, about string
		do          func(id string) error
	}{
		{"pause", "Stop a download; what has come is kept.", r.Pulls.Pause},
		{"resume", "Go on with a download that was paused or has failed.", r.Pulls.Resume},
	} {
		register(r, op(s.word+"-pull", http.MethodPost, "/api/pulls/{id}/"+s.word, s.about), func(ctx context.Context, in *PullPath) (*pullOutput, error) {
			if err := s.do(in.ID); err != nil {
				return nil, err
			}
			return r.onePull(ctx, in)
		})
	}
	r.direct(r.stream(op("pull-events", http.MethodGet, "/api/pulls/events", "Follow the downloads until all have ended."), reflect.TypeFor[[]workbench.PullStatus]()), r.pullEvents)
}

// PullPath names a download.
type PullPath struct {
	ID string `path:"id" doc:"The download, by the name that it was asked for: owner/name, or owner/name@revision."`
}

type pullsOutput struct{ Body []workbench.PullStatus }

func (r *routes) pulls(context.Context, *struct{}) (*pullsOutput, error) {
	return &pullsOutput{r.Pulls.List()}, nil
}

type pullInput struct {
	Body struct {
		ID string `json:"id" minLength:"1" doc:"The model: owner/name, or owner/name@revision."`
	}
}

type pullOutput struct{ Body workbench.PullStatus }

func (r *routes) pull(_ context.Context, in *pullInput) (*pullOutput, error) {
	s, err := r.Pulls.Add(in.Body.ID)
	return &pullOutput{s}, err
}

func (r *routes) onePull(_ context.Context, in *PullPath) (*pullOutput, error) {
	all := r.Pulls.List()
	i := slices.IndexFunc(all, func(s workbench.PullStatus) bool { return s.ID == in.ID })
	if i < 0 {
		return nil, qa.Errorf(qa.NotFound, "there is no download of %s", in.ID)
	}
	return &pullOutput{all[i]}, nil
}

func (r *routes) cancelPull(_ context.Context, in *PullPath) (*struct{}, error) {
	return nil, r.Pulls.Cancel(in.ID)
}

// pullEvents tells how the downloads go on; the last event is how they ended.
func (r *routes) pullEvents(w http.ResponseWriter, req *http.Request) error {
	e := r.events(w, req)
	defer e.close()
	for {
		all, changed := r.Pulls.Watch()
		if !slices.ContainsFunc(all, func(s workbench.PullStatus) bool { return !s.State.Ended() }) {
			e.send(eventDone, all)
			return nil
		}
		if !e.send(eventState, all) || !e.wait(changed) {
			return nil
		}
	}
}
