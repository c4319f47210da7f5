package ui

import (
	"net/url"
	"slices"
	"strings"
)

// Query is the state of the pages that ask: what the address holds, so that a link shows the same thing to a colleague.
type Query struct {
	Question string
	Corpus   bool   // ask the project's corpus
	Text     string // as it was typed, where it is short enough for an address
	TextID   string // of a text that the server holds
	Models   []string
	Sort     string            // Compare: SortChosen, SortAnswer, SortConfidence, SortSpeed
	Pinned   []string          // Compare: two contestants to look at side by side
	Knobs    map[string]string // by the names of Knobs; what is not there is left to its default
}

// The orders of Compare.
const (
	SortChosen     = ""
	SortAnswer     = "answer"
	SortConfidence = "confidence"
	SortSpeed      = "speed"
)

// inAddress is how many bytes of a typed text an address may hold; a longer one is held by the server.
const inAddress = 1500

// ParseQuery reads a form or an address. Nothing in it can be wrong: what does not parse is told beside its knob.
func ParseQuery(v url.Values) Query {
	q := Query{Question: strings.TrimSpace(v.Get("q")), Corpus: v.Get("from") == "corpus", Text: strings.ReplaceAll(v.Get("c"), "\r\n", "\n"), TextID: v.Get("t"),
		Sort: v.Get("sort"), Knobs: map[string]string{}}
	for _, m := range v["m"] {
		if m = strings.TrimSpace(m); m != "" && !slices.Contains(q.Models, m) {
			q.Models = append(q.Models, m)
		}
	}
	for _, p := range v["pin"] {
		if p != "" && !slices.Contains(q.Pinned, p) && len(q.Pinned) < 2 {
			q.Pinned = append(q.Pinned, p)
		}
	}
	for _, k := range Knobs {
		if s := strings.TrimSpace(v.Get(k.Name)); s != "" {
			q.Knobs[k.Name] = s
		}
	}
	return q
}

// Values are the query as an address has it.
func (q Query) Values() url.Values {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	set("q", q.Question)
	switch {
	case q.Corpus:
		v.Set("from", "corpus")
	case q.TextID != "":
		v.Set("t", q.TextID)
	default:
		set("c", q.Text)
	}
	if len(q.Models) > 0 {
		v["m"] = q.Models
	}
	if len(q.Pinned) > 0 {
		v["pin"] = q.Pinned
	}
	set("sort", q.Sort)
	for name, value := range q.Knobs {
		set(name, value)
	}
	return v
}

// At is the address of the query under a path.
func (q Query) At(path string) string {
	if v := q.Values(); len(v) > 0 {
		return path + "?" + v.Encode()
	}
	return path
}

// WithModels is the query with other models.
func (q Query) WithModels(models ...string) Query {
	q.Models, q.Pinned = models, nil
	return q
}

// WithSort is the query in another order.
func (q Query) WithSort(sort string) Query {
	q.Sort = sort
	return q
}

// WithKnob is the query with another value of a knob; an empty one is its default.
func (q Query) WithKnob(name, value string) Query {
	knobs := map[string]string{}
	for k, v := range q.Knobs {
		knobs[k] = v
	}
	if knobs[name] = value; value == "" {
		delete(knobs, name)
	}
	q.Knobs = knobs
	return q
}

// Anyway is the query with "no answer" ruled out; ok is false where the decoder has no such thing.
func (q Query) Anyway() (out Query, ok bool) {
	switch d := q.Decoder(); {
	case (d == "gap" || d == "hf") && q.Knobs["no_answer"] != "false":
		return q.WithKnob("no_answer", "false"), true
	case d == "squad" && q.Knobs["v2"] == "true":
		return q.WithKnob("v2", ""), true
	}
	return q, false
}

// WithoutKnobs is the query with everything at its default.
func (q Query) WithoutKnobs() Query {
	q.Knobs = nil
	return q
}

// Pin is the query with one more contestant to look at side by side; one that is pinned is let go.
func (q Query) Pin(contestant string) Query {
	if i := slices.Index(q.Pinned, contestant); i >= 0 {
		q.Pinned = slices.Delete(slices.Clone(q.Pinned), i, i+1)
		return q
	}
	pinned := append(slices.Clone(q.Pinned), contestant)
	q.Pinned = pinned[max(0, len(pinned)-2):]
	return q
}

// HasText says whether there is something to ask.
func (q Query) HasText() bool { return q.Corpus || q.TextID != "" || strings.TrimSpace(q.Text) != "" }
