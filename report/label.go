package report

import (
	"path"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
)

// cast are the contestants of a report: what each is called in it, and its number, which picks its hue and shape everywhere.
type cast struct {
	number map[string]int
	label  map[string]string
	names  []string // full ones, by number

	replacer *strings.Replacer
}

// newCast numbers contestants in the order of the first round, then of the others, and gives each the shortest of: the
// last part of its id, the id, the id with the beginning of its revision, its full name; with the precision where there
// are several.
func newCast(b *eval.Bakeoff) *cast {
	c := &cast{number: map[string]int{}, label: map[string]string{}}
	var all []*eval.Entrant
	precisions := map[string]bool{}
	for _, r := range rounds(b) {
		for i := range r.Models {
			e := &r.Models[i]
			if _, there := c.number[e.Contestant]; there {
				continue
			}
			c.number[e.Contestant] = len(c.names)
			c.names = append(c.names, e.Contestant)
			all = append(all, e)
			precisions[e.Precision] = true
		}
	}
	precision := func(e *eval.Entrant) string {
		if len(precisions) < 2 || e.Precision == "" {
			return ""
		}
		return " " + e.Precision
	}
	forms := []func(e *eval.Entrant) string{
		func(e *eval.Entrant) string { return path.Base(e.ID) + precision(e) },
		func(e *eval.Entrant) string { return e.ID + precision(e) },
		func(e *eval.Entrant) string { return e.ID + "@" + short(e.Revision, 9) + precision(e) },
		func(e *eval.Entrant) string { return e.Contestant },
	}
	for _, form := range forms {
		same := map[string]int{}
		for _, e := range all {
			same[visible(form(e))]++
		}
		for _, e := range all {
			if l := visible(form(e)); c.label[e.Contestant] == "" && e.ID != "" && same[l] == 1 {
				c.label[e.Contestant] = l
			}
		}
	}
	return c
}

// of is what a contestant is called; its own name where it is not of the cast.
func (c *cast) of(contestant string) string {
	if l := c.label[contestant]; l != "" {
		return l
	}
	return visible(contestant)
}

// list is "A", "A and B", "A, B and C".
func (c *cast) list(names []string) string {
	labels := make([]string, len(names))
	for i, n := range names {
		labels[i] = c.of(n)
	}
	if len(labels) < 2 {
		return strings.Join(labels, "")
	}
	last := len(labels) - 1
	return strings.Join(labels[:last], ", ") + " and " + labels[last]
}

// in writes a sentence with the short names. Full names have a colon before their precision; others are left as they are,
// for a word might look like them.
func (c *cast) in(sentence string) string {
	if c.replacer == nil {
		names := slices.DeleteFunc(slices.Clone(c.names), func(n string) bool { return !strings.ContainsAny(n, ":@/") })
		slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) }) // the longest that fits wins
		var pairs []string
		for _, n := range names {
			pairs = append(pairs, visible(n), c.of(n))
		}
		c.replacer = strings.NewReplacer(pairs...)
	}
	return c.replacer.Replace(visible(sentence))
}

// rounds are all of a bake-off.
func rounds(b *eval.Bakeoff) []*eval.Round {
	out := []*eval.Round{&b.Round}
	for i := range b.Also {
		out = append(out, &b.Also[i])
	}
	return out
}
