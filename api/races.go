package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) raceRoutes() {
	register(r, creating(op("start-bakeoff", http.MethodPost, "/api/bakeoffs", "Begin to race models over questions; it goes on in the background."), http.StatusCreated), r.startRace)
	register(r, op("bakeoffs", http.MethodGet, "/api/bakeoffs", "List the bake-offs, the newest first."), r.races)
	register(r, op("bakeoff", http.MethodGet, "/api/bakeoffs/{run}", "Tell how a bake-off goes on; of a finished one what tryall bakeoff --json prints."), r.race)
	register(r, creating(op("remove-bakeoff", http.MethodDelete, "/api/bakeoffs/{run}", "Remove a bake-off with its results; one that goes on stays."), http.StatusNoContent), r.removeRace)
	for _, s := range []struct {
		word, about string
		do          func(ctx context.Context, p *workbench.Project, run string) error
	}{
		{"pause", "Stop a bake-off; what was answered is kept.", r.Races.Pause},
		{"resume", "Go on with a bake-off that was stopped, was interrupted or has failed.", r.Races.Resume},
		{"cancel", "Stop a bake-off for good, as far as nobody resumes it.", r.Races.Cancel},
	} {
		register(r, op(s.word+"-bakeoff", http.MethodPost, "/api/bakeoffs/{run}/"+s.word, s.about), func(ctx context.Context, in *RunPath) (*raceOutput, error) {
			return r.steer(ctx, in.Run, s.do)
		})
	}
	e := op("bakeoff-events", http.MethodGet, "/api/bakeoffs/{run}/events", "Follow a bake-off until it stops.")
	e.Parameters = []*huma.Param{pathParam("run", runDoc)}
	r.direct(r.stream(e, reflect.TypeFor[Race]()), r.raceEvents)
}

const runDoc = "The run: its id, the beginning of it, or last."

// RunPath names a run.
type RunPath struct {
	Run string `path:"run" doc:"The run: its id, the beginning of it, or last."`
}

type startInput struct {
	Body struct {
		Models    []string `json:"models,omitempty" doc:"The contestants, maybe with :precision (default: the built-in models)."`
		Precision string   `json:"precision,omitempty" doc:"Number format of models that name none (default fp32)."`
		Sets      []string `json:"sets,omitempty" doc:"Sets of questions (default: all)."`
		Modes     []string `json:"modes,omitempty" enum:"oracle,retrieved" doc:"oracle: each question with its own passage; retrieved: with what the corpus has for it. The first decides (default oracle)."`
		Metric    string   `json:"metric,omitempty" doc:"What decides: f1, exact, cjk_f1, ... (default f1)."`
		Budget    string   `json:"budget,omitempty" doc:"End the race after so much time: 10m, 1h30m."`
		Limit     int      `json:"limit,omitempty" minimum:"0" doc:"Ask the first so many questions only (0: all)."`
		Full      bool     `json:"full,omitempty" doc:"Ask every contestant every question."`
		Alpha     float64  `json:"alpha,omitempty" minimum:"0" exclusiveMaximum:"1" doc:"Chance of dropping one that is as good as the best (default 0.05)."`
		Passages  int      `json:"passages,omitempty" minimum:"1" maximum:"100" doc:"Passages to read for a question that is asked of the corpus (default 5)."`
		Seed      *uint64  `json:"seed,omitempty" doc:"Seed of the order of the questions and of the intervals (default 1)."`
		Params    Params   `json:"params,omitempty"`
	}
}

type createdRace struct {
	Location string `header:"Location"`
	Body     Race
}

func (r *routes) startRace(ctx context.Context, in *startInput) (*createdRace, error) {
	b := in.Body
	plan := workbench.Plan{Sets: b.Sets, Modes: b.Modes, Metric: b.Metric, Limit: b.Limit, Full: b.Full, Alpha: b.Alpha, Passages: b.Passages,
		Seed: workbench.DefaultSeed, Params: b.Params.params()}
	if b.Seed != nil {
		plan.Seed = *b.Seed
	}
	if b.Budget != "" {
		var err error
		if plan.Budget, err = time.ParseDuration(b.Budget); err != nil || plan.Budget <= 0 {
			return nil, qa.Errorf(qa.Invalid, "budget is %q; it must be like 10m", b.Budget)
		}
	}
	if b.Models != nil && len(b.Models) == 0 || b.Sets != nil && len(b.Sets) == 0 {
		return nil, qa.Errorf(qa.Invalid, "models and sets must name some; leave them out for the built-in models and all sets")
	}
	if err := r.contestants(&plan, b.Models, b.Precision); err != nil {
		return nil, err
	}
	p, err := r.Project(ctx, false)
	if err != nil {
		return nil, err
	}
	if err := allSets(ctx, p, &plan); err != nil {
		return nil, err
	}
	run, err := r.Races.Start(ctx, p, plan)
	if err != nil {
		return nil, err
	}
	x, err := r.raceOf(ctx, p, run)
	return &createdRace{"/api/bakeoffs/" + run, x}, err
}

