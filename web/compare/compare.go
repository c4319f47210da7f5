// Package compare is the screen that asks one question of any number of models: their cards fill as each finishes, and those that
// answer alike are grouped.
package compare

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "compare", Title: "Compare", Path: "/compare", Key: "c", About: "Do the models agree?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Query      ui.Query
	Source     *ui.Source
	Models     []ui.Choosable
	ModelsErr  error
	Precisions []string
	Samples    []ui.SampleQuestion
	Results    results
}

// results are the part of the screen that changes with each question.
type results struct {
	Query   ui.Query
	Samples []ui.SampleQuestion // while there are none
	Cards   []*ui.Card          // in the order shown
	Groups  []group
	Demo    *ui.Demo
	Err     error
}

// group are the models that answer alike.
type group struct {
	Letter string
	Answer string // empty: no answer
	Cards  []*ui.Card
}

type panel struct {
	*ui.Env
	saving *sync.Mutex // one question after the other is added to the set
}

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e, &sync.Mutex{}}
	mux.HandleFunc("GET /compare", p.page)
	mux.HandleFunc("POST /compare", p.post)
	mux.HandleFunc("GET /compare/events", p.events)
	mux.HandleFunc("POST /compare/file", p.file)
	mux.HandleFunc("POST /compare/save", p.save)
}

func (p panel) page(w http.ResponseWriter, r *http.Request) {
	q := p.chosen(r.Context(), p.Query(r.Context(), r.URL.Query()))
	v := view{Frame: p.Frame("compare", "Compare"), Query: q, Precisions: p.Precisions, Samples: p.Samples, Results: results{Query: q, Samples: p.Samples, Demo: p.Demo}}
	if q.Question != "" {
		v.Title = "Compare: " + ui.Shorten(q.Question, 50)
	}
	v.Source = p.SourceOf(r.Context(), q, "/compare/file")
	v.Models, v.ModelsErr = p.Env.Models(r.Context())
	if q.Question != "" && q.HasText() && v.Source.Err == nil {
		v.Results = p.begin(r.Context(), q)
		if r.URL.Query().Has("wait") {
			p.finish(r.Context(), &v.Results, nil)
		}
	}
	ui.Write(w, r, http.StatusOK, page(v))
}

// chosen puts the built-in models where none were chosen.
func (p panel) chosen(ctx context.Context, q ui.Query) ui.Query {
	if len(q.Models) > 0 {
		return q
	}
	q.Models = slices.Clone(p.Named)
	if list, err := p.Env.Models(ctx); err == nil && len(q.Models) < 2 {
		for _, m := range list {
			if m.Builtin && !slices.Contains(q.Models, m.Name) {
				q.Models = append(q.Models, m.Name)
			}
		}
	}
	return q
}

// begin are the cards before the models were asked: those that were asked the same before are full.
func (p panel) begin(ctx context.Context, q ui.Query) results {
	r := results{Query: q, Demo: p.Demo}
	if _, wrong := q.Params(); len(wrong) > 0 {
		_, r.Err = p.Prepare(ctx, q)
		return r
	}
	for _, name := range q.Models {
		c := p.Remembered(ctx, q, name)
		if c == nil {
			c = &ui.Card{Model: name, Busy: true}
		}
		r.Cards = append(r.Cards, c)
	}
	r.arrange()
	return r
}

// mostAtOnce is how many models are asked at once: loading one overlaps with running another, and each uses all processors.
const mostAtOnce = 3

// finish asks those that were not asked yet; each is told when a card is full. It returns once all have ended.
func (p panel) finish(ctx context.Context, r *results, each func(c *ui.Card)) {
	asking, err := p.Prepare(ctx, r.Query)
	if err != nil {
		r.Err = err
		return
	}
	type done struct {
		at   *ui.Card
		card *ui.Card
	}
	var busy []*ui.Card
	for _, c := range r.Cards {
		if c.Busy {
			busy = append(busy, c)
		}
	}
	out, slots := make(chan done), make(chan struct{}, mostAtOnce)
	for _, c := range busy {
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			card := &ui.Card{Err: ctx.Err()}
			if card.Err == nil {
				card = p.AnswerOnce(ctx, asking, c.Model)
			}
			out <- done{c, card}
		}()
	}
	for range busy {
		d := <-out
		place := *d.at
		*d.at = *d.card
		d.at.Model, d.at.Label, d.at.Hue, d.at.Busy = place.Model, place.Label, place.Hue, false
		r.group()
		if each != nil {
			each(d.at)
		}
	}
	r.arrange()
}

// arrange names, groups and sorts the cards.
func (r *results) arrange() {
	labels := map[string]int{}
	for _, c := range r.Cards {
		labels[ui.ModelLabel(c.Model)]++
	}
	for _, c := range r.Cards {
		c.Hue = slices.Index(r.Query.Models, c.Model)
		if c.Label = ui.ModelLabel(c.Model); labels[c.Label] > 1 {
			c.Label = ui.Visible(c.Model)
		}
	}
	r.group()
	r.sort()
}

