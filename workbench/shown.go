package workbench

import (
	"cmp"
	"path"
	"path/filepath"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Shown is what people are shown of the name of a file or document: of one that was sent the name that it was sent under, since where
// the copy lies was no choice of theirs. All others are called as they are.
func (p *Project) Shown(name string) string {
	return strings.TrimPrefix(name, p.Name(p.uploaded())+"/")
}

// ShownIn is a message with such names in it.
func (p *Project) ShownIn(message string) string {
	folder := p.uploaded() + string(filepath.Separator)
	return strings.NewReplacer(folder, "", filepath.ToSlash(folder), "", p.Name(p.uploaded())+"/", "").Replace(message)
}

// Shown is what people are shown of the name of a document that an answer is from.
func (r *Result) Shown(doc string) string {
	if r.shown == nil {
		return doc
	}
	return r.shown(doc)
}

// hideFolders leaves of files outside the project no more than their names: where they lie is nobody's concern who is shown something.
func (r *Result) hideFolders() {
	for _, list := range [][]Answer{r.Answers, r.Closest} {
		for i := range list {
			list[i].Document = r.withoutFolder(list[i].Document)
		}
	}
	r.best.Document = r.withoutFolder(r.best.Document)
	r.shown = nil
}

func (r *Result) withoutFolder(doc string) string {
	// What follows the file's name in an id may hold slashes of its own.
	file := cmp.Or(r.texts[qa.DocumentID(doc)].Source, doc)
	if doc = r.Shown(doc); filepath.IsAbs(doc) {
		doc = strings.TrimPrefix(doc, strings.TrimSuffix(file, path.Base(file)))
	}
	return doc
}
