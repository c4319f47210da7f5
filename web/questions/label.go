package questions

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// labelQuery is what the address of the label queue holds.
type labelQuery struct {
	Set, Item string
	Who       string   // empty: the user of the machine
	Models    []string // empty: the default ones
	Passages  int      // shown; 0: as many as are read
}

func parseLabelQuery(v url.Values) labelQuery {
	q := labelQuery{Set: strings.TrimSpace(v.Get("name")), Item: v.Get("item"), Who: strings.TrimSpace(v.Get("who"))}
	if q.Set == "" {
		q.Set = workbench.OwnQuestions
	}
	if q.Who == workbench.UserName() {
		q.Who = ""
	}
	for _, m := range v["m"] {
		if m = strings.TrimSpace(m); m != "" && !slices.Contains(q.Models, m) {
			q.Models = append(q.Models, m)
		}
	}
	q.Passages, _ = strconv.Atoi(v.Get("passages")) // what is no number is the default
	q.Passages = min(max(q.Passages, 0), mostPassages)
	return q
}

// mostPassages is how many passages of one question a page shows.
const mostPassages = 40

func (q labelQuery) values() url.Values {
	v := url.Values{"name": {q.Set}}
	for key, s := range map[string]string{"item": q.Item, "who": q.Who} {
		if s != "" {
			v.Set(key, s)
		}
	}
	if len(q.Models) > 0 {
		v["m"] = q.Models
	}
	if q.Passages > 0 {
		v.Set("passages", strconv.Itoa(q.Passages))
	}
	return v
}

func (q labelQuery) at(page string) string { return page + "?" + q.values().Encode() }

// next is the same without a question.
func (q labelQuery) next() labelQuery {
	q.Item, q.Passages = "", 0
	return q
}

func (q labelQuery) of(item string) labelQuery {
	q = q.next()
	q.Item = item
	return q
}

// labelView is the label queue as its template takes it.
type labelView struct {
	ui.Frame
	Query     labelQuery
	User      string // of the machine
	Models    []ui.Choosable
	Chosen    []string // models that suggest
	ModelErrs []error
	State     workbench.LabelState
	Exists    bool // the set is there
	Corpus    corpus
	Question  *workbench.LabelQuestion
	Disputed  bool      // it was drawn because models disagree
	Seen      int64     // the question's last judgement, as the page shows it; 0: none
	Conflict  *conflict // it was judged while somebody looked at it
	Passages  []passage
	Short     map[string]string // of contestants
	Typed     string
	Choices   []choice // where what was typed stands
	Places    int      // in all
	Say       string   // is read out
	Err       error
}

// labelPage shows a question to label; without one in the address it draws the next.
func (p panel) labelPage(w http.ResponseWriter, r *http.Request) {
	q := parseLabelQuery(r.URL.Query())
	if q.Item == "" {
		s, _, err := p.labelSession(r.Context(), q)
		if err == nil && s != nil {
			if d, err := s.Next(r.Context()); err == nil && d.Item != "" {
				http.Redirect(w, r, q.of(d.Item).at("/questions/label"), http.StatusSeeOther)
				return
			}
		}
	}
	p.writeLabel(w, r, q, nil)
}

// writeLabel writes the page, or its changing part where a script asks; change may say more.
func (p panel) writeLabel(w http.ResponseWriter, r *http.Request, q labelQuery, change func(*labelView)) {
	v := p.labelView(r.Context(), q)
	if change != nil {
		change(&v)
	}
	status := http.StatusOK
	if v.Conflict != nil {
		status = http.StatusConflict
	}
	if v.Err != nil {
		status = ui.StatusOf(v.Err)
	}
	if ui.IsPart(r) {
		w.Header().Set("HX-Push-Url", v.Query.at("/questions/label"))
		ui.Write(w, r, status, labelScreen(v))
		return
	}
	ui.Write(w, r, status, labelPage(v))
}

// labelSession is a session of a query; nil where there is no such set yet.
func (p panel) labelSession(ctx context.Context, q labelQuery) (s *workbench.LabelSession, errs []error, err error) {
	project, err := p.Project(ctx, false)
	if err != nil || project == nil {
		return nil, nil, err
	}
	var models []workbench.Model
	for _, name := range p.labelModels(q) {
		m, err := p.Bench.FindShared(name, "", p.Named)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		models = append(models, m)
	}
	s, err = p.Labels.Session(project, q.Set, q.Who, models)
	if err != nil {
		return nil, errs, err
	}
	if err := s.Check(ctx); qa.CodeOf(err) == qa.NotFound {
		return nil, errs, nil
	} else if err != nil {
		return nil, errs, err
	}
	return s, errs, nil
}

// labelModels are the models that suggest: those of the address, else those that the server was started with and the built-in ones.
func (p panel) labelModels(q labelQuery) []string {
	if len(q.Models) > 0 {
		return q.Models
	}
	names := slices.Clone(p.Named)
	for _, b := range p.Bench.Builtins {
		if !slices.Contains(names, b.ID) {
			names = append(names, b.ID)
		}
	}
	return names
}

