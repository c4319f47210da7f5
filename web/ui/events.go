package ui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Events is a stream of parts of a page. Each takes the place of the element with its id.
type Events struct {
	w http.ResponseWriter
	c *http.ResponseController
}

// slowest is how long a client may take for one event before it is left.
const slowest = 10 * time.Second

// Stream begins a stream.
func Stream(w http.ResponseWriter) *Events {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	return &Events{w, http.NewResponseController(w)}
}

// Part sends parts of the page.
func (e *Events) Part(ctx context.Context, parts ...templ.Component) error {
	var b bytes.Buffer
	for _, p := range parts {
		if err := p.Render(ctx, &b); err != nil {
			return err
		}
	}
	return e.send("part", b.String())
}

// Done says that nothing follows, so that the browser does not call again; the text is read out.
func (e *Events) Done(text string) error { return e.send("done", text) }

// Alive shows both sides that the other is there.
func (e *Events) Alive() error { return e.write(": \n\n") }

func (e *Events) send(event, data string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "event: %s\n", event)
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data), "\n") {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	b.WriteString("\n")
	return e.write(b.String())
}

func (e *Events) write(s string) error {
	_ = e.c.SetWriteDeadline(time.Now().Add(slowest)) // a recorder of tests has none
	if _, err := e.w.Write([]byte(s)); err != nil {
		return err
	}
	return e.c.Flush()
}
