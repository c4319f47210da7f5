package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// printJSON writes one indented JSON value.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// lines writes lines to stdout.
func (a *app) lines(lines ...string) error {
	_, err := io.WriteString(a.stdout, strings.Join(lines, "\n")+"\n")
	return err
}

// warn says something on stderr that is no failure.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.stderr, "tryall: %s\n", visible(fmt.Sprintf(format, args...)))
}

// status is a line on stderr that is written over and taken away at the end. It is silent where nobody looks.
type status struct {
	w     io.Writer
	t     terminal
	shown bool
}

func (a *app) status() *status { return &status{w: a.stderr, t: a.err} }

func (s *status) set(format string, args ...any) {
	if s.t.tty {
		fmt.Fprintf(s.w, "\r\x1b[K%s", shorten(visible(fmt.Sprintf(format, args...)), s.t.width-1))
		s.shown = true
	}
}

func (s *status) clear() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}
