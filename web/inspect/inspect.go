// Package inspect is the screen that shows why a model answers as it does: one question, one model, every window of tokens with its
// probabilities, the candidates, and the score worked out in numbers.
package inspect

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "inspect", Title: "Inspect", Path: "/inspect", Key: "i", About: "Why does a model answer that?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Query      ui.Query
	Source     *ui.Source
	Models     []ui.Choosable
	ModelsErr  error
	Precisions []string
	Result     result
}

// result is the part of the screen that changes with each question and window.
type result struct {
	Address address
	Samples []ui.SampleQuestion // while there is no question
	Again   *workbench.Again    // of a run
	Label   string              // of the contestant of a run
	Card    *ui.Card
	Trace   *workbench.Trace
	Window  int // shown, from 0
	Span    int // the candidate that is explained, from 0
	Err     error
	Busy    bool
}

// address is what the address holds besides the query: which window and candidate, and of which run the question is.
type address struct {
	Query        ui.Query
	Run, Mode    string
	ID           string // of the run's question
	Contestant   string
	Window, Span int // from 1; 0: not said
}

func parse(v url.Values) address {
	count := func(key string) int {
		n, err := strconv.Atoi(v.Get(key))
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	a := address{Query: ui.ParseQuery(v), Run: v.Get("run"), Window: count("window"), Span: count("span")}
	if a.Run != "" {
		a.Mode, a.ID, a.Contestant = v.Get("mode"), v.Get("q"), v.Get("m")
		a.Query = ui.Query{}
	}
	return a
}

// Values are the address as a query has it.
func (a address) Values() url.Values {
	v := a.Query.Values()
	if a.Run != "" {
		v = url.Values{"run": {a.Run}, "q": {a.ID}, "m": {a.Contestant}}
		if a.Mode != "" {
			v.Set("mode", a.Mode)
		}
	}
	if a.Window > 0 {
		v.Set("window", strconv.Itoa(a.Window))
	}
	if a.Span > 0 {
		v.Set("span", strconv.Itoa(a.Span))
	}
	return v
}

// At is the address under a path.
func (a address) At(path string) string {
	if v := a.Values(); len(v) > 0 {
		return path + "?" + v.Encode()
	}
	return path
}

// window is the address of another window, span that of another candidate in its own window. Both count from 1.
func (a address) window(n int) address { a.Window = n; return a }
func (a address) span(n int) address   { a.Span, a.Window = n, 0; return a }

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /inspect", p.page)
	mux.HandleFunc("POST /inspect", p.post)
	mux.HandleFunc("GET /inspect/result", p.part)
	mux.HandleFunc("POST /inspect/file", p.file)
}

// patience is how long a page waits for its result before it is shown without; the result follows.
const patience = 400 * time.Millisecond

func (p panel) page(w http.ResponseWriter, r *http.Request) {
	a := parse(r.URL.Query())
	res := result{Address: a, Samples: p.Samples}
	status := http.StatusOK
	asked := a.Run != "" || a.Query.Question != "" && a.Query.HasText()
	q := a.Query
	if asked {
		ctx, cancel := r.Context(), context.CancelFunc(func() {})
		if !r.URL.Query().Has("wait") {
			ctx, cancel = context.WithTimeout(ctx, patience)
		}
		if a.Run != "" { // the form shows what was asked
			again, found, err := p.again(r.Context(), a)
			if err != nil {
				cancel()
				ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("inspect", "Inspect"), "That question cannot be inspected", err))
				return
			}
			q = found
			res = p.inspect(ctx, a, again, q)
		} else {
			res = p.inspect(ctx, a, nil, q)
		}
		if ctx.Err() != nil {
			res = result{Address: a, Again: res.Again, Label: res.Label, Busy: true}
		} else {
			status = res.status()
		}
		cancel()
	}
	v := p.view(r.Context(), q)
	if v.Source.Err != nil && a.Run == "" {
		res = result{Address: a}
	}
	v.Result = res
	ui.Write(w, r, status, page(v))
}

