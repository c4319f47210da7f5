package workbench

import (
	"slices"
	"testing"

	"github.com/tryall/tryall/qa"
)

// TestOnly: what is not shown is not found, listed or asked, under whatever name.
func TestOnly(t *testing.T) {
	whole, _ := fakeBench()
	w := whole.Only([]string{"tryall/cannot"}, true)
	for _, name := range []string{"tryall/can", "tryall/cannot@1", "tryall/cannot:int8", "./testdata", ""} {
		if _, err := w.Find(name, ""); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := w.FindShared(name, "", []string{name}); err == nil {
			t.Errorf("%q is shared", name)
		}
	}
	m, err := w.Find("tryall/cannot", "")
	if err != nil {
		t.Fatal(err)
	}
	if list, _, err := w.List(t.Context()); err != nil || len(list) != 1 || list[0].ID != "tryall/cannot" {
		t.Errorf("%v, %v", list, err)
	}
	pool := w.NewPool(0, nil)
	defer pool.Close()
	s, release, err := pool.Use(t.Context(), m, Params{})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	out, err := s.Ask(t.Context(), []Ask{{Question: "it", Context: "it is here"}, {Question: "it", Corpus: &Retrieved{Hits: []qa.Hit{{Passage: qa.Passage{Text: "nothing"}}}}}})
	if err != nil || qa.CodeOf(out[0].Err) != qa.Forbidden || out[1].Err != nil {
		t.Errorf("%v, %+v", err, out)
	}
	if _, err := s.Inspect(t.Context(), Ask{Question: "it", Context: "it is here"}); qa.CodeOf(err) != qa.Forbidden {
		t.Errorf("%v", err)
	}
	if list, _, err := whole.List(t.Context()); err != nil || !slices.ContainsFunc(list, func(e Entry) bool { return e.ID == "tryall/can" }) {
		t.Errorf("the whole one has changed: %v, %v", list, err)
	}
}
