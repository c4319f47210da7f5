package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// named are routes with a name in their path that may hold slashes, and what may follow the name. A name whose own last part is such a
// word is told apart by its slashes written as %2F.
var named = map[string][]string{
	"/api/models/":    {"settings", "doctor"},
	"/api/questions/": {"export", "judgements", "next"},
	"/api/samples/":   nil,
	"/api/pulls/":     {"pause", "resume"},
}

// wholeNames makes one part of a path of a name that holds slashes: /api/models/deepset/roberta-base-squad2/settings is about the model
// deepset/roberta-base-squad2.
func wholeNames(r *http.Request) *http.Request {
	path := r.URL.EscapedPath()
	for prefix, words := range named {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok || !strings.Contains(rest, "/") {
			continue
		}
		name, word := rest, ""
		if i := strings.LastIndexByte(rest, '/'); slices.Contains(words, rest[i+1:]) {
			name, word = rest[:i], rest[i:]
		}
		to := prefix + strings.ReplaceAll(name, "/", "%2F") + word
		plain, err := url.PathUnescape(to)
		if err != nil {
			return r
		}
		out := new(http.Request)
		*out = *r
		u := *r.URL
		u.Path, u.RawPath = plain, to
		out.URL = &u
		return out
	}
	return r
}

// patterns is a mux that remembers what was registered, and whose own errors are problem documents.
type patterns struct {
	*http.ServeMux
	all []string
}

// HandleFunc registers a route.
func (p *patterns) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	p.all = append(p.all, pattern)
	p.ServeMux.HandleFunc(pattern, f)
}

// serve answers a request.
func (p *patterns) serve(w http.ResponseWriter, r *http.Request) {
	h, pattern := p.Handler(r)
	if pattern != "" {
		p.ServeHTTP(w, r) // not h, which knows no values of the path
		return
	}
	seen := &statusOnly{header: http.Header{}}
	h.ServeHTTP(seen, r)
	if seen.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", seen.header.Get("Allow"))
		writeProblem(w, huma.NewError(seen.status, r.Method+" is not possible here, only "+seen.header.Get("Allow")))
		return
	}
	writeProblem(w, huma.NewError(http.StatusNotFound, "nothing is at "+r.URL.Path+"; /openapi.json describes what there is"))
}

// statusOnly takes an answer to see how it came out.
type statusOnly struct {
	header http.Header
	status int
}

// Header is that of the answer.
func (s *statusOnly) Header() http.Header { return s.header }

// Write throws away.
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader keeps the status.
func (s *statusOnly) WriteHeader(status int) { s.status = status }
