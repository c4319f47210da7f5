package hubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Server is a running Hub. Set its fields before the first request.
type Server struct {
	Token    string // what gated and private repositories want; "hf_good" unless set
	PageSize int    // entries of a listing or a search on one page; 1000 unless set
	NoTree   bool   // answer 404 to listings, as some mirrors do
	Cached   bool   // send small files through a redirect on the same host, as the Hub does at times

	hub, cdn *httptest.Server
	hashes   hashes
	mu       sync.Mutex
	repos    map[string]*Repo
	order    []string
	log      []*Request
	faults   []*Fault
}

// New starts a Hub without models.
func New() *Server {
	s := &Server{Token: "hf_good", PageSize: 1000, repos: map[string]*Repo{}}
	s.hub = httptest.NewServer(http.HandlerFunc(s.serveHub))
	s.cdn = httptest.NewServer(http.HandlerFunc(s.serveCDN))
	return s
}

// Close stops it, and cuts what is still being sent.
func (s *Server) Close() {
	for _, h := range []*httptest.Server{s.hub, s.cdn} {
		h.CloseClientConnections()
		h.Close()
	}
}

// URL is the endpoint, for HF_ENDPOINT.
func (s *Server) URL() string { return s.hub.URL }

// Add makes a repository with these files on main.
func (s *Server) Add(id string, files map[string][]byte) *Repo {
	r := &Repo{ID: id, Info: map[string]any{}, refs: map[string]string{}, commits: map[string]map[string][]byte{}}
	r.Commit("main", files)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repos[id] = r
	s.order = append(s.order, id)
	return r
}

func (s *Server) repo(id string) *Repo {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repos[id]
}

// exchange is one request being answered.
type exchange struct {
	http.ResponseWriter
	r     *http.Request
	s     *Server
	entry *Request
	fault *Fault
}

func (s *Server) serveHub(w http.ResponseWriter, r *http.Request) { s.serve("hub", w, r, s.routeHub) }
func (s *Server) serveCDN(w http.ResponseWriter, r *http.Request) { s.serve("cdn", w, r, s.routeCDN) }

func (s *Server) routeHub(x *exchange) {
	parts := strings.Split(strings.TrimPrefix(x.r.URL.EscapedPath(), "/"), "/")
	for i := range parts {
		parts[i], _ = url.PathUnescape(parts[i])
	}
	switch {
	case len(parts) == 2 && parts[0] == "api" && parts[1] == "models":
		x.search()
	case len(parts) > 2 && parts[0] == "api" && parts[1] == "models":
		x.api(parts[2:])
	case len(parts) > 1 && parts[0] == "cached":
		x.cached(parts[1:])
	default:
		x.resolve(parts)
	}
}

// split finds the id (one or two parts) before a verb.
func split(parts []string, verbs ...string) (id, verb string, rest []string) {
	for i := 1; i <= 2 && i < len(parts); i++ {
		for _, v := range verbs {
			if parts[i] == v {
				return strings.Join(parts[:i], "/"), v, parts[i+1:]
			}
		}
	}
	return strings.Join(parts, "/"), "", nil
}

func (x *exchange) api(parts []string) {
	id, verb, rest := split(parts, "revision", "tree")
	repo := x.find(id)
	if repo == nil {
		return
	}
	revision := "main"
	if len(rest) > 0 {
		revision = rest[0]
	}
	commit, files, ok := repo.at(revision)
	switch {
	case repo.moved != "":
		http.Redirect(x, x.r, strings.Replace(x.r.URL.EscapedPath(), id, repo.moved, 1), http.StatusTemporaryRedirect)
	case !ok:
		x.fail(http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+revision)
	case verb == "tree" && x.s.NoTree:
		x.fail(http.StatusNotFound, "", "")
	case verb == "tree":
		x.tree(files)
	default:
		x.json(page(repo, commit, files))
	}
}

// page is a model's page as the API gives it.
func page(repo *Repo, commit string, files map[string][]byte) map[string]any {
	siblings := []map[string]any{}
	for _, name := range sorted(files) {
		siblings = append(siblings, map[string]any{"rfilename": name})
	}
	p := map[string]any{
		"_id": "0123", "id": repo.ID, "modelId": repo.ID, "sha": commit, "private": repo.private, "gated": false, "disabled": false,
		"downloads": 0, "likes": 0, "tags": []string{}, "pipeline_tag": "question-answering", "library_name": "transformers",
		"lastModified": "2026-01-02T03:04:05.000Z", "createdAt": "2025-01-02T03:04:05.000Z", "siblings": siblings,
	}
	repo.mu.Lock()
	defer repo.mu.Unlock()
	if repo.gated {
		p["gated"] = "auto"
	}
	for k, v := range repo.Info {
		p[k] = v
	}
	return p
}

