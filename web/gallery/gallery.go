// Package gallery shows every panel in every state of its states.go, without an engine: for people who change how a page looks, and for
// tests.
package gallery

import (
	"fmt"
	"html"
	"net/http"
	"time"

	"github.com/tryall/tryall/web"
	"github.com/tryall/tryall/web/ui"
)

// Handler serves an index at /, each state at /panel/state, and the static files.
func Handler() (http.Handler, error) {
	static, version, err := web.Static()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", static)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html><title>Gallery</title><ul>")
		for _, s := range All() {
			fmt.Fprintf(w, `<li><a href="/%[1]s">%[1]s</a></li>`, html.EscapeString(s.Path))
		}
		fmt.Fprint(w, "</ul>")
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { // parts and events: nothing follows
		if r.Header.Get("Accept") == "text/event-stream" {
			_ = ui.Stream(w).Alive()
			select { // a browser has few connections to one host, so that none is held for long
			case <-r.Context().Done():
			case <-time.After(time.Second):
			}
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	for _, s := range All() {
		mux.HandleFunc("GET /"+s.Path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", web.Policy)
			ui.Write(w, r, http.StatusOK, s.Body(ui.Frame{Title: s.Path, Active: s.Panel, Panels: web.Panels, Assets: version}))
		})
	}
	return mux, nil
}

// Shown is a panel in a state.
type Shown struct {
	Panel, Path string
	ui.State
}

// All are the states of all panels.
func All() []Shown {
	var out []Shown
	for _, p := range web.Panels {
		for _, s := range p.States() {
			out = append(out, Shown{p.Name, p.Name + "/" + s.Name, s})
		}
	}
	return out
}
