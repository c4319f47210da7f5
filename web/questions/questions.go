// Package questions is the screen of the project's questions: bringing in files of them, and what is in a set.
package questions

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "questions", Title: "Questions", Path: "/questions", Key: "q", About: "What shall be answered, and what is right?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Sets []store.SetInfo
	Set  *set // nil: the list of sets
	Err  error

	Corpus corpus
}

// set is one that is looked at.
type set struct {
	Info     store.SetInfo
	Show     string // one of shows
	Rows     []row
	Page     int // from 0
	Pages    int
	Problems []string
}

// row is one question.
type row struct {
	ID             string
	Number         int
	Question       string
	Answers        []string
	NoAnswer, Open bool
	Of             string // the beginning of its text, or the document that it names
}

// shows are which questions are shown.
var shows = []struct {
	value, label string
	is           func(q *questions.Item) bool
}{
	{"", "all", func(*questions.Item) bool { return true }},
	{"answered", "with an answer", func(q *questions.Item) bool { return q.Labelled && len(q.Answers) > 0 }},
	{"none", "known to have none", func(q *questions.Item) bool { return q.Labelled && len(q.Answers) == 0 }},
	{"open", "not labelled", func(q *questions.Item) bool { return !q.Labelled }},
}

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /questions", p.index)
	mux.HandleFunc("POST /questions", p.bring)
	mux.HandleFunc("GET /questions/set", p.set)
	mux.HandleFunc("GET /questions/export", p.export)
	mux.HandleFunc("POST /questions/remove", p.remove)
	mux.HandleFunc("GET /questions/label", p.labelPage)
	mux.HandleFunc("POST /questions/label", p.judge)
	mux.HandleFunc("POST /questions/label/add", p.addTyped)
	mux.HandleFunc("GET /questions/label/events", p.labelEvents)
}

func (p panel) index(w http.ResponseWriter, r *http.Request) { p.write(w, r, http.StatusOK, nil) }

func (p panel) write(w http.ResponseWriter, r *http.Request, status int, failed error) {
	v := view{Frame: p.Frame("questions", "Questions"), Err: failed}
	project, err := p.Project(r.Context(), false)
	if err == nil && project != nil {
		v.Sets, err = project.Store.Sets(r.Context())
	}
	if err == nil {
		v.Corpus, err = p.corpusOf(r.Context())
	}
	if err != nil {
		v.Err, status = err, ui.StatusOf(err)
	}
	ui.Write(w, r, status, page(v))
}

func at(name string) string { return "/questions/set?" + url.Values{"name": {name}}.Encode() }

// maxUpload is how large a file of questions may be.
const maxUpload = 256 << 20

// bring takes a file of questions into the project.
func (p panel) bring(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		err = qa.Errorf(qa.Invalid, "no file was chosen")
	} else if err != nil {
		err = qa.Errorf(qa.Invalid, "read what was sent: %w", err)
	}
	var info store.SetInfo
	if err == nil {
		defer file.Close()
		defer func() { _ = r.MultipartForm.RemoveAll() }() // what is left in the folder for temporary files
		info, err = p.keep(r, file, head.Filename)
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	http.Redirect(w, r, at(info.Name), http.StatusSeeOther)
}

func (p panel) keep(r *http.Request, file io.Reader, name string) (store.SetInfo, error) {
	s, err := questions.Read(r.Context(), file, name)
	if err != nil {
		return store.SetInfo{}, err
	}
	if len(s.Items) == 0 {
		return store.SetInfo{}, qa.Errorf(qa.Invalid, "there are no questions in %s", name)
	}
	project, err := p.Project(r.Context(), true)
	if err != nil {
		return store.SetInfo{}, err
	}
	return project.Store.PutQuestions(r.Context(), s)
}

// find gives a set by its name.
func (p panel) find(r *http.Request) (*questions.Set, store.SetInfo, error) {
	name := r.FormValue("name")
	project, err := p.Project(r.Context(), false)
	if err == nil && project == nil {
		err = qa.Errorf(qa.NotFound, "there is no set of questions %q", name)
	}
	if err != nil {
		return nil, store.SetInfo{}, err
	}
	s, err := project.Store.Questions(r.Context(), name)
	if err != nil {
		return nil, store.SetInfo{}, err
	}
	all, err := project.Store.Sets(r.Context())
	for _, i := range all {
		if i.Name == s.Name {
			return s, i, err
		}
	}
	return s, store.SetInfo{Name: s.Name, Counts: s.Count()}, err
}

const rowsPerPage = 100

// set shows one.
func (p panel) set(w http.ResponseWriter, r *http.Request) {
	s, info, err := p.find(r)
	var project *workbench.Project // which is there, as the set is
	if err == nil {
		project, err = p.Project(r.Context(), false)
	}
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("questions", "Questions"), "There is no such set", err))
		return
	}
	out := &set{Info: info, Show: r.URL.Query().Get("show")}
	out.Page, _ = strconv.Atoi(r.URL.Query().Get("page")) // what is no number is the first
	out.fill(s, project.Shown)
	problems, err := project.Locate(r.Context(), s)
	for _, problem := range problems {
		if !problem.Note {
			out.Problems = append(out.Problems, project.ShownIn(problem.String()))
		}
	}
	if err != nil {
		out.Problems = append(out.Problems, err.Error())
	}
	ui.Write(w, r, http.StatusOK, page(view{Frame: p.Frame("questions", ui.Visible(info.Name)), Set: out}))
}

// fill makes the rows of a page; shown is what documents are called.
func (out *set) fill(s *questions.Set, shown func(string) string) {
	show := shows[0]
	for _, x := range shows {
		if x.value == out.Show {
			show = x
		}
	}
	out.Show = show.value
	var rows []row
	for i := range s.Items {
		q := &s.Items[i]
		if !show.is(q) {
			continue
		}
		x := row{ID: q.ID, Number: i + 1, Question: ui.Visible(ui.Shorten(q.Text, 300)), NoAnswer: q.Labelled && len(q.Answers) == 0, Open: !q.Labelled, Of: ui.Visible(shown(q.Document))}
		for _, a := range q.Texts() {
			x.Answers = append(x.Answers, ui.Visible(ui.Shorten(a, 160)))
		}
		if q.Context >= 0 {
			x.Of = ui.Visible(ui.Shorten(s.Contexts[q.Context].Text, 120))
		}
		rows = append(rows, x)
	}
	out.Pages = max(1, (len(rows)+rowsPerPage-1)/rowsPerPage)
	out.Page = min(max(out.Page, 0), out.Pages-1)
	out.Rows = rows[out.Page*rowsPerPage : min(len(rows), (out.Page+1)*rowsPerPage)]
}

// export gives a set as a file.
func (p panel) export(w http.ResponseWriter, r *http.Request) {
	s, _, err := p.find(r)
	if err == nil {
		var x questions.Export
		if x, err = questions.ExportOf(r.URL.Query().Get("as"), r.URL.Query().Get("safe") == "1"); err == nil {
			w.Header().Set("Content-Type", x.Type)
			w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="questions%s"`, x.Extension))
			_ = x.Write(w, s) // whoever has gone needs no file
			return
		}
	}
	ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("questions", "Questions"), "That cannot be had", err))
}

// remove removes a set.
func (p panel) remove(w http.ResponseWriter, r *http.Request) {
	_, info, err := p.find(r)
	if err == nil {
		project, perr := p.Project(r.Context(), false)
		if err = perr; err == nil {
			err = project.Store.RemoveQuestions(r.Context(), info.Name)
		}
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	http.Redirect(w, r, "/questions", http.StatusSeeOther)
}
