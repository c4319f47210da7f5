package qa

import "sort"

// MarkKind says what a Mark marks.
type MarkKind string

// The kinds of marks.
const (
	MarkPage    MarkKind = "page"    // Label is the page's number or label
	MarkHeading MarkKind = "heading" // Label is the heading's text
)

// Mark is a place in a document's text from which on something holds: a page, or what stands under a heading, until the
// next mark of the same kind.
type Mark struct {
	At    int      `json:"at"` // byte of the document's text
	Kind  MarkKind `json:"kind"`
	Label string   `json:"label"`
}

// Label is what marks of a kind say of byte at; empty where none stands before it. Marks are sorted by At.
func Label(marks []Mark, kind MarkKind, at int) string {
	for i := sort.Search(len(marks), func(i int) bool { return marks[i].At > at }) - 1; i >= 0; i-- {
		if marks[i].Kind == kind {
			return marks[i].Label
		}
	}
	return ""
}
