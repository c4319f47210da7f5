// Package ask is the first screen: one question of one text or of the corpus, answered by one model, with every knob beside it.
package ask

import (
	"context"
	"net/http"
	"time"

	"github.com/tryall/tryall/web/ui"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "ask", Title: "Ask", Path: "/", Key: "a", About: "What does the text say?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Query      ui.Query
	Source     *ui.Source
	Models     []ui.Choosable
	ModelsErr  error
	Precisions []string
	Samples    []ui.SampleQuestion
	Answer     answer
}

// answer is the part of the screen that changes with each question.
type answer struct {
	Query   ui.Query
	Samples []ui.SampleQuestion // while there is none
	Demo    *ui.Demo
	Card    *ui.Card
	Err     error
	Busy    bool
}

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /{$}", p.page)
	mux.HandleFunc("POST /ask", p.post)
	mux.HandleFunc("GET /ask/answer", p.part)
	mux.HandleFunc("POST /ask/file", p.file)
}

// patience is how long a page waits for its answer before it is shown without; the answer follows.
const patience = 400 * time.Millisecond

// model is the one that is asked.
func (p panel) model(q ui.Query) string {
	if len(q.Models) > 0 {
		return q.Models[0]
	}
	return p.Default()
}

// page shows the screen with what its address says.
func (p panel) page(w http.ResponseWriter, r *http.Request) {
	q := p.Query(r.Context(), r.URL.Query())
	if r.URL.RawQuery == "" && p.HasTexts(r.Context()) { // whoever has a corpus means it
		q.Corpus = true
	}
	v := p.view(r.Context(), q)
	if q.Question != "" && q.HasText() && v.Source.Err == nil {
		ctx, cancel := r.Context(), context.CancelFunc(func() {})
		if !r.URL.Query().Has("wait") {
			ctx, cancel = context.WithTimeout(ctx, patience)
		}
		v.Answer = p.answer(ctx, q)
		late := ctx.Err() != nil
		cancel()
		if late {
			v.Answer = answer{Query: q, Busy: true}
		}
	}
	ui.Write(w, r, http.StatusOK, page(v))
}

func (p panel) view(ctx context.Context, q ui.Query) view {
	title := "Ask"
	if q.Question != "" {
		title = ui.Shorten(q.Question, 60)
	}
	if len(q.Models) == 0 {
		q.Models = []string{p.Default()}
	}
	v := view{Frame: p.Frame("ask", title), Query: q, Precisions: p.Precisions, Samples: p.Samples, Answer: answer{Query: q, Samples: p.Samples, Demo: p.Demo}}
	v.Source = p.SourceOf(ctx, q, "/ask/file")
	v.Models, v.ModelsErr = p.Env.Models(ctx)
	return v
}

// answer asks the model.
func (p panel) answer(ctx context.Context, q ui.Query) answer {
	a := answer{Query: q}
	asking, err := p.Prepare(ctx, q)
	if err != nil {
		a.Err = err
		return a
	}
	a.Card = p.Answer(ctx, asking, p.model(q))
	return a
}

// post takes the form: a script gets the answer, a browser without one the address of it.
func (p panel) post(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), answerPart(answer{Err: err}))
		return
	}
	q := p.Keep(p.Query(r.Context(), form))
	if !ui.IsPart(r) {
		http.Redirect(w, r, q.At("/"), http.StatusSeeOther)
		return
	}
	ui.SetAddress(w, r, q, "/")
	p.write(w, r, q)
}

// part gives the answer to an address.
func (p panel) part(w http.ResponseWriter, r *http.Request) {
	p.write(w, r, p.Query(r.Context(), r.URL.Query()))
}

func (p panel) write(w http.ResponseWriter, r *http.Request, q ui.Query) {
	a := answer{Query: q, Samples: p.Samples, Demo: p.Demo}
	if q.Question != "" {
		a = p.answer(r.Context(), q)
	}
	status := http.StatusOK
	if a.Err != nil {
		status = ui.StatusOf(a.Err)
	} else if a.Card != nil && a.Card.Err != nil {
		status = ui.StatusOf(a.Card.Err)
	}
	ui.Write(w, r, status, answerPart(a))
}

// file takes a file as the text to ask.
func (p panel) file(w http.ResponseWriter, r *http.Request) {
	h, err := p.Upload(w, r, "file")
	var before ui.Query // what stood there stays where the file cannot be read
	if err != nil {
		before = ui.ParseQuery(r.Form)
	}
	s := p.SourceOf(r.Context(), before, "/ask/file")
	status := http.StatusOK
	if err != nil {
		s.Err, status = err, ui.StatusOf(err)
	} else {
		s.Held, s.TextID = h, h.ID
	}
	if !ui.IsPart(r) && err == nil {
		http.Redirect(w, r, ui.Query{TextID: h.ID}.At("/"), http.StatusSeeOther)
		return
	}
	ui.Write(w, r, status, ui.SourceBox(s))
}
