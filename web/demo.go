package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ask"
	"github.com/tryall/tryall/web/compare"
	"github.com/tryall/tryall/web/ui"
)

// Demo is what a customer is shown: Ask and Compare, with the models that Config names and the project's corpus.
type Demo struct {
	Title      string // on every page; empty: the program's name
	Logo       []byte // an SVG or a PNG; empty: none
	CorpusOnly bool   // no text is asked but the corpus
}

// demoPanels are the screens of a demonstration.
var demoPanels = []ui.Panel{ask.Panel, compare.Panel}

// demoRoutes are what a demonstration answers. All that is not named here is not there, whatever the server has besides.
var demoRoutes = []string{
	"GET /healthz", "GET /static/", "GET " + logoPath,
	"GET /{$}", "POST /ask", "GET /ask/answer",
	"GET /compare", "POST /compare", "GET /compare/events",
	"POST /api/ask", "POST /api/compare", "GET /api/models",
}

// ownTextRoutes are those that take texts of a visitor's own.
var ownTextRoutes = []string{"POST /ask/file", "POST /compare/file", "POST /models/{id...}"}

// only lets through what a demonstration answers: of its routes, and of those that ask, the ones that name models that are shown.
func (d *Demo) only(all http.Handler, models []string, absent http.HandlerFunc) http.Handler {
	open := http.NewServeMux()
	chosen := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, m := range r.URL.Query()["m"] {
			if m = strings.TrimSpace(m); m != "" && !slices.Contains(models, m) {
				absent(w, r)
				return
			}
		}
		all.ServeHTTP(w, r)
	})
	routes := demoRoutes
	if !d.CorpusOnly {
		routes = append(routes[:len(routes):len(routes)], ownTextRoutes...)
	}
	for _, r := range routes {
		open.Handle(r, chosen)
	}
	open.HandleFunc("/", absent)
	return open
}

// show has a server show a demonstration and no more: its workbench knows the models that were named and no others.
func (c *Config) show() ([]ui.Panel, *ui.Demo, error) {
	if len(c.Models) == 0 {
		return nil, nil, qa.Errorf(qa.Invalid, "a demonstration shows the models that are named; none is")
	}
	c.Bench, c.Samples, c.SampleSets = c.Bench.Only(c.Models, c.Demo.CorpusOnly), nil, nil
	c.Models = c.Bench.Defaults() // as they are called there
	shown, err := c.Demo.show()
	return demoPanels, shown, err
}

// show is the demonstration as pages take it.
func (d *Demo) show() (*ui.Demo, error) {
	out := &ui.Demo{Title: d.Title, CorpusOnly: d.CorpusOnly}
	if len(d.Logo) == 0 {
		return out, nil
	}
	kind, err := logoType(d.Logo)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(d.Logo)
	out.Logo, out.LogoType = logoPath+"?v="+hex.EncodeToString(sum[:6]), kind
	return out, nil
}

const logoPath = "/demo/logo"

// MaxLogo is how many bytes a logo may have.
const MaxLogo = 1 << 20

// logoPolicy has an SVG that is opened by itself load nothing and run nothing.
const logoPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

// serveLogo serves the picture beside the title.
func (d *Demo) serveLogo(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if kind == "" {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Security-Policy", logoPolicy)
		h.Set("Cache-Control", "public, max-age=86400")
		_, _ = w.Write(d.Logo)
	}
}

// logoType tells an SVG and a PNG by their contents.
func logoType(data []byte) (string, error) {
	switch {
	case len(data) > MaxLogo:
		return "", qa.Errorf(qa.Invalid, "the logo has more than %s", ui.Size(MaxLogo))
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", nil
	case isSVG(data):
		return "image/svg+xml", nil
	}
	return "", qa.Errorf(qa.Invalid, "the logo is neither an SVG nor a PNG")
}

// isSVG says whether the first element is that of a drawing, and the rest is well formed.
func isSVG(data []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := false
	for {
		token, err := d.Token()
		if err != nil {
			return root && errors.Is(err, io.EOF)
		}
		if e, ok := token.(xml.StartElement); ok && !root {
			if e.Name.Local != "svg" || e.Name.Space != "http://www.w3.org/2000/svg" {
				return false
			}
			root = true
		}
	}
}
