package questions

import "io"

// Export is a form that a set can be written in.
type Export struct {
	Name      string
	Extension string
	Type      string // as HTTP names it
	Write     func(io.Writer, *Set) error
}

// Exports are all such forms.
var Exports = []Export{
	{"squad", ".json", "application/json", WriteSQuAD},
	{"jsonl", ".jsonl", "application/x-ndjson", WriteJSONL},
	{"csv", ".csv", "text/csv; charset=utf-8", WriteCSV},
}
