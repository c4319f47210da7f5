package models

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// download puts a model into the queue.
func (p panel) download(w http.ResponseWriter, r *http.Request) {
	p.step(w, r, func(id string) error {
		_, err := p.Pulls.Add(id)
		return err
	})
}

// step does something to the download that a form names, and shows the page again.
func (p panel) step(w http.ResponseWriter, r *http.Request, do func(id string) error) {
	form, err := ui.Form(w, r)
	if err == nil {
		err = do(strings.TrimSpace(form.Get("id")))
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	p.back(w, r, form)
}

// back shows the page that the form was on.
func (p panel) back(w http.ResponseWriter, r *http.Request, form url.Values) {
	to := url.URL{Path: "/models"}
	if form.Has("q") {
		to.RawQuery = url.Values{"q": form["q"], "size": form["size"], "abstain": form["abstain"]}.Encode()
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// How often a page that looks on is told: at most, and at least, so that a pace that falls is seen to fall.
const (
	tellEvery  = 250 * time.Millisecond
	tellAnyway = 2 * time.Second
)

// events tells a page how the downloads go on; when all have ended, what is here.
func (p panel) events(w http.ResponseWriter, r *http.Request) {
	e := ui.Stream(w)
	for {
		list, changed := p.Pulls.Watch()
		if !busy(list) {
			break
		}
		if e.Part(r.Context(), downloads(list)) != nil {
			return
		}
		rest := time.After(tellEvery)
		select {
		case <-changed:
		case <-time.After(tellAnyway):
		case <-p.Ended():
			return
		case <-r.Context().Done():
			return
		}
		<-rest
	}
	v, err := p.view(r.Context(), nil)
	if err == nil && e.Part(r.Context(), downloads(v.Downloads), local(v)) == nil {
		_ = e.Done("The downloads have ended")
	}
}

func busy(list []workbench.PullStatus) bool {
	return slices.ContainsFunc(list, func(d workbench.PullStatus) bool { return !d.State.Ended() })
}

// about says how a download stands.
func about(d workbench.PullStatus) string {
	of := ui.Size(d.Bytes) + " of " + ui.Size(d.SizeBytes)
	switch {
	case d.State == workbench.PullWaiting:
		return "waits for its turn"
	case d.State == workbench.PullDone && d.Model != nil:
		return "is here, " + ui.Size(d.Model.SizeBytes)
	case d.State == workbench.PullFailed:
		return "has failed; what came is kept"
	case d.State == workbench.PullPaused && d.SizeBytes > 0:
		return "paused at " + of
	case d.State == workbench.PullPaused:
		return "paused before anything came"
	case d.SizeBytes == 0:
		return "asking the Hub"
	}
	if d.BytesPerSecond > 0 {
		of += fmt.Sprintf(", %s a second", ui.Size(int64(d.BytesPerSecond)))
	}
	if d.SecondsLeft > 0 {
		of += ", " + left(d.SecondsLeft) + " left"
	}
	return of
}

// left is a time that is still to pass, no finer than anybody knows it.
func left(seconds float64) string {
	switch s := int(seconds + 0.5); {
	case s < 60:
		return fmt.Sprintf("%d s", max(s, 1))
	case s < 3600:
		return fmt.Sprintf("%d min", (s+30)/60)
	default:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	}
}
