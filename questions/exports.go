package questions

import (
	"io"
	"slices"

	"github.com/tryall/tryall/qa"
)

// Export is a form that a set can be written in.
type Export struct {
	Name      string
	Extension string
	Type      string // as HTTP names it
	Write     func(io.Writer, *Set) error
	Safe      func(io.Writer, *Set) error // the same for spreadsheets; nil: they do not read it
}

// Exports are all such forms.
var Exports = []Export{
	{"squad", ".json", "application/json", WriteSQuAD, nil},
	{"jsonl", ".jsonl", "application/x-ndjson", WriteJSONL, nil},
	{"csv", ".csv", "text/csv; charset=utf-8", WriteCSV, WriteSafeCSV},
}

// ExportOf is the form of a name, squad where there is none. A safe one is for spreadsheets: its Write is Safe, and its Extension tells
// files of both kinds apart.
func ExportOf(name string, safe bool) (Export, error) {
	if name == "" {
		name = Exports[0].Name
	}
	i := slices.IndexFunc(Exports, func(e Export) bool { return e.Name == name })
	if i < 0 {
		return Export{}, qa.Errorf(qa.Invalid, "format is %q; questions are given as squad, jsonl or csv", name)
	}
	e := Exports[i]
	switch {
	case safe && e.Safe == nil:
		return Export{}, qa.Errorf(qa.Invalid, "only csv is given in a form that is safe in spreadsheets, which do not read %s", name)
	case safe:
		e.Write, e.Extension = e.Safe, ".safe"+e.Extension
	}
	return e, nil
}
