// Package corpus is the screen of the project's texts: adding them, what could not be read, and looking for passages.
package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "corpus", Title: "Corpus", Path: "/corpus", Key: "o", About: "What is there to be asked?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Local   bool
	Stats   index.Stats
	Job     *workbench.Addition // what is being added, or was last; nil: nothing
	Search  string
	Found   []found
	Failed  bool // only files that could not be read
	Files   []file
	LeftOut int
	Doc     *document
	Err     error
}

// file is one of the corpus.
type file struct {
	index.FileState
	Shown string // of its path
}

// removing names what asks about removing it on the page, which is written anew while others are read.
func (f file) removing() string {
	sum := sha256.Sum256([]byte(f.Path))
	return "remove-" + hex.EncodeToString(sum[:6])
}

// lost says what goes with it.
func (f file) lost() string {
	out := "This takes " + ui.Visible(f.Shown)
	if f.Passages > 0 {
		out += " with its " + ui.Plural(f.Passages, "passage")
	}
	out += " out of the corpus. "
	if f.Shown != f.Path {
		return out + "It was sent here, so that the copy of it goes as well. Questions and labels stay. It cannot be undone."
	}
	return out + "The file itself, questions and labels stay."
}

// found is a passage that a search found.
type found struct {
	Where, Document string
	Pieces          []ui.Piece
}

// document is one that is read.
type document struct {
	Title, Source string
	ID            string
	Passages      []qa.Passage
	LeftOut       int
}

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /corpus", p.page)
	mux.HandleFunc("POST /corpus/add", p.add)
	mux.HandleFunc("POST /corpus/again", p.again)
	mux.HandleFunc("POST /corpus/remove", p.remove)
	mux.HandleFunc("GET /corpus/events", p.events)
	mux.HandleFunc("GET /corpus/document", p.document)
}

// How much a page shows.
const (
	shownFiles    = 200
	shownFound    = 10
	shownPassages = 300
)

func (p panel) page(w http.ResponseWriter, r *http.Request) { p.write(w, r, http.StatusOK, nil) }

func (p panel) write(w http.ResponseWriter, r *http.Request, status int, failed error) {
	v, err := p.view(r.Context(), r.URL.Query())
	if v.Err = failed; err != nil {
		v.Err, status = err, ui.StatusOf(err)
	}
	ui.Write(w, r, status, page(v))
}

func (p panel) view(ctx context.Context, q url.Values) (view, error) {
	v := view{Frame: p.Frame("corpus", "Corpus"), Local: p.Local, Search: strings.TrimSpace(q.Get("q")), Failed: q.Get("show") == "failed"}
	v.Job, _ = p.Additions.State()
	project, err := p.Project(ctx, false)
	if err != nil || project == nil {
		return v, err
	}
	v.Job = shownJob(project, v.Job)
	if v.Stats, err = project.Index.Stats(ctx); err != nil {
		return v, err
	}
	if v.Search != "" {
		list, err := project.Index.Search(ctx, index.Query{Text: v.Search, K: shownFound, Snippets: true})
		for _, f := range list {
			v.Found = append(v.Found, foundOf(project, f))
		}
		return v, err
	}
	for f, err := range project.Index.Files(ctx) {
		switch {
		case err != nil:
			return v, err
		case v.Failed && f.Error == "":
		case len(v.Files) == shownFiles:
			v.LeftOut++
		default:
			f.Error = project.ShownIn(f.Error)
			v.Files = append(v.Files, file{f, project.Shown(f.Path)})
		}
	}
	return v, nil
}

// foundOf cuts a snippet at the words that were looked for.
func foundOf(p *workbench.Project, f index.Found) found {
	out := found{Document: string(f.Passage.Doc), Where: whereOf(f.Placed(), p.Shown(string(f.Passage.Doc)))}
	next := f.Snippet.Range.Start
	put := func(to int, kind string) {
		if lo, hi := next-f.Snippet.Range.Start, to-f.Snippet.Range.Start; lo < hi && hi <= len(f.Snippet.Text) {
			out.Pieces = append(out.Pieces, ui.Piece{Text: ui.Visible(f.Snippet.Text[lo:hi]), Kind: kind})
		}
		next = max(next, to)
	}
	for _, t := range f.Snippet.Terms {
		put(t.Start, ui.PieceSentence)
		put(t.End, ui.PieceAlso)
	}
	put(f.Snippet.Range.End, ui.PieceSentence)
	return out
}

func whereOf(p qa.Passage, document string) string {
	parts := []string{}
	for _, s := range []string{p.Title, document} {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	if p.Page != "" {
		parts = append(parts, "page "+p.Page)
	}
	if p.Heading != "" && p.Heading != p.Title {
		parts = append(parts, p.Heading)
	}
	return ui.Visible(strings.Join(parts, ", "))
}

// document shows the passages of one.
func (p panel) document(w http.ResponseWriter, r *http.Request) {
	id := qa.DocumentID(r.URL.Query().Get("id"))
	v, err := p.view(r.Context(), url.Values{})
	project, perr := p.Project(r.Context(), false)
	if err == nil {
		err = perr
	}
	if err == nil && project == nil {
		err = qa.Errorf(qa.NotFound, "there is no document %s", id)
	}
	if err == nil {
		var d qa.Document
		if d, err = project.Index.Document(r.Context(), id); err == nil {
			v.Doc = &document{Title: ui.Visible(d.Title), Source: ui.Visible(project.Shown(string(d.ID))), ID: ui.Visible(string(d.ID))}
			v.Doc.Passages, err = project.Index.Passages(r.Context(), id)
			v.Doc.LeftOut = max(0, len(v.Doc.Passages)-shownPassages)
			v.Doc.Passages = v.Doc.Passages[:len(v.Doc.Passages)-v.Doc.LeftOut]
		}
	}
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(v.Frame, "There is no such document", err))
		return
	}
	ui.Write(w, r, http.StatusOK, page(v))
}

// remove takes a file out of the corpus. On the disk it stays, unless it is the copy of one that was sent.
func (p panel) remove(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	if err == nil {
		var project, perr = p.Project(r.Context(), false)
		if err = perr; err == nil && project != nil {
			_, err = project.RemoveFile(r.Context(), form.Get("path"))
		}
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	http.Redirect(w, r, "/corpus", http.StatusSeeOther)
}

func itoa(n int) string { return strconv.Itoa(n) }