// labelView gathers what the page shows, and has the models read.
func (p panel) labelView(ctx context.Context, q labelQuery) labelView {
	v := labelView{Frame: p.Frame("questions", "Label "+ui.Visible(q.Set)), Query: q, User: workbench.UserName(), Chosen: p.labelModels(q)}
	if v.Models, v.Err = p.Env.Models(ctx); v.Err != nil {
		return v
	}
	if v.Corpus, v.Err = p.corpusOf(ctx); v.Err != nil {
		return v
	}
	s, errs, err := p.labelSession(ctx, q)
	v.ModelErrs, v.Err = errs, err
	if s == nil {
		return v
	}
	v.Exists = true
	if v.Err = s.Start(ctx, q.Item); v.Err != nil {
		return v
	}
	if v.State, _, v.Err = s.State(ctx); v.Err != nil {
		return v
	}
	v.Short = shortNames(s.Models)
	if q.Item == "" {
		return v
	}
	question, err := s.Question(ctx, q.Item, q.Passages)
	if err != nil {
		v.Err = err
		return v
	}
	v.Question, v.Seen = &question, question.Last
	if d, err := s.Next(ctx); err == nil && d.Item == q.Item {
		v.Disputed = d.Disputed
	}
	v.Passages = passagesOf(&question)
	return v
}

// corpusOf is what new questions can be about.
func (p panel) corpusOf(ctx context.Context) (c corpus, err error) {
	project, err := p.Project(ctx, false)
	if err != nil || project == nil {
		return c, err
	}
	c.Passages, c.Documents, err = project.CorpusNames(ctx, mostNamed)
	return c, err
}

// corpus is what is known of the corpus.
type corpus struct {
	Passages  int
	Documents []string // the first ones, to be named in new questions
}

// mostNamed is how many documents the form for new questions proposes.
const mostNamed = 200

// picked is an answer with its place, as a button sends it.
type picked struct {
	Document string `json:"d,omitempty"`
	Start    int    `json:"s"` // byte
	Text     string `json:"t"`
}

func (p picked) String() string {
	raw, _ := json.Marshal(p) // strings and a number
	return string(raw)
}

// spotted is what a browser says was marked: UTF-16 units of the passage that begins at a byte of a document.
type spotted struct {
	Document string `json:"doc"`
	Base     int    `json:"base"`
	From     int    `json:"from"`
	To       int    `json:"to"`
	Text     string `json:"text"`
}

// judge takes what somebody says of a question, and shows the next.
func (p panel) judge(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	q := parseLabelQuery(form)
	fail := func(err error) { p.writeLabel(w, r, q, func(v *labelView) { v.Err = err }) }
	if err != nil {
		fail(err)
		return
	}
	s, _, err := p.labelSession(r.Context(), q)
	if err == nil && s == nil {
		err = qa.Errorf(qa.NotFound, "there is no set of questions %q", q.Set)
	}
	if err != nil {
		fail(err)
		return
	}
	if form.Has("undo") {
		p.undo(w, r, s, q, fail)
		return
	}
	seen, err := seenOf(form)
	if err != nil {
		fail(err)
		return
	}
	if form.Has("type") && !form.Has("pick") {
		p.typed(w, r, s, q, form.Get("typed"), seen, fail)
		return
	}
	if form.Get("keep") == ui.KeepTheirs {
		p.after(w, r, s, q, "Kept as it was.")
		return
	}
	said, err := verdictOf(r.Context(), s, q, form)
	if err != nil {
		fail(err)
		return
	}
	said.Seen = seen
	p.save(w, r, s, q, said)
}

// after shows the next question.
func (p panel) after(w http.ResponseWriter, r *http.Request, s *workbench.LabelSession, q labelQuery, say string) {
	d, err := s.Next(r.Context())
	if err != nil {
		p.writeLabel(w, r, q, func(v *labelView) { v.Err = err })
		return
	}
	q = q.of(d.Item)
	if !ui.IsPart(r) {
		http.Redirect(w, r, q.at("/questions/label"), http.StatusSeeOther)
		return
	}
	p.writeLabel(w, r, q, func(v *labelView) {
		v.Say = say + " " + strconv.Itoa(v.State.Labelled) + " of " + strconv.Itoa(v.State.Questions) + " labelled."
		if d.Item == "" {
			v.Say += " That was the last question."
		}
	})
}

func (p panel) undo(w http.ResponseWriter, r *http.Request, s *workbench.LabelSession, q labelQuery, fail func(error)) {
	j, err := s.Undo(r.Context())
	if err != nil {
		fail(err)
		return
	}
	q = q.of(j.Item)
	if !ui.IsPart(r) {
		http.Redirect(w, r, q.at("/questions/label"), http.StatusSeeOther)
		return
	}
	p.writeLabel(w, r, q, func(v *labelView) { v.Say = "Taken back." })
}

