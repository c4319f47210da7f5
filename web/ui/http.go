package ui

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/tryall/tryall/corpus"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// httpStatus maps our codes to HTTP.
var httpStatus = map[qa.Code]int{
	qa.Invalid: http.StatusUnprocessableEntity, qa.NotFound: http.StatusNotFound, qa.UnsupportedModel: http.StatusUnprocessableEntity,
	qa.BrokenModel: http.StatusUnprocessableEntity, qa.Forbidden: http.StatusForbidden, qa.Unavailable: http.StatusServiceUnavailable,
}

// StatusOf is the HTTP status of an error.
func StatusOf(err error) int {
	if s, ok := httpStatus[qa.CodeOf(err)]; ok {
		return s
	}
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, workbench.ErrPoolClosed), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Write writes a page or a part of one.
func Write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = c.Render(r.Context(), w) // whoever has gone needs no answer
}

// IsPart says whether a script asks for a part of a page.
func IsPart(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// maxForm is how large a form without a file may be.
const maxForm = 32 << 20

// Form reads a form of bounded size.
func Form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, tooLarge(err, maxForm)
	}
	return r.Form, nil
}

func tooLarge(err error, limit int64) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return qa.Errorf(qa.Invalid, "that is more than %s; split it, or add the file to the corpus by its path: %w", Size(limit), err)
	}
	return qa.Errorf(qa.Invalid, "read the form: %w", err)
}

// Upload reads the file of a form as a text, in whatever format it is.
func (e *Env) Upload(w http.ResponseWriter, r *http.Request, field string) (*Held, error) {
	limit := corpus.DefaultLimits.Bytes
	r.Body = http.MaxBytesReader(w, r.Body, limit+1<<20)
	file, head, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		return nil, qa.Errorf(qa.Invalid, "no file was chosen")
	}
	if err != nil {
		return nil, tooLarge(err, limit)
	}
	defer file.Close()
	defer func() { _ = r.MultipartForm.RemoveAll() }() // what is left of it in the folder for temporary files
	text, err := workbench.ReadText(r.Context(), file, head.Filename)
	if err != nil {
		return nil, err
	}
	if text.Text == "" {
		return nil, qa.Errorf(qa.Invalid, "%s holds no text; if it is a scan, it must be run through text recognition first", head.Filename)
	}
	return e.Texts.Hold(head.Filename, text), nil
}

// SameQuestion says whether the page that a part is asked for shows the same question of the same text already, so that its address is
// to be replaced and not added to the history.
func SameQuestion(r *http.Request, q Query) bool {
	at, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil {
		return false
	}
	was := ParseQuery(at.Query())
	return was.Question == q.Question && was.Corpus == q.Corpus && was.TextID == q.TextID && was.Text == q.Text
}

// SetAddress has the browser show the address of a query.
func SetAddress(w http.ResponseWriter, r *http.Request, q Query, path string) {
	header := "HX-Push-Url"
	if SameQuestion(r, q) {
		header = "HX-Replace-Url"
	}
	w.Header().Set(header, q.At(path))
}

// SourceOf is the source box of a query.
func (e *Env) SourceOf(ctx context.Context, q Query, action string) *Source {
	s := &Source{Query: q, Action: action, Demo: e.Demo}
	s.Held, s.Err = e.Held(q)
	p, err := e.Project(ctx, false)
	if err == nil && p != nil {
		if stats, err := p.Index.Stats(ctx); err == nil {
			s.Corpus = &stats
		}
	}
	return s
}

// HasTexts says whether there is a corpus to ask.
func (e *Env) HasTexts(ctx context.Context) bool {
	p, err := e.Project(ctx, false)
	if err != nil || p == nil {
		return false
	}
	stats, err := p.Index.Stats(ctx)
	return err == nil && stats.Passages > 0
}