func sorted(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (x *exchange) tree(files map[string][]byte) {
	var all []map[string]any
	seen := map[string]bool{}
	for _, name := range sorted(files) {
		data := files[name]
		if dir := path.Dir(name); dir != "." && !seen[dir] {
			seen[dir] = true
			all = append(all, map[string]any{"type": "directory", "oid": GitSHA1([]byte(dir)), "size": 0, "path": dir})
		}
		e := map[string]any{"type": "file", "oid": GitSHA1(data), "size": len(data), "path": name}
		if Large(name) {
			e["oid"] = GitSHA1([]byte("pointer " + name))
			e["lfs"] = map[string]any{"oid": x.s.hashes.sha256(data), "size": len(data), "pointerSize": 135}
		}
		all = append(all, e)
	}
	x.paged(all)
}

// paged sends one page of a list, with a Link to the next.
func (x *exchange) paged(all []map[string]any) {
	q := x.r.URL.Query()
	size := x.s.PageSize
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		size = min(size, n)
	}
	at, _ := strconv.Atoi(q.Get("cursor"))
	end := min(at+size, len(all))
	if end < len(all) {
		q.Set("cursor", strconv.Itoa(end))
		x.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, x.s.URL(), x.r.URL.EscapedPath(), q.Encode()))
	}
	page := all[min(at, end):end]
	if page == nil {
		page = []map[string]any{}
	}
	x.json(page)
}

func (x *exchange) json(v any) {
	x.Header().Set("Content-Type", "application/json; charset=utf-8")
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	x.body(data)
}

// find finds a repository, or answers that there is none.
func (x *exchange) find(id string) *Repo {
	auth := x.r.Header.Get("Authorization")
	repo := x.s.repo(id)
	if auth != "" && auth != "Bearer "+x.s.Token {
		x.fail(http.StatusUnauthorized, "", "Invalid credentials in Authorization header")
		return nil
	}
	if repo == nil || (repo.private && auth == "") {
		if auth == "" { // the Hub does not tell strangers which private repositories exist
			x.fail(http.StatusUnauthorized, "RepoNotFound", "Repository not found")
		} else {
			x.fail(http.StatusNotFound, "RepoNotFound", "Repository not found")
		}
		return nil
	}
	return repo
}

func (x *exchange) fail(status int, code, message string) {
	if code != "" {
		x.Header().Set("X-Error-Code", code)
	}
	if message != "" {
		x.Header().Set("X-Error-Message", message)
	}
	x.status(status)
	x.WriteHeader(status)
}

// resolve answers for a file: its bytes, or where they are.
func (x *exchange) resolve(parts []string) {
	id, verb, rest := split(parts, "resolve")
	repo := x.find(id)
	if repo == nil || verb == "" || len(rest) < 2 {
		if repo != nil {
			x.fail(http.StatusNotFound, "", "")
		}
		return
	}
	if repo.moved != "" {
		x.Header().Set("Location", strings.Replace(x.r.URL.EscapedPath(), id, repo.moved, 1))
		x.status(http.StatusTemporaryRedirect)
		x.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	commit, files, ok := repo.at(rest[0])
	if !ok {
		x.fail(http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+rest[0])
		return
	}
	name := strings.Join(rest[1:], "/")
	data, ok := files[name]
	x.Header().Set("X-Repo-Commit", commit)
	switch {
	case repo.gated && x.r.Header.Get("Authorization") == "":
		x.fail(http.StatusUnauthorized, "GatedRepo", "Access to model "+id+" is restricted. You must be authenticated to access it.")
	case !ok:
		x.fail(http.StatusNotFound, "EntryNotFound", "Entry not found")
	case Large(name):
		x.Header().Set("X-Linked-Etag", `"`+x.s.hashes.sha256(data)+`"`)
		x.Header().Set("X-Linked-Size", strconv.Itoa(len(data)))
		x.Header().Set("ETag", `"`+GitSHA1([]byte("pointer "+name))+`"`)
		x.redirect(x.s.cdn.URL + "/" + (&url.URL{Path: id + "/" + commit + "/" + name}).EscapedPath() + "?Signature=secret")
	case x.s.Cached:
		x.redirect("/cached/" + (&url.URL{Path: id + "/resolve/" + commit + "/" + name}).EscapedPath())
	default:
		x.Header().Set("ETag", `"`+GitSHA1(data)+`"`)
		x.bytes(data)
	}
}

func (x *exchange) redirect(to string) {
	x.Header().Set("Location", to)
	x.status(http.StatusFound)
	x.WriteHeader(http.StatusFound)
}

// cached serves a small file after a redirect on the same host.
func (x *exchange) cached(parts []string) {
	id, _, rest := split(parts, "resolve")
	repo := x.s.repo(id)
	commit, files, _ := repo.at(rest[0])
	data := files[strings.Join(rest[1:], "/")]
	x.Header().Set("X-Repo-Commit", commit)
	x.Header().Set("ETag", `W/"`+GitSHA1(data)+`"`)
	x.bytes(data)
}

// routeCDN serves large files: /owner/name/commit/file, or /name/commit/file.
func (s *Server) routeCDN(x *exchange) {
	parts := strings.Split(strings.TrimPrefix(x.r.URL.Path, "/"), "/")
	for i := 1; i <= 2 && i+1 < len(parts); i++ {
		if repo := s.repo(strings.Join(parts[:i], "/")); repo != nil {
			_, files, _ := repo.at(parts[i])
			if data, ok := files[strings.Join(parts[i+1:], "/")]; ok {
				x.Header().Set("ETag", `"cdn-`+s.hashes.sha256(data)[:16]+`"`)
				x.bytes(data)
				return
			}
		}
	}
	x.fail(http.StatusNotFound, "", "")
}