// typed finds where an answer stands that was typed in, and asks where it stands at several places.
func (p panel) typed(w http.ResponseWriter, r *http.Request, s *workbench.LabelSession, q labelQuery, answer string, seen *store.Seen, fail func(error)) {
	if strings.TrimSpace(answer) == "" {
		fail(qa.Errorf(qa.Invalid, "nothing was typed; write the answer as it stands in the text"))
		return
	}
	question, err := s.Question(r.Context(), q.Item, q.Passages)
	if err != nil {
		fail(err)
		return
	}
	places, total, err := s.LabelPlaces(r.Context(), q.Item, answer, question.Passages, mostChoices)
	if err == nil && total == 0 {
		err = qa.Errorf(qa.Invalid, "%.200q does not stand in the text; write the answer as it stands there, or mark it", strings.TrimSpace(answer))
	}
	if err != nil {
		p.writeLabel(w, r, q, func(v *labelView) { v.Err, v.Typed = err, answer })
		return
	}
	if total == 1 {
		said := workbench.LabelVerdict{Kind: store.Answered, Text: places[0].Text, Document: places[0].Document, Start: places[0].Start}
		said.Seen = seen
		p.save(w, r, s, q, said)
		return
	}
	choices, err := choicesOf(r.Context(), s, q.Item, places)
	if err != nil {
		fail(err)
		return
	}
	p.writeLabel(w, r, q, func(v *labelView) {
		v.Typed, v.Choices, v.Places = answer, choices, total
		v.Say = "It stands at " + ui.Plural(total, "place") + ". Which one is meant?"
	})
}

// verdictOf reads what a form says.
func verdictOf(ctx context.Context, s *workbench.LabelSession, q labelQuery, form url.Values) (said workbench.LabelVerdict, err error) {
	switch {
	case form.Has("mine"):
		return mineOf(form.Get("mine"))
	case form.Has("pick"):
		var x picked
		if err := json.Unmarshal([]byte(form.Get("pick")), &x); err != nil {
			return said, qa.Errorf(qa.Invalid, "read the answer that was picked: %w", err)
		}
		how := workbench.LabelSuggested
		if form.Has("type") {
			how = workbench.LabelMarked
		}
		return workbench.LabelVerdict{Kind: store.Answered, Text: x.Text, Document: x.Document, Start: x.Start, How: how}, nil
	case form.Has("none"):
		return workbench.LabelVerdict{Kind: store.NoAnswer, Document: form.Get("none")}, nil
	case form.Has("skip"):
		return workbench.LabelVerdict{Kind: store.Skipped}, nil
	case form.Has("mark"):
		var x spotted
		if err := json.Unmarshal([]byte(form.Get("mark")), &x); err != nil {
			return said, qa.Errorf(qa.Invalid, "read what was marked: %w", err)
		}
		text, err := s.Text(ctx, q.Item, x.Document)
		if err != nil {
			return said, err
		}
		r, err := marked(text, x.Base, x.From, x.To, x.Text)
		if err != nil {
			return said, err
		}
		return workbench.LabelVerdict{Kind: store.Answered, Text: r.Of(text), Document: x.Document, Start: r.Start}, nil
	}
	return said, qa.Errorf(qa.Invalid, "it is not said what to do with the question: pick an answer, mark one, say that there is none, or skip it")
}

func saidWords(said workbench.LabelVerdict) string {
	switch said.Kind {
	case store.NoAnswer:
		return "Saved: no answer."
	case store.Skipped:
		return "Skipped."
	}
	return "Saved: " + ui.Visible(ui.Shorten(said.Text, 80)) + "."
}

// addTyped adds questions that somebody has typed, and goes on to label them.
func (p panel) addTyped(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	q := parseLabelQuery(form)
	if err == nil {
		var project *workbench.Project
		if project, err = p.Project(r.Context(), true); err == nil {
			_, err = project.AddQuestions(r.Context(), q.Set, strings.Split(form.Get("text"), "\n"), form.Get("document"))
		}
	}
	if err != nil {
		p.writeLabel(w, r, q, func(v *labelView) { v.Err = err })
		return
	}
	http.Redirect(w, r, q.at("/questions/label"), http.StatusSeeOther)
}

// shortNames are the last parts of models' names, where that tells them apart.
func shortNames(models []workbench.Model) map[string]string {
	same := map[string]int{}
	for _, m := range models {
		same[path.Base(m.ID)]++
	}
	out := map[string]string{}
	for _, m := range models {
		if short := path.Base(m.ID); same[short] == 1 {
			out[m.Contestant()] = ui.Visible(short)
		} else {
			out[m.Contestant()] = ui.Visible(m.Contestant())
		}
	}
	return out
}
