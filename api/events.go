package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// The events of a stream: how something stands, and how it ended. Nothing follows the last.
const (
	eventState = "state"
	eventDone  = "done"
)

// How often whoever looks on is told, how often that nothing happens, and how long one may take for an event before one is left.
const (
	tellEvery  = 200 * time.Millisecond
	aliveEvery = 15 * time.Second
	slowest    = 10 * time.Second
)

// stream describes a route that gives events with one kind of document.
func (r *routes) stream(o huma.Operation, of reflect.Type) huma.Operation {
	s := &huma.Schema{Type: huma.TypeArray, Description: "Server-sent events: the newest state each time it changes, at most five a second, and how it ended as the last.",
		Items: &huma.Schema{Type: huma.TypeObject, Required: []string{"event", "data"}, Properties: map[string]*huma.Schema{
			"event": {Type: huma.TypeString, Enum: []any{eventState, eventDone}}, "data": r.schema(of, "")}}}
	return r.answers(o, "200", "Events.", map[string]*huma.Schema{"text/event-stream": s})
}

// events is a stream. Whoever is slow or gone is not waited for by anything but the own request.
type events struct {
	w     http.ResponseWriter
	req   *http.Request
	c     *http.ResponseController
	ended <-chan struct{}
	alive *time.Ticker
	next  time.Time // before which nothing is told
}

// events begins a stream.
func (r *routes) events(w http.ResponseWriter, req *http.Request) *events {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	return &events{w: w, req: req, c: http.NewResponseController(w), ended: r.Ended, alive: time.NewTicker(aliveEvery)}
}

func (e *events) close() { e.alive.Stop() }

// send writes an event; false when nobody reads.
func (e *events) send(event string, v any) bool {
	raw, err := json.Marshal(v)
	e.next = time.Now().Add(tellEvery)
	return err == nil && e.write(fmt.Sprintf("event: %s\ndata: %s\n\n", event, raw))
}

func (e *events) write(s string) bool {
	_ = e.c.SetWriteDeadline(time.Now().Add(slowest)) // a recorder of tests has none
	if _, err := e.w.Write([]byte(s)); err != nil {
		return false
	}
	return e.c.Flush() == nil
}

// wait waits for a change, and at least until the next event may be told; false when the stream is to end.
func (e *events) wait(changed <-chan struct{}) bool {
	for changed != nil || time.Now().Before(e.next) {
		var rest <-chan time.Time
		if changed == nil {
			rest = time.After(time.Until(e.next))
		}
		select {
		case <-changed:
			changed = nil
		case <-rest:
		case <-e.alive.C:
			if !e.write(": \n\n") {
				return false
			}
		case <-e.ended:
			return false
		case <-e.req.Context().Done():
			return false
		}
	}
	return true
}
