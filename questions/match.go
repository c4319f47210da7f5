package questions

import (
	"path"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// ways are how a file of questions may name a document, the surest first.
var ways = []func(name string, d *qa.Document) bool{
	func(name string, d *qa.Document) bool { return string(d.ID) == name },
	func(name string, d *qa.Document) bool { return slashes(d.Source) == slashes(name) },
	func(name string, d *qa.Document) bool {
		return strings.HasSuffix(slashes(d.Source), "/"+strings.TrimLeft(slashes(name), "./"))
	},
	func(name string, d *qa.Document) bool {
		return path.Base(slashes(d.Source)) == path.Base(slashes(name))
	},
	func(name string, d *qa.Document) bool { return strings.EqualFold(stem(d.Source), stem(name)) },
	func(name string, d *qa.Document) bool {
		return strings.EqualFold(normalSpace(d.Title), normalSpace(name))
	},
}

// Match finds the documents that a name means: by id, by path, by the end of a path, by file name, by file name without its
// extension whatever the case, by title whatever the case. The surest of these ways that finds any decides.
func Match(name string, docs []qa.Document) []qa.Document {
	if strings.TrimSpace(name) == "" {
		return nil
	}
	for _, way := range ways {
		if fit := slices.DeleteFunc(slices.Clone(docs), func(d qa.Document) bool { return !way(name, &d) }); len(fit) > 0 {
			return fit
		}
	}
	return nil
}

// slashes is a path without what changes nothing in it.
func slashes(p string) string { return path.Clean(strings.ReplaceAll(p, `\`, "/")) }

// stem is a file's name without its extension. What is no extension stays ("Dr. Who").
func stem(p string) string {
	base := path.Base(slashes(p))
	if ext := path.Ext(base); len(ext) > 1 && len(ext) <= 6 && !strings.ContainsAny(ext, " ") {
		return strings.TrimSuffix(base, ext)
	}
	return base
}
