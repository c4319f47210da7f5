package models

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// one is the page of a model as its template takes it.
type one struct {
	ui.Frame
	Details workbench.Details
	Exam    *workbench.Exam // the last; nil when nobody has examined it
	Tests   []workbench.DoctorTest
	Goes    string // what removing it deletes; empty when it cannot be removed
	Err     error
}

// address is where the page of a model is.
func address(id, revision string) string {
	return "/model?" + url.Values{"id": {id}, "revision": {revision}}.Encode()
}

// find is the model that an address or a form names.
func (p panel) find(v url.Values) (workbench.Model, error) {
	name := strings.TrimSpace(v.Get("id"))
	if name == "" {
		return workbench.Model{}, qa.Errorf(qa.Invalid, "no model is named")
	}
	if r := v.Get("revision"); r != "" {
		name += "@" + r
	}
	return p.Find(ui.Query{}, name)
}

// model shows what is known of a model of this machine.
func (p panel) model(w http.ResponseWriter, r *http.Request) {
	m, err := p.find(r.URL.Query())
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("models", "Models"), "There is no such model here", err))
		return
	}
	p.writeModel(w, r, m, nil)
}

func (p panel) writeModel(w http.ResponseWriter, r *http.Request, m workbench.Model, failed error) {
	v := p.one(r.Context(), m)
	status := http.StatusOK
	if failed != nil {
		v.Err, status = failed, ui.StatusOf(failed)
	}
	ui.Write(w, r, status, modelPage(v))
}

func (p panel) one(ctx context.Context, m workbench.Model) one {
	v := one{Frame: p.Frame("models", ui.ModelLabel(m.ID)), Tests: p.Exams.Tests()}
	v.Wide = true
	v.Details, v.Err = p.Bench.Describe(ctx, m)
	v.Exam = p.exam(m)
	if m.Snapshot != nil {
		if plan, err := p.planRemoval(m.ID, m.Revision); err == nil {
			v.Goes = goes(plan)
		}
	}
	return v
}

func (p panel) exam(m workbench.Model) *workbench.Exam {
	if e, _, ok := p.Exams.State(m); ok {
		return &e
	}
	return nil
}

// change does something to the model that a form names, and shows its page again.
func (p panel) change(w http.ResponseWriter, r *http.Request, part string, do func(m workbench.Model, form url.Values) error) {
	form, err := ui.Form(w, r)
	var m workbench.Model
	if err == nil {
		m, err = p.find(form)
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	if err := do(m, form); err != nil {
		p.writeModel(w, r, m, err)
		return
	}
	http.Redirect(w, r, address(m.ID, m.Revision)+"#"+part, http.StatusSeeOther)
}

// doctor begins to examine a model.
func (p panel) doctor(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "exam", func(m workbench.Model, _ url.Values) error { return p.Exams.Start(m) })
}

// abstains notes by hand whether a model says "no answer".
func (p panel) abstains(w http.ResponseWriter, r *http.Request) {
	p.change(w, r, "abstains", func(m workbench.Model, form url.Values) error {
		says := hub.Abstains(form.Get("says"))
		switch says {
		case "", hub.AbstainsYes, hub.AbstainsNo, hub.AbstainsUnknown:
		default:
			return qa.Errorf(qa.Invalid, "%q is neither yes, no nor unknown", says)
		}
		err := p.Bench.SetAbstains(r.Context(), m, says)
		p.Changed()
		return err
	})
}

// examEvents tells the page of a model how its examination goes on.
func (p panel) examEvents(w http.ResponseWriter, r *http.Request) {
	m, err := p.find(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), ui.StatusOf(err))
		return
	}
	e := ui.Stream(w)
	for {
		x, changed, ok := p.Exams.State(m)
		if !ok {
			return
		}
		if e.Part(r.Context(), exam(m.ID, m.Revision, &x, p.Exams.Tests())) != nil {
			return
		}
		if x.Ended() {
			_ = e.Done("The doctor has finished: " + x.Verdict())
			return
		}
		rest := time.After(tellEvery)
		select {
		case <-changed:
		case <-p.Ended():
			return
		case <-r.Context().Done():
			return
		}
		<-rest
	}
}

// remove takes a revision of a model out of the cache.
func (p panel) remove(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	if err == nil {
		err = p.removal(form.Get("id"), form.Get("revision"))
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	p.Exams.Forget(workbench.Model{ID: form.Get("id"), Revision: form.Get("revision")})
	p.Changed()
	p.back(w, r, form)
}

func (p panel) removal(id, revision string) error {
	plan, err := p.planRemoval(id, revision)
	if err != nil {
		return err
	}
	_, err = p.Bench.Remove(plan)
	return err
}

func (p panel) planRemoval(id, revision string) (hub.Removal, error) {
	ref, err := hub.ParseRef(id)
	if err != nil || ref.ID != id {
		return hub.Removal{}, qa.Errorf(qa.Invalid, "%q is no model of the Hugging Face cache", id)
	}
	ref.Revision = revision
	return p.Bench.PlanRemove(ref)
}

// goes says what a removal deletes.
func goes(plan hub.Removal) string {
	out := "what an unfinished download left"
	if len(plan.Commits) > 0 {
		out = "this revision"
		if len(plan.Refs) > 0 {
			out += ", known as " + strings.Join(plan.Refs, ", ")
		}
	}
	rest := "Files that other revisions use stay."
	if plan.Whole {
		rest = "It is the only one here, so that the model's whole folder goes."
	}
	return fmt.Sprintf("This removes %s, and frees %s. %s", out, ui.Size(plan.Bytes), rest)
}

// levels are how checks come out: a sign, and a word for it.
var levels = map[workbench.CheckLevel]struct{ sign, word string }{
	workbench.CheckPass: {"✓", "in order"}, workbench.CheckInfo: {"·", "worth knowing"}, workbench.CheckWarn: {"!", "warning"},
	workbench.CheckSkipped: {"–", "not checked"}, workbench.CheckFail: {"✗", "failed"},
}

// pending are the tests that are still to be made.
func pending(x *workbench.Exam, tests []workbench.DoctorTest) []workbench.DoctorTest {
	if x.Ended() {
		return nil
	}
	return tests[min(len(x.Checks), len(tests)):]
}

// aboutTest says what a check is about.
func aboutTest(tests []workbench.DoctorTest, name string) string {
	for _, t := range tests {
		if t.Name == name {
			return t.About
		}
	}
	return ""
}

// thresholdOf says from which gap on a model answers, and who says so.
func thresholdOf(d workbench.Details) string {
	if d.Threshold == nil {
		return "none was fitted: it answers where the gap is above 0"
	}
	return "answers where the gap is above " + ui.Number(*d.Threshold) + " (" + d.ThresholdBy + ")"
}
