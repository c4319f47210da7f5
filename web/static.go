package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/tryall/tryall/report"
)

// The files that pages need: nothing comes from elsewhere. htmx.min.js is dist/htmx.min.js of the npm package that package.json pins.
// What is in css and js is served as one app.css and one app.js, in the order of its names.
//
//go:embed static
var staticFiles embed.FS

// asset is a file as it is served.
type asset struct {
	kind string
	body []byte
}

var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".LICENSE": "text/plain; charset=utf-8"}

// assets are the files by name, and a version that changes with any of them.
func assets() (map[string]asset, string, error) {
	out := map[string]asset{}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, "", err
	}
	for _, joined := range []string{"css", "js"} {
		body, err := join("static/" + joined)
		if err != nil {
			return nil, "", err
		}
		if joined == "css" {
			body = append([]byte(palette()), body...)
		}
		out["app."+joined] = asset{assetKinds["."+joined], body}
	}
	for _, e := range entries {
		kind := assetKinds[path.Ext(e.Name())]
		if kind == "" {
			continue // of the making
		}
		body, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, "", err
		}
		out[e.Name()] = asset{kind, body}
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(out)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(out[name].body))
		sum.Write(out[name].body)
	}
	return out, hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// join puts the files of a folder together.
func join(folder string) (all []byte, err error) {
	entries, err := staticFiles.ReadDir(folder) // in the order of their names
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := staticFiles.ReadFile(folder + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, body...)
	}
	return all, nil
}

// palette is what begins the style sheet: the colours of reports, by the system's theme or by the one that was chosen.
func palette() string {
	light, dark, classes := report.Palette()
	return fmt.Sprintf(":root{color-scheme:light;%s}\n@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;%s}}\n:root[data-theme=dark]{color-scheme:dark;%s}\n%s",
		light, dark, dark, classes)
}

// Static serves the static files, and gives their version.
func Static() (http.Handler, string, error) {
	files, version, err := assets()
	if err != nil {
		return nil, "", err
	}
	return serveAssets(files, version), version, nil
}

// serveAssets serves the files. Their addresses hold their version, so they may be kept for good.
func serveAssets(files map[string]asset, version string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/static/")
		a, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", a.kind)
		if r.URL.Query().Get("v") == version {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		_, _ = w.Write(a.body)
	}
}
