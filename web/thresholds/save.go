package thresholds

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
)

// save has a model answer by a threshold in this project, or takes that back.
func (p panel) save(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	q := parse(r.PathValue("run"), form)
	saved := "yes"
	if err == nil {
		if form.Has("clear") {
			saved, q.Threshold = "no", ""
			err = p.keep(r.Context(), q, nil)
		} else {
			var t float64
			if t, err = strconv.ParseFloat(q.Threshold, 64); err != nil || math.IsNaN(t) || math.IsInf(t, 0) {
				err = qa.Errorf(qa.Invalid, "keep the threshold: %q is not a number", q.Threshold)
			} else {
				err = p.keep(r.Context(), q, &t)
			}
		}
	}
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("thresholds", "Thresholds"), "The threshold could not be kept", err))
		return
	}
	p.Changed()
	to := q.At()
	sep := "?"
	if strings.Contains(to, sep) {
		sep = "&"
	}
	http.Redirect(w, r, to+sep+"saved="+saved, http.StatusSeeOther)
}

// keep writes it into the project; nil takes it back.
func (p panel) keep(ctx context.Context, q query, threshold *float64) error {
	project, err := p.Project(ctx, false)
	if err != nil {
		return err
	}
	if project == nil {
		return qa.Errorf(qa.NotFound, "there is no run %s", q.Run)
	}
	m, err := project.Measured(ctx, q.Run, q.Mode, q.Model)
	if err != nil {
		return err
	}
	found, err := p.Bench.FindShared(m.Contestant, "", p.Named)
	if err != nil {
		return err
	}
	if threshold == nil {
		return project.Keep(ctx, found, store.ModelSettings{})
	}
	s, _, err := m.Settings(*threshold) // that there are no probabilities stands on the page
	if err != nil {
		return err
	}
	return project.Keep(ctx, found, s)
}
