package questions

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Format is one kind of file.
type Format struct {
	Name, About string
	Extensions  []string
	// Sniff says whether a text looks like this format. It is asked where the extension leaves a choice.
	Sniff func(text []byte) bool
	// Read fills the set with the questions of a text, which is UTF-8. Its errors name the line.
	Read func(ctx context.Context, text []byte, set *Set) error
}

// Formats are all formats. Where more than one fits a name, the first that recognises the text reads it.
var Formats = []Format{
	{
		Name: "squad", Extensions: []string{".json"}, Sniff: looksLikeSQuAD, Read: readSQuAD,
		About: "SQuAD 1.1 and 2.0: articles of paragraphs with questions, answers and their positions",
	},
	{
		Name: "jsonl", Extensions: []string{".jsonl", ".ndjson", ".json"}, Sniff: looksLikeJSONLines, Read: readJSONLines,
		About: "JSON lines: on each line an object {question, answer or answers, document?, context?, id?, impossible?}, or the text of a question",
	},
	{
		Name: "json", Extensions: []string{".json"}, Sniff: func(text []byte) bool { return firstByte(text) == '[' }, Read: readJSONList,
		About: "a JSON list of the objects that JSON lines have",
	},
	{
		Name: "csv", Extensions: []string{".csv", ".txt"}, Sniff: looksLikeCSV, Read: readCSV,
		About: "a table with the columns question, answer (answer2, ...), document, context, id, impossible; separated by comma, semicolon, tab or |",
	},
	{
		Name: "tsv", Extensions: []string{".tsv", ".tab", ".txt"}, Sniff: looksLikeTSV, Read: readTSV,
		About: "the same, separated by tabs",
	},
	{
		Name: "list", Extensions: []string{".txt", ".text", ".list"}, Sniff: func(text []byte) bool { return !bytes.ContainsAny(text[:min(1, len(text))], "{[") }, Read: readList,
		About: "a plain list: one question on a line; lines that begin with # say something else",
	},
}

// formatOf picks the format for a name and a text.
func formatOf(name string, text []byte) (Format, error) {
	ext := strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")))
	var fit []Format
	for _, f := range Formats {
		if slices.Contains(f.Extensions, ext) {
			fit = append(fit, f)
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	if len(fit) == 0 {
		fit = Formats
	}
	for _, f := range fit {
		if f.Sniff(text) {
			return f, nil
		}
	}
	if ext == ".json" { // its reader says best what is missing
		return fit[0], nil
	}
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return Format{}, qa.Errorf(qa.Invalid, "this is none of the formats of questions (%s)", strings.Join(names, ", "))
}

// firstByte is the first that is no white space, 0 where there is none.
func firstByte(text []byte) byte { return (&scan{b: text}).peek() }

// headBytes is how much of a file is looked at to recognise it.
const headBytes = 64 << 10

func looksLikeSQuAD(text []byte) bool {
	return firstByte(text) == '{' && (bytes.Contains(text, []byte(`"paragraphs"`)) || bytes.Contains(text[:min(headBytes, len(text))], []byte(`"data"`)))
}

// looksLikeJSONLines is when a value stands on a line of its own.
func looksLikeJSONLines(text []byte) bool {
	c := firstByte(text)
	if c != '{' && c != '"' {
		return false
	}
	s := &scan{b: text}
	s.peek()
	begins := s.line()
	_, err := s.value()
	ends := s.line()
	return err == nil && begins == ends && (s.end() == nil || s.line() > ends)
}
