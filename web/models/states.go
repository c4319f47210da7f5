package models

import (
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state.
func states() []ui.State {
	var here []workbench.Entry
	for _, m := range ui.StateModels() {
		e := m.Entry
		e.Revision, e.Architecture, e.SizeBytes = "0123456789", "bert", 45_900_000
		here = append(here, e)
	}
	broken := here[4]
	broken.ID, broken.Runnable, broken.Reason = "someone/half-a-model", false, "model.safetensors ends after 12 of 498 MB; go on with its download"
	found := &workbench.Search{More: true, TooLarge: 3, UnknownSize: 1, Cached: true, At: time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC), Models: []workbench.Found{
		{ID: "deepset/roberta-base-squad2", Downloads: 812_345, SizeBytes: 496_000_000, MemoryBytes: 780_000_000, License: "cc-by-4.0", Abstains: hub.AbstainsYes, AbstainsWhy: "its card names squad_v2", Runnable: true, Here: true},
		{ID: "deepset/minilm-uncased-squad2", Downloads: 90_210, SizeBytes: 132_000_000, MemoryBytes: 300_000_000, License: "cc-by-4.0", Abstains: hub.AbstainsYes, Runnable: true},
		{ID: "google/bigbird-base-trivia-itc", Downloads: 1_201, SizeBytes: 512_000_000, License: "apache-2.0", Abstains: hub.AbstainsUnknown, Reason: "big_bird does not run; bert, roberta, distilbert do"}}}
	list := []struct {
		name string
		view
	}{
		{"empty", view{Local: here[:4]}},
		{"busy", view{Local: here[:4], Downloads: []workbench.PullStatus{{ID: "deepset/roberta-base-squad2", State: workbench.PullGoing, Bytes: 210e6, SizeBytes: 499e6, BytesPerSecond: 12.4e6, SecondsLeft: 23}, {ID: "deepset/minilm-uncased-squad2", State: workbench.PullWaiting}}}},
		{"full", view{Local: append(append([]workbench.Entry{}, here...), broken), Search: search{Asked: true, Text: "squad2", Size: "600MB", Found: found}, Downloads: []workbench.PullStatus{{ID: "deepset/roberta-base-squad2", State: workbench.PullDone, Model: &workbench.Pulled{SizeBytes: 499e6, Runnable: true}}}}},
		{"failed", view{Local: here[:4], Search: search{Asked: true, Text: "squad2", Err: qa.Errorf(qa.Unavailable, "the Hub does not answer: connection refused; try again, or work with what is here")},
			Downloads: []workbench.PullStatus{{ID: "deepset/roberta-base-squad2", State: workbench.PullPaused, Bytes: 210e6, SizeBytes: 499e6}, {ID: "someone/gated", State: workbench.PullFailed, Err: qa.Errorf(qa.Forbidden, "someone/gated is gated: accept its terms on its page and set HF_TOKEN")}}}},
		{"none-found", view{Local: here[:4], Search: search{Asked: true, Text: "xylophone", Found: &workbench.Search{}}}},
	}
	var all []ui.State
	for _, s := range list {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return all
}
