package ui

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// Held is a text that a page may ask about.
type Held struct {
	workbench.Text
	ID   string
	Name string // of a file or a sample; empty when it was typed
	// Unkept is why a link to the text will not outlive the server; nil when it will, or need not.
	Unkept error
}

// Summary says what it is in one line.
func (h *Held) Summary() string {
	parts := []string{}
	pages := 0
	for _, m := range h.Marks {
		if m.Kind == qa.MarkPage {
			pages++
		}
	}
	if pages > 0 {
		parts = append(parts, Plural(pages, "page"))
	}
	return strings.Join(append(parts, Plural(len(strings.Fields(h.Text.Text)), "word")), ", ")
}

// Texts are the texts that the server holds between requests: those that were used last, up to a number of bytes. With a folder they lie
// there too, so that they are found when the server was started anew. It may be used from several goroutines at once.
type Texts struct {
	shelf *shelf // nil: memory alone
	mu    sync.Mutex
	limit int
	size  int
	order *list.List // of *Held, used last in front
	at    map[string]*list.Element
	fixed map[string]*Held // samples, which stay
}

// NewTexts makes one that holds at most limit bytes.
func NewTexts(limit int) *Texts {
	return &Texts{limit: limit, order: list.New(), at: map[string]*list.Element{}, fixed: map[string]*Held{}}
}

// KeepIn has texts lie in a folder too, up to limit bytes. It is found when the first text comes.
func (t *Texts) KeepIn(folder func() (string, error), limit int64) { t.shelf = &shelf{folder, limit} }

// heldID is the id of a text: the same for the same text under the same name.
func heldID(name, text string) string {
	sum := sha256.Sum256([]byte(name + "\x00" + text))
	return hex.EncodeToString(sum[:8])
}

// Hold keeps a text and gives it its id, which is the same for the same text.
func (t *Texts) Hold(name string, text workbench.Text) *Held {
	h := &Held{Text: text, ID: heldID(name, text.Text), Name: name}
	if t.shelf != nil {
		h.Unkept = t.shelf.put(h)
	}
	return t.remember(h)
}

// remember holds a text in memory.
func (t *Texts) remember(h *Held) *Held {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.at[h.ID]; e != nil {
		t.order.MoveToFront(e)
		return e.Value.(*Held)
	}
	t.at[h.ID] = t.order.PushFront(h)
	t.size += len(h.Text.Text)
	for t.size > t.limit && t.order.Len() > 1 {
		e := t.order.Back()
		old := e.Value.(*Held)
		t.order.Remove(e)
		delete(t.at, old.ID)
		t.size -= len(old.Text.Text)
	}
	return h
}

// Get gives a text by its id.
func (t *Texts) Get(id string) (*Held, error) {
	if h := t.held(id); h != nil {
		return h, nil
	}
	if t.shelf != nil {
		if h, err := t.shelf.get(id); err == nil {
			return t.remember(h), nil
		}
	}
	return nil, qa.Errorf(qa.NotFound, "the text of this link is no longer held here: paste it, or drop its file, once more")
}

// held is what memory has.
func (t *Texts) held(id string) *Held {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.fixed[id]; h != nil {
		return h
	}
	if e := t.at[id]; e != nil {
		t.order.MoveToFront(e)
		return e.Value.(*Held)
	}
	return nil
}

// fix keeps a text for good.
func (t *Texts) fix(id, name, text string) {
	t.fixed[id] = &Held{Text: workbench.Text{Text: text}, ID: id, Name: name}
}

// Sample is a question over a text that the program carries.
type Sample struct{ Question, Title, Text string }

// SampleSet is a file of questions that the program carries.
type SampleSet = workbench.SampleSet

// SampleQuestion is a sample as pages link to it.
type SampleQuestion struct{ Question, Title, TextID string }

// Add keeps samples under ids that do not change.
func (t *Texts) Add(samples []Sample) []SampleQuestion {
	ids := map[string]string{}
	var out []SampleQuestion
	for _, s := range samples {
		if ids[s.Text] == "" {
			ids[s.Text] = fmt.Sprintf("sample-%d", len(ids)+1)
			t.fix(ids[s.Text], s.Title, s.Text)
		}
		out = append(out, SampleQuestion{s.Question, s.Title, ids[s.Text]})
	}
	return out
}