// group finds who answers alike, the largest group first.
func (r *results) group() {
	byName := map[string]*ui.Card{}
	var all []workbench.Result
	for _, c := range r.Cards {
		c.Group = ""
		if c.Result != nil {
			byName[c.Contestant] = c
			all = append(all, *c.Result)
		}
	}
	r.Groups = nil
	for i, g := range workbench.Group(all) {
		x := group{Letter: letter(i), Answer: ui.Visible(g.Answer)}
		if g.Abstained {
			x.Answer = ""
		}
		for _, name := range g.Contestants {
			byName[name].Group = x.Letter
			x.Cards = append(x.Cards, byName[name])
		}
		r.Groups = append(r.Groups, x)
	}
}

// letter is A, B, ... Z, AA, ...
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letter(i/26-1) + letter(i%26)
}

func (r *results) sort() {
	rank := func(c *ui.Card) int { // those without figures come last
		switch {
		case c.Err != nil:
			return 2
		case c.Busy:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(r.Cards, func(a, b *ui.Card) int {
		by := cmp.Compare(rank(a), rank(b))
		switch r.Query.Sort {
		case ui.SortSpeed:
			by = cmp.Or(by, cmp.Compare(a.MS(), b.MS()))
		case ui.SortConfidence:
			by = cmp.Or(by, -cmp.Compare(confidence(a), confidence(b)))
		case ui.SortAnswer:
			by = cmp.Or(by, cmp.Compare(len(a.Group), len(b.Group)), strings.Compare(a.Group, b.Group))
		default:
			by = 0
		}
		return cmp.Or(by, cmp.Compare(a.Hue, b.Hue))
	})
}

// confidence sorts those that answer by how sure they are, before those that do not.
func confidence(c *ui.Card) float64 {
	switch {
	case !c.Answered():
		return -1e9
	case c.Sure != nil:
		return *c.Sure
	case c.Gap != nil:
		return *c.Gap / 1e6 // gaps of models that nobody calibrated come behind probabilities
	}
	return 0
}

// Busy says whether a model has not answered yet.
func (r *results) Busy() bool {
	return slices.ContainsFunc(r.Cards, func(c *ui.Card) bool { return c.Busy })
}

// Done is how many have.
func (r *results) Done() (n int) {
	for _, c := range r.Cards {
		if !c.Busy {
			n++
		}
	}
	return n
}

// Pinned are the two cards to look at side by side.
func (r *results) Pinned() (out []*ui.Card) {
	for _, c := range r.Cards {
		if c.Result != nil && slices.Contains(r.Query.Pinned, c.Model) {
			out = append(out, c)
		}
	}
	return out
}

// post takes the form.
func (p panel) post(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), resultsPart(results{Err: err}))
		return
	}
	q := p.Keep(p.Query(r.Context(), form))
	if !ui.IsPart(r) {
		http.Redirect(w, r, q.At("/compare"), http.StatusSeeOther)
		return
	}
	ui.SetAddress(w, r, q, "/compare")
	res := results{Query: q, Samples: p.Samples, Demo: p.Demo}
	switch {
	case q.Question == "":
		res.Err = qa.Errorf(qa.Invalid, "the question is empty")
	case len(q.Models) == 0:
		res.Err = qa.Errorf(qa.Invalid, "no model is chosen; choose some in the controls")
	case !q.HasText():
		res.Err = qa.Errorf(qa.Invalid, "there is no text to ask; paste one, open a file, or ask the corpus")
	default:
		res = p.begin(r.Context(), q)
	}
	status := http.StatusOK
	if res.Err != nil {
		status = ui.StatusOf(res.Err)
	}
	ui.Write(w, r, status, resultsPart(res))
}

// events asks the models and sends each card as it is full.
func (p panel) events(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() { // the server may end first
		select {
		case <-p.Ended():
			cancel()
		case <-ctx.Done():
		}
	}()
	q := p.Query(r.Context(), r.URL.Query())
	res := p.begin(ctx, q)
	e := ui.Stream(w)
	p.finish(ctx, &res, func(c *ui.Card) {
		if ctx.Err() == nil && e.Part(ctx, card(&res, c), summary(&res)) != nil {
			cancel() // nobody listens
		}
	})
	if ctx.Err() == nil && e.Part(ctx, resultsPart(res)) == nil {
		_ = e.Done(fmt.Sprintf("%d of %d models have answered", answered(&res), len(res.Cards)))
	}
}

func answered(r *results) (n int) {
	for _, c := range r.Cards {
		if c.Result != nil {
			n++
		}
	}
	return n
}

// file takes a file as the text to ask.
func (p panel) file(w http.ResponseWriter, r *http.Request) {
	h, err := p.Upload(w, r, "file")
	var before ui.Query // what stood there stays where the file cannot be read
	if err != nil {
		before = ui.ParseQuery(r.Form)
	}
	s := p.SourceOf(r.Context(), before, "/compare/file")
	status := http.StatusOK
	if err != nil {
		s.Err, status = err, ui.StatusOf(err)
	} else {
		s.Held, s.TextID = h, h.ID
	}
	if !ui.IsPart(r) && err == nil {
		http.Redirect(w, r, ui.Query{TextID: h.ID}.At("/compare"), http.StatusSeeOther)
		return
	}
	ui.Write(w, r, status, ui.SourceBox(s))
}
