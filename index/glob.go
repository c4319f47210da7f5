package index

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tryall/tryall/qa"
)

// glob is a pattern for documents: * and ? within a name, ** over folders, {a,b} and [a-z]. A pattern without a slash may fit
// the last name alone, and one that fits a folder fits what lies in it.
type glob struct{ pattern string }

func newGlob(pattern string) (glob, error) {
	pattern = filepath.ToSlash(pattern)
	if !doublestar.ValidatePattern(pattern) {
		return glob{}, qa.Errorf(qa.Invalid, "read the pattern %q: a bracket or a backslash has nothing that belongs to it", pattern)
	}
	return glob{strings.TrimSuffix(pattern, "/")}, nil
}

func (g glob) all() bool { return g.pattern == "" || g.pattern == "**" }

func (g glob) document(id, file string) bool {
	return g.all() || g.name(id) || g.name(filepath.ToSlash(file))
}

func (g glob) name(s string) bool {
	return g.pattern == s || doublestar.MatchUnvalidated(g.pattern, s) || doublestar.MatchUnvalidated(g.pattern+"/**", s) ||
		!strings.Contains(g.pattern, "/") && doublestar.MatchUnvalidated(g.pattern, path.Base(s))
}

// title is whether a title fits; case does not count, and a slash is like any other sign.
func (g glob) title(s string) bool {
	const slash = "\u2215"
	flat := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "/", slash)) }
	return g.all() || doublestar.MatchUnvalidated(flat(g.pattern), flat(s))
}
