package corpus

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Format is one kind of file.
type Format struct {
	Name, About string
	Extensions  []string // lower case, with the dot
	// Sniff tells whether the content is of this kind. It is given all that was read of the file, and its name for kinds
	// that differ by it alone.
	Sniff func(data []byte, name string) bool
	// Read makes documents of it, and says what it left out or guessed.
	Read func(ctx context.Context, in Input) (docs []qa.Document, warnings []string, err error)
}

// Formats is the table, in the order in which they are tried: what its first bytes give away, then what its name says, then text.
var Formats = []Format{
	{"pdf", "PDF with a text layer; pages are kept", []string{".pdf"}, isPDF, readPDF},
	{"docx", "Word documents of 2007 and later", []string{".docx", ".docm", ".dotx"}, isDOCX, readDOCX},
	{"odt", "OpenDocument text", []string{".odt", ".ott"}, isODT, readODT},
	{"epub", "electronic books without copy protection", []string{".epub"}, isEPUB, readEPUB},
	{"squad", "SQuAD 1.1 and 2.0 JSON: its articles", []string{".json"}, isSQuAD, readSQuAD},
	{"jsonl", "one JSON value a line; text, content or the like is the text", []string{".jsonl", ".ndjson", ".jsonlines"}, isJSONL, readJSONL},
	{"json", "JSON; objects with text, content or the like become documents", []string{".json", ".ipynb", ".geojson"}, isJSON, readJSON},
	{"csv", "comma, semicolon or bar separated values; a row with a text column is a document", []string{".csv", ".psv"}, byName(".csv", ".psv"), readCSV},
	{"tsv", "tab separated values", []string{".tsv", ".tab"}, byName(".tsv", ".tab"), readTSV},
	{"html", "web pages; of articles the main part", []string{".html", ".htm", ".xhtml", ".xht"}, isHTML, readHTML},
	{"markdown", "Markdown with tables, footnotes and front matter", []string{".md", ".markdown", ".mdown", ".mkd", ".mdx"}, byName(".md", ".markdown", ".mdown", ".mkd", ".mdx"), readMarkdown},
	{"text", "plain text, in UTF-8 or an encoding that is detected", []string{".txt", ".text", ".log", ".rst", ".asc"}, isText, readText},
}

func byName(extensions ...string) func([]byte, string) bool {
	return func(_ []byte, name string) bool { return slices.Contains(extensions, suffix(name)) }
}

func suffix(name string) string { return strings.ToLower(filepath.Ext(name)) }

// tell finds the format of a file. A warning says where the content is not what the name promised.
func tell(in Input) (*Format, []string, error) {
	for i := range Formats {
		f := &Formats[i]
		if !f.Sniff(in.Data, in.Name) {
			continue
		}
		ext := suffix(in.Name)
		for _, other := range Formats {
			if other.Name != f.Name && slices.Contains(other.Extensions, ext) && !slices.Contains(f.Extensions, ext) {
				return f, []string{fmt.Sprintf("it is named %s but is %s; it was read as that", ext, f.Name)}, nil
			}
		}
		return f, nil, nil
	}
	return nil, nil, refuse(in.Data)
}

// isText is the last row: whatever no other format claims and is not known to be something else.
func isText(data []byte, _ string) bool { return signature(data) == nil }

// textStart is the beginning of a text without byte order mark and white space.
func textStart(data []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 1<<12)], []byte("\xef\xbb\xbf")), " \t\r\n")
}
