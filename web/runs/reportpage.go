package runs

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
)

// reportView is the report as its template takes it.
type reportView struct {
	screen
	Digest   report.Digest
	Decision store.Decision
	Decided  bool
	Files    []exported
	Links    []link
	Host     string // scheme and host of links
	Local    bool   // links open on this machine alone
	Wrong    error  // what was sent cannot be kept
}

// exported is a file of the report.
type exported struct {
	report.File
	For  string // what it is for
	Size int64  // 0: not known
}

// link opens the report to whoever has it.
type link struct {
	Address, ID string
	Made        time.Time
}

// meant says what each file of a report is for.
var meant = map[string]string{
	"report.html":   "to read and to send: plots, tables, questions, the decision",
	"report.md":     "to paste into a wiki or a pull request",
	"report.csv":    "to calculate with: a line for each contestant, figures in full",
	"questions.csv": "to look into answers with a spreadsheet: a line for each answer",
	"report.json":   "for programs, and to repeat the run",
}

// report shows what can be given to others.
func (p panel) report(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "report", "Report")
	if f == nil {
		return
	}
	p.writeReport(w, r, f, http.StatusOK, nil, nil)
}

// writeReport writes the page; typed is what somebody sent that could not be kept.
func (p panel) writeReport(w http.ResponseWriter, r *http.Request, f *found, status int, typed *store.Decision, wrong error) {
	v := reportView{screen: f.screen, Local: p.Local, Host: hostOf(r), Wrong: wrong}
	err := p.fillReport(r, f, &v)
	if typed != nil {
		v.Decision = *typed
	}
	if err != nil {
		v.Err, status = err, ui.StatusOf(err)
	}
	ui.Write(w, r, status, reportPage(v))
}

func (p panel) fillReport(r *http.Request, f *found, v *reportView) (err error) {
	if v.Decision, v.Decided, err = f.project.Store.Decided(r.Context(), f.Run.ID); err != nil || f.Run.Bakeoff == nil {
		return err
	}
	in := report.Input{Bakeoff: f.Run.Bakeoff}
	if v.Decided {
		in.Decision = (*report.Decision)(&v.Decision)
	}
	v.Digest = report.DigestOf(in)
	sizes, err := p.sizesOf(r, f)
	if err != nil {
		return err
	}
	for i, file := range report.Files {
		v.Files = append(v.Files, exported{file, cmp.Or(meant[file.Name], file.About), sizes[i]})
	}
	shares, err := f.project.Store.Shares(r.Context(), f.Run.ID)
	for _, s := range shares {
		v.Links = append(v.Links, link{v.Host + ui.SharePath + s.Key, s.ID, s.Made})
	}
	return err
}

// hostOf is how whoever asks calls this server.
func hostOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// sizesHeld is of how many runs the sizes of reports are kept.
const sizesHeld = 64

type sizeCache struct{ kept[[]int64] }

// sizesOf are the sizes of a report's files. What was decided changes them by little, and they are kept until it does.
func (p panel) sizesOf(r *http.Request, f *found) ([]int64, error) {
	d, _, err := f.project.Store.Decided(r.Context(), f.Run.ID)
	if err != nil {
		return nil, err
	}
	return p.sizes.get(f.Run.ID+"\x00"+d.When.String(), sizesHeld, func() ([]int64, error) {
		in, err := ui.RunInput(r.Context(), f.project, f.Run.ID)
		if err != nil {
			return nil, err
		}
		out := make([]int64, len(report.Files))
		for i, file := range report.Files {
			var n counter
			if err := file.Write(&n, in); err != nil {
				return nil, err
			}
			out[i] = int64(n)
		}
		return out, nil
	})
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// decide keeps what was decided.
func (p panel) decide(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "report", "Report")
	if f == nil {
		return
	}
	form, err := ui.Form(w, r)
	if err != nil {
		p.refuse(w, r, "That could not be kept", err)
		return
	}
	said := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
	}
	d := store.Decision{Title: said("title"), Decision: said("decision"), Who: said("who"), Notes: said("notes")}
	if err := f.project.Store.Decide(r.Context(), f.Run.ID, d); err != nil {
		p.writeReport(w, r, f, ui.StatusOf(err), &d, err)
		return
	}
	http.Redirect(w, r, ui.RunAt(f.Run.ID, "report")+"#decision", http.StatusSeeOther)
}

// share makes a link to the report.
func (p panel) share(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "report", "Report")
	if f == nil {
		return
	}
	if _, err := f.project.Store.Share(r.Context(), f.Run.ID); err != nil {
		p.refuse(w, r, "There is no link", err)
		return
	}
	http.Redirect(w, r, ui.RunAt(f.Run.ID, "report")+"#share", http.StatusSeeOther)
}

// unshare takes a link back.
func (p panel) unshare(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "report", "Report")
	if f == nil {
		return
	}
	form, err := ui.Form(w, r)
	if err == nil {
		err = f.project.Store.Unshare(r.Context(), f.Run.ID, form.Get("link"))
	}
	if err != nil {
		p.refuse(w, r, "The link could not be taken back", err)
		return
	}
	http.Redirect(w, r, ui.RunAt(f.Run.ID, "report")+"#share", http.StatusSeeOther)
}

// shared gives the report of the run that a key opens, and nothing else: no other page, no other run.
func (p panel) shared(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	select {
	case p.sharing <- struct{}{}:
		defer func() { <-p.sharing }()
	case <-r.Context().Done():
		return
	}
	b, err := p.sharedReport(r)
	if err != nil {
		// Whoever comes with a link knows nothing of this server, and learns nothing.
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(ui.StatusOf(err))
		message := "This link opens nothing: it was taken back, or it is not whole. Ask whoever gave it to you.\n"
		if qa.CodeOf(err) != qa.NotFound {
			message = "The report cannot be shown now. Try again in a while.\n"
		}
		_, _ = io.WriteString(w, message)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", report.Policy())
	_, _ = w.Write(b) // whoever has gone needs no report
}

func (p panel) sharedReport(r *http.Request) ([]byte, error) {
	project, err := p.Project(r.Context(), false)
	if err != nil {
		return nil, err
	}
	if project == nil {
		return nil, qa.Errorf(qa.NotFound, "there are no runs")
	}
	run, err := project.Store.SharedRun(r.Context(), r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	in, err := ui.RunInput(r.Context(), project, run)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = report.HTML(&b, in)
	return b.Bytes(), err
}
