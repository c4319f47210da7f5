package runs

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
)

const (
	rowsAPage   = 100
	mostColumns = 12 // shown unless others are picked
)

// matrixQuery is the state of the matrix: what its address holds.
type matrixQuery struct {
	Mode   string
	Show   string // of filters
	Text   string // to look for in questions and answers
	Page   int    // from 1 on
	Models []int  // numbers of the contestants that are shown; none: the first ones

	unknown []string // what the address asks for and there is not, in sentences
}

func parseMatrix(v url.Values) matrixQuery {
	q := matrixQuery{Mode: v.Get("mode"), Show: cmp.Or(v.Get("show"), v.Get("filter")), Text: strings.TrimSpace(v.Get("q")), Page: 1}
	if s := v.Get("page"); s != "" {
		if n, err := strconv.Atoi(s); err == nil && n >= 1 {
			q.Page = n
		} else {
			q.unknown = append(q.unknown, "There is no page "+quoted(s)+"; this is the first.")
		}
	}
	if !slices.ContainsFunc(filters, func(f filter) bool { return f.Name == q.Show }) {
		q.unknown = append(q.unknown, "There is no filter "+quoted(q.Show)+"; all questions are shown.")
		q.Show = ""
	}
	for _, s := range v["m"] {
		if n, err := strconv.Atoi(s); err == nil && !slices.Contains(q.Models, n) {
			q.Models = append(q.Models, n)
		}
	}
	return q
}

// quoted is what an address says, as a page may repeat it.
func quoted(s string) string { return "“" + ui.Visible(ui.Shorten(s, 40)) + "”" }

func (q matrixQuery) values() url.Values {
	v := url.Values{}
	for key, s := range map[string]string{"mode": q.Mode, "show": q.Show, "q": q.Text} {
		if s != "" {
			v.Set(key, s)
		}
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	for _, n := range q.Models {
		v.Add("m", strconv.Itoa(n))
	}
	return v
}

// with is the query changed, from its first page on.
func (q matrixQuery) with(change func(*matrixQuery)) matrixQuery {
	q.Page = 1
	change(&q)
	return q
}

// matrixView is the matrix as its template takes it.
type matrixView struct {
	screen
	Query   matrixQuery
	Modes   []string
	Grid    *grid
	Columns []int // of Grid.contestants
	Rows    []*gridRow
	Found   int // rows of the filter and the text, on all pages
	Judged  map[string][]store.Judgement
	Why     error // questions cannot be judged here
}

func (v *matrixView) pages() int { return max(1, (v.Found+rowsAPage-1)/rowsAPage) }

// pick picks the rows and columns of a query.
func (v *matrixView) pick() {
	g := v.Grid
	for i, c := range g.contestants {
		n, _ := v.Names.Number(c)
		if len(v.Query.Models) == 0 && i < mostColumns || slices.Contains(v.Query.Models, n) {
			v.Columns = append(v.Columns, i)
		}
	}
	at := slices.IndexFunc(filters, func(f filter) bool { return f.Name == v.Query.Show })
	looked := strings.ToLower(v.Query.Text)
	var all []*gridRow
	for i := range g.rows {
		if r := &g.rows[i]; r.filters&(1<<at) != 0 && r.has(looked) {
			all = append(all, r)
		}
	}
	v.Found = len(all)
	if last := v.pages(); v.Query.Page > last {
		v.Query.unknown = append(v.Query.unknown, fmt.Sprintf("There is no page %d; this is the last.", v.Query.Page))
		v.Query.Page = last
	}
	from := (v.Query.Page - 1) * rowsAPage
	v.Rows = all[from:min(from+rowsAPage, len(all))]
}

// inOrder are the contestants of a run that is not over in the order of the models that it was asked to race, which are named more
// shortly; one that has answered nothing yet keeps its place by that name.
func inOrder(asked, contestants []string) []string {
	out, left := slices.Clone(asked), slices.Clone(contestants)
	for i, m := range asked {
		k := slices.IndexFunc(left, func(c string) bool {
			return c == m || strings.HasPrefix(c, m+"@") || strings.HasPrefix(c, m+":")
		})
		if k >= 0 {
			out[i] = left[k]
			left = slices.Delete(left, k, k+1)
		}
	}
	return append(out, left...)
}

// has says whether a text, in small letters, stands in the question, in its right answers or in what was answered.
func (r *gridRow) has(text string) bool {
	if text == "" {
		return true
	}
	in := func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
	return in(r.text) || in(r.id) || slices.ContainsFunc(r.golds, in) || r.any(func(c *gridCell) bool { return in(c.text) })
}

// matrix shows where contestants are wrong, and where they differ.
func (p panel) matrix(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "matrix", "Matrix")
	if f == nil {
		return
	}
	v, err := p.matrixOf(r, f, parseMatrix(r.URL.Query()))
	status := http.StatusOK
	if err != nil {
		v.Err, status = err, ui.StatusOf(err)
	}
	writeZipped(w, r, status, matrixPage(v))
}

func (p panel) matrixOf(r *http.Request, f *found, q matrixQuery) (matrixView, error) {
	v := matrixView{screen: f.screen, Query: q, Modes: f.modes(), Grid: &grid{}}
	if !slices.Contains(v.Modes, q.Mode) {
		v.Query.unknown = append(v.Query.unknown, unknownMode(q.Mode)...)
		if v.Query.Mode = ""; len(v.Modes) > 0 {
			v.Query.Mode = v.Modes[0]
		}
	}
	g, err := p.grid(r.Context(), f, v.Query.Mode)
	if err != nil {
		return v, err
	}
	v.Grid = g
	if v.Run.Bakeoff == nil {
		v.Names = eval.NewNames(inOrder(v.Run.Spec.Models, g.contestants))
	}
	v.pick()
	if !g.judged {
		v.Why = errFiles
		return v, nil
	}
	v.Judged, err = judgedOf(r.Context(), f, v.Rows)
	return v, err
}

var errFiles = qa.Errorf(qa.Invalid, "the questions of this run were read from files, which tryall does not write: to say here that an answer is right too, import the file on the page Questions (or with tryall questions import FILE) and race over the imported set; or add the answer to the file by hand")

// writeZipped writes a page of many like lines in a tenth of its size, where the browser can read that. Nothing that is secret may
// stand in it beside what others choose.
func writeZipped(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	w.Header().Set("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		ui.Write(w, r, status, page)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		ui.Write(w, r, status, page)
		return
	}
	defer z.Close()
	ui.Write(zipped{w, z}, r, status, page)
}

// zipped is a response whose body goes through a writer.
type zipped struct {
	http.ResponseWriter
	body *gzip.Writer
}

func (z zipped) Write(b []byte) (int, error) { return z.body.Write(b) }