func (p panel) view(ctx context.Context, q ui.Query) view {
	title := "Inspect"
	if q.Question != "" {
		title = "Inspect: " + ui.Shorten(q.Question, 60)
	}
	if len(q.Models) == 0 {
		q.Models = []string{p.Default()}
	}
	v := view{Frame: p.Frame("inspect", title), Query: q, Precisions: p.Precisions}
	v.Source = p.SourceOf(ctx, q, "/inspect/file")
	v.Models, v.ModelsErr = p.Env.Models(ctx)
	return v
}

// inspect asks the model and shows what came of it. again is nil for a question that is no run's.
func (p panel) inspect(ctx context.Context, a address, again *workbench.Again, q ui.Query) result {
	res := result{Address: a, Again: again}
	if again != nil {
		res.Label = ui.ModelLabel(q.Models[0])
		if again.Gone != nil {
			return res
		}
	}
	asking, err := p.Prepare(ctx, q)
	if err != nil {
		res.Err = err
		return res
	}
	model := p.Default()
	if len(q.Models) > 0 {
		model = q.Models[0]
	}
	res.Card, res.Trace = p.Trace(ctx, asking, model)
	if res.Trace == nil {
		return res
	}
	res.choose()
	return res
}

// choose finds the window and the candidate that the address names: without one the best candidate, and the window that it stands in.
func (res *result) choose() {
	candidates := candidatesOf(res.Trace)
	res.Span = max(0, min(res.Address.Span-1, len(candidates)-1))
	at := -1
	if len(candidates) > 0 {
		at = res.Trace.WindowOf(candidates[res.Span])
	}
	if res.Address.Window > 0 {
		at = res.Address.Window - 1
	}
	res.Window = max(0, min(at, len(res.Trace.Windows)-1))
}

func (res *result) status() int {
	switch {
	case res.Err != nil:
		return ui.StatusOf(res.Err)
	case res.Card != nil && res.Card.Err != nil:
		return ui.StatusOf(res.Card.Err)
	}
	return http.StatusOK
}

// post takes the form: a script gets the result, a browser without one the address of it.
func (p panel) post(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), resultPart(result{Err: err}))
		return
	}
	a := address{Query: p.Keep(ui.ParseQuery(form))}
	if !ui.IsPart(r) {
		http.Redirect(w, r, a.At("/inspect"), http.StatusSeeOther)
		return
	}
	ui.SetAddress(w, r, a.Query, "/inspect")
	p.write(w, r, a)
}

// part gives the result of an address.
func (p panel) part(w http.ResponseWriter, r *http.Request) {
	a := parse(r.URL.Query())
	if ui.IsPart(r) {
		w.Header().Set("HX-Replace-Url", a.At("/inspect"))
	}
	p.write(w, r, a)
}

func (p panel) write(w http.ResponseWriter, r *http.Request, a address) {
	res := result{Address: a, Samples: p.Samples}
	switch {
	case a.Run != "":
		again, q, err := p.again(r.Context(), a)
		if err != nil {
			res.Err = err
		} else {
			res = p.inspect(r.Context(), a, again, q)
		}
	case a.Query.Question != "":
		res = p.inspect(r.Context(), a, nil, a.Query)
	}
	ui.Write(w, r, res.status(), resultPart(res))
}

// file takes a file as the text to ask.
func (p panel) file(w http.ResponseWriter, r *http.Request) {
	h, err := p.Upload(w, r, "file")
	var before ui.Query // what stood there stays where the file cannot be read
	if err != nil {
		before = ui.ParseQuery(r.Form)
	}
	s := p.SourceOf(r.Context(), before, "/inspect/file")
	status := http.StatusOK
	if err != nil {
		s.Err, status = err, ui.StatusOf(err)
	} else {
		s.Held, s.TextID = h, h.ID
	}
	if !ui.IsPart(r) && err == nil {
		http.Redirect(w, r, ui.Query{TextID: h.ID}.At("/inspect"), http.StatusSeeOther)
		return
	}
	ui.Write(w, r, status, ui.SourceBox(s))
}
