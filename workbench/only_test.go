package workbench

import (
	"context"
	"slices"
	"testing"

	"github.com/tryall/tryall/qa"
)

type oneDoc struct {
	id   qa.DocumentID
	text string
}

func (d oneDoc) Document(_ context.Context, id qa.DocumentID) (qa.Document, error) {
	return qa.Document{ID: id, Text: d.text}, nil
}

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
	if all, err := w.FindAll(nil, ""); err != nil || len(all) != 1 || all[0].ID != m.ID {
		t.Errorf("%v, %v", all, err)
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
	docs := oneDoc{"/home/somebody/lease.txt", "it is here"}
	asked := Ask{Question: "it", Corpus: &Retrieved{Docs: docs, Hits: []qa.Hit{{Passage: qa.Passage{Doc: docs.id, Range: qa.Range{End: len(docs.text)}, Text: docs.text}}}}}
	if out, err := s.Ask(t.Context(), []Ask{asked}); err != nil || out[0].Result.Answers[0].Document != "lease.txt" {
		t.Errorf("%v, %+v", err, out)
	}
	if _, err := s.Inspect(t.Context(), Ask{Question: "it", Context: "it is here"}); qa.CodeOf(err) != qa.Forbidden {
		t.Errorf("%v", err)
	}
	if list, _, err := whole.List(t.Context()); err != nil || !slices.ContainsFunc(list, func(e Entry) bool { return e.ID == "tryall/can" }) {
		t.Errorf("the whole one has changed: %v, %v", list, err)
	}
}
