package model

import (
	"slices"
	"strings"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/qa"
)

// wrappers are what training programs put in front of all names of a model: DataParallel, Lightning, torch.compile.
var wrappers = []string{"module", "model", "_orig_mod"}

// encoderScope finds what stands in front of the encoder's names in the file, by the tensor that every checkpoint of the
// architecture has: "bert.", "", "module.bert.".
func encoderScope(set *weights.Set, a *Architecture) (string, error) {
	var scopes []string
	for _, name := range set.Names() {
		if scope, ok := strings.CutSuffix(name, a.Anchor); ok && (scope == "" || strings.HasSuffix(scope, ".")) {
			scopes = append(scopes, scope)
		}
	}
	for _, usual := range []string{a.Prefix + ".", ""} {
		if slices.Contains(scopes, usual) {
			return usual, nil
		}
	}
	switch len(scopes) {
	case 0:
		return "", qa.Errorf(qa.BrokenModel, "no tensor is called %s.%s (found: %s)", a.Prefix, a.Anchor, groups(set.Names()))
	case 1:
	default:
		return "", qa.Errorf(qa.BrokenModel, "more than one encoder: %s", capped(scopes))
	}
	words := strings.Split(strings.TrimSuffix(scopes[0], "."), ".")
	foreign := func(word string) bool { return !slices.Contains(wrappers, word) }
	if words[len(words)-1] != a.Prefix && slices.ContainsFunc(words, foreign) {
		return "", qa.Errorf(qa.BrokenModel, "the encoder's tensors are called %s..., where config.json's model_type makes it %s....",
			shorten(scopes[0]), a.Prefix)
	}
	return scopes[0], nil
}

// rootScope is what stands in front of the head's names where scope stands in front of the encoder's.
func rootScope(scope string, a *Architecture) string {
	if root, ok := strings.CutSuffix(scope, a.Prefix+"."); ok && (root == "" || strings.HasSuffix(root, ".")) {
		return root
	}
	return scope
}

// unused notes every tensor that nothing asked for and that is no known leftover.
func (c *checkpoint) unused(a *Architecture, root string) {
	for _, name := range c.set.Names() {
		if !c.used[name] && !a.leftover(strings.TrimPrefix(strings.TrimPrefix(name, root), a.Prefix+".")) {
			c.broken("tensor %s is not used by %s", shorten(name), a.Types[0])
		}
	}
}

// leftover reports whether a tensor, named without prefix, is of another task's head.
func (a *Architecture) leftover(name string) bool {
	return slices.ContainsFunc(a.Leftovers, func(l string) bool { return name == l || strings.HasPrefix(name, l+".") })
}

// groups lists the first words of tensor names.
func groups(names []string) string {
	var firsts []string
	for _, name := range names {
		first, _, _ := strings.Cut(name, ".")
		firsts = append(firsts, first)
	}
	slices.Sort(firsts)
	return capped(slices.Compact(firsts))
}

// capped joins the first few of a list.
func capped(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	var shown []string
	for _, x := range list[:min(len(list), mostProblems)] {
		shown = append(shown, shorten(x))
	}
	if len(list) > len(shown) {
		shown = append(shown, "...")
	}
	return strings.Join(shown, ", ")
}
