package corpus

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// The names under which tables and JSON objects keep what a document consists of, the most telling first.
var (
	textNames  = []string{"text", "content", "contents", "body", "context", "passage", "article", "document", "fulltext", "full_text", "abstract", "description", "summary", "paragraph", "answer_text"}
	titleNames = []string{"title", "name", "heading", "headline", "subject", "document_title"}
	idNames    = []string{"id", "_id", "doc_id", "docid", "document_id", "uid", "uuid", "key"}
)

// plainName is a column's or key's name as it is looked up.
func plainName(s string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(s, "\ufeff"))))
}

// pick is the index of the most telling name; -1 for none.
func pick(names []string, wanted []string) int {
	for _, w := range wanted {
		if i := slices.Index(names, w); i >= 0 {
			return i
		}
	}
	return -1
}

// records collects documents from the rows of a file. The same text under the same title is kept once.
type records struct {
	in       Input
	docs     []qa.Document
	ids      map[string]bool
	seen     map[uint64][]int // documents by hash
	seed     maphash.Seed
	again    int
	renamed  int
	blank    int
	blankAt  string
	warnings []string
}

func newRecords(in Input) *records {
	return &records{in: in, ids: map[string]bool{}, seen: map[uint64][]int{}, seed: maphash.MakeSeed()}
}

// add adds a document. place says where it stands in the file ("7"), and is its id where it has none or an earlier one has the same.
func (r *records) add(id, place, title, text string, marks []qa.Mark) error {
	if strings.TrimSpace(text) == "" {
		if r.blank++; r.blank == 1 {
			r.blankAt = place
		}
		return nil
	}
	if int64(len(text)) > r.in.Limits.Text {
		return fmt.Errorf("record %s: %w", place, tooMuchText(r.in.Limits.Text))
	}
	var h maphash.Hash
	h.SetSeed(r.seed)
	_, _ = h.WriteString(title + "\x00" + text) // never fails
	for _, i := range r.seen[h.Sum64()] {
		if r.docs[i].Text == text && r.docs[i].Title == title {
			r.again++
			return nil
		}
	}
	if len(r.docs) >= r.in.Limits.Documents {
		return fmt.Errorf("it holds more than %d documents, the most one file may have; split it", r.in.Limits.Documents)
	}
	r.seen[h.Sum64()] = append(r.seen[h.Sum64()], len(r.docs))
	switch id = oneLine(id); {
	case id == "":
		id = place
	case r.ids[id] || len(id) > 200:
		id = place
		r.renamed++
	}
	for r.ids[id] {
		id += "'"
	}
	r.ids[id] = true
	r.docs = append(r.docs, qa.Document{ID: qa.DocumentID(r.in.Name + "#" + id), Title: title, Text: text, Marks: marks})
	return nil
}

// finish is what was collected, with what has to be said about it.
func (r *records) finish(unit string) ([]qa.Document, []string, error) {
	if len(r.docs) == 0 {
		return nil, nil, errNoText
	}
	if r.blank > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("%d of its records have no text and are left out, the first at %s %s", r.blank, unit, r.blankAt))
	}
	if r.again > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("%d of its records repeat an earlier one and are kept once", r.again))
	}
	if r.renamed > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("%d of its ids are too long or occur before; those documents are named by their %s", r.renamed, unit))
	}
	return r.docs, r.warnings, nil
}

// leftOut says which columns or keys are in no document.
func (r *records) leftOut(what string, names []string) {
	if len(names) == 0 {
		return
	}
	more := ""
	if len(names) > 8 {
		names, more = names[:8], " and more"
	}
	r.warnings = append(r.warnings, fmt.Sprintf("only text, title and id are read; left out: the %s %s%s", what, strings.Join(names, ", "), more))
}
