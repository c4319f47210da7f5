package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

// statuses map our codes to HTTP.
var statuses = map[qa.Code]int{
	qa.Invalid: http.StatusUnprocessableEntity, qa.NotFound: http.StatusNotFound, qa.UnsupportedModel: http.StatusUnprocessableEntity,
	qa.BrokenModel: http.StatusUnprocessableEntity, qa.Forbidden: http.StatusForbidden, qa.Unavailable: http.StatusServiceUnavailable,
}

func statusOf(err error) int {
	var overtaken *store.Overtaken
	if errors.As(err, &overtaken) {
		return http.StatusConflict
	}
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return http.StatusRequestEntityTooLarge
	}
	if s, ok := statuses[qa.CodeOf(err)]; ok {
		return s
	}
	if errors.Is(err, workbench.ErrPoolClosed) || errors.Is(err, context.Canceled) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problem is an error as RFC 9457 has it, with our code.
type problem struct {
	huma.ErrorModel
	Code qa.Code `json:"code" enum:"invalid,not_found,unsupported_model,broken_model,forbidden,unavailable,internal" doc:"What kind of error it is, for programs."`
}

func problemOf(err error) error {
	status := statusOf(err)
	return &problem{huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: err.Error()}, qa.CodeOf(err)}
}

// codes are those of errors that are found before a request comes to its route.
var codes = map[int]qa.Code{http.StatusNotFound: qa.NotFound, http.StatusForbidden: qa.Forbidden, http.StatusServiceUnavailable: qa.Unavailable,
	http.StatusInternalServerError: qa.Internal}

func init() { // the library has one such function for all its users
	plain := huma.NewError
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := &problem{Code: qa.Invalid}
		if m, ok := plain(status, message, errs...).(*huma.ErrorModel); ok {
			p.ErrorModel = *m
			for i, e := range m.Errors { // the sentence says what is wrong, too
				e.Value = brief(e.Value)
				p.Detail += map[bool]string{true: ": ", false: "; "}[i == 0] + e.Location + ": " + e.Message
			}
		}
		if code, ok := codes[status]; ok {
			p.Code = code
		}
		return p
	}
}

// echoed is how much of what was sent an error shows, in bytes.
const echoed = 200

// brief is a value that was refused, as far as it is short.
func brief(v any) any {
	if raw, err := json.Marshal(v); err != nil || len(raw) > echoed {
		return nil
	}
	return v
}

// writeProblem writes an error of a route that writes for itself.
func writeProblem(w http.ResponseWriter, err error) {
	var p *problem
	if !errors.As(err, &p) && !errors.As(problemOf(err), &p) {
		return
	}
	h := w.Header()
	for _, name := range []string{"Content-Disposition", "Content-Length"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	writeJSON(w, p)
}

// writeJSON writes a document as the other routes do.
func writeJSON(w http.ResponseWriter, v any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // whoever has gone needs no answer
}