// allSets puts all sets of the project into a plan that names none.
func allSets(ctx context.Context, p *workbench.Project, plan *workbench.Plan) error {
	if p != nil && len(plan.Sets) == 0 {
		sets, err := p.Store.Sets(ctx)
		if err != nil {
			return err
		}
		for _, s := range sets {
			plan.Sets = append(plan.Sets, s.Name)
		}
	}
	if p == nil || len(plan.Sets) == 0 {
		return qa.Errorf(qa.Invalid, "there are no questions: import some with POST /api/questions, or take sample ones with POST /api/samples/NAME")
	}
	return nil
}

// contestants puts models into a plan; without any, the built-in ones.
func (r *routes) contestants(plan *workbench.Plan, names []string, precision string) error {
	if len(names) == 0 {
		for _, m := range r.Bench.Builtins {
			names = append(names, m.ID)
		}
	}
	for _, name := range names {
		if _, err := r.Bench.FindShared(name, precision, r.Named); err != nil {
			return err
		}
		plan.Models = append(plan.Models, workbench.PlanModel{Name: name, Precision: precision})
	}
	return nil
}

type racesOutput struct{ Body []store.RunInfo }

func (r *routes) races(ctx context.Context, _ *struct{}) (*racesOutput, error) {
	out := &racesOutput{[]store.RunInfo{}}
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return out, err
	}
	all, err := p.Store.Runs(ctx)
	out.Body = append(out.Body, all...)
	return out, err
}

// Race is a bake-off. Of a finished one it has all that tryall bakeoff --json prints.
type Race struct {
	ID      string        `json:"id"`
	Status  store.Status  `json:"status" enum:"running,finished,interrupted,failed"`
	Reason  string        `json:"reason,omitempty" doc:"Why it failed."`
	Begun   time.Time     `json:"begun"`
	Answers int           `json:"answers" doc:"Results that are kept."`
	State   *RaceState    `json:"state,omitempty" doc:"How it stands, while it goes on in this server."`
	Kept    []store.Track `json:"kept,omitempty" doc:"What one has that is not finished."`
	*eval.Bakeoff
}

// RaceState is how a bake-off stands.
type RaceState struct {
	Phase      string          `json:"phase" enum:"waiting,measure,retrieve,race"`
	Mode       string          `json:"mode,omitempty"`
	Contestant string          `json:"contestant,omitempty" doc:"The one that is being measured."`
	Done       int             `json:"done"`
	Total      int             `json:"total"`
	Since      time.Time       `json:"since"`
	Race       *eval.RaceEvent `json:"race,omitempty" doc:"How the contestants stand, once they race."`
}

type raceOutput struct{ Body Race }

func (r *routes) race(ctx context.Context, in *RunPath) (*raceOutput, error) {
	p, err := r.corpusOf(ctx, "run "+in.Run)
	if err != nil {
		return nil, err
	}
	x, err := r.raceOf(ctx, p, in.Run)
	return &raceOutput{x}, err
}

func (r *routes) raceOf(ctx context.Context, p *workbench.Project, run string) (Race, error) {
	info, err := p.Store.Run(ctx, run)
	if err != nil {
		return Race{}, err
	}
	x := Race{ID: info.ID, Status: info.Status, Reason: info.Reason, Begun: info.Created, Answers: info.Answers, Bakeoff: info.Bakeoff}
	if s, _, ok := r.Races.State(info.ID); ok && info.Bakeoff == nil {
		x.stand(s)
		return x, nil
	}
	if info.Bakeoff == nil {
		x.Kept, err = p.Store.Tracks(ctx, info.ID)
	}
	return x, err
}

// stand puts in how the run stands.
func (x *Race) stand(s workbench.RaceState) {
	x.State = &RaceState{s.Phase, s.Mode, s.Contestant, s.Done, s.Total, s.Since, s.Race}
	if s.Race != nil {
		x.Answers = max(x.Answers, s.Race.Done)
	}
}

func (r *routes) removeRace(ctx context.Context, in *RunPath) (*struct{}, error) {
	p, err := r.corpusOf(ctx, "run "+in.Run)
	if err != nil {
		return nil, err
	}
	info, err := p.Store.Run(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	return nil, p.Store.RemoveRun(ctx, info.ID)
}

// steer does something to a run, and gives how it stands then.
func (r *routes) steer(ctx context.Context, run string, do func(ctx context.Context, p *workbench.Project, run string) error) (*raceOutput, error) {
	p, err := r.corpusOf(ctx, "run "+run)
	if err != nil {
		return nil, err
	}
	info, err := p.Store.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, p, info.ID); err != nil {
		return nil, err
	}
	x, err := r.raceOf(ctx, p, info.ID)
	return &raceOutput{x}, err
}

// raceEvents tells how a run goes on. The last event is how it stands when it has stopped here.
func (r *routes) raceEvents(w http.ResponseWriter, req *http.Request) error {
	run := req.PathValue("run")
	p, err := r.corpusOf(req.Context(), "run "+run)
	if err != nil {
		return err
	}
	x, err := r.raceOf(req.Context(), p, run)
	if err != nil {
		return err
	}
	e := r.events(w, req)
	defer e.close()
	for {
		s, changed, going := r.Races.State(x.ID)
		if !going {
			break
		}
		x.stand(s)
		if !e.send(eventState, x) || !e.wait(changed) {
			return nil
		}
	}
	if x, err = r.raceOf(req.Context(), p, x.ID); err == nil { // else whoever looks on has gone, or the run was removed
		e.send(eventDone, x)
	}
	return nil
}
