package eval

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"regexp"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Dataset is a set of questions with their passages and gold answers, as SQuAD files hold them.
type Dataset struct {
	Version string
	// V2 says that questions may have no answer, and picks the rules of scoring. It is read from the version, or
	// from a question that is marked impossible; set it to force one or the other.
	V2       bool
	Digest   string // "sha256:..." of the file
	Titles   []string
	Passages []Passage
	Examples []Example // in file order; ids may repeat
	Warnings []string
}

// Passage is one context. Article indexes Dataset.Titles.
type Passage struct {
	Article int
	Text    string
}

// Example is one question with what is known to answer it. Passage indexes Dataset.Passages.
type Example struct {
	ID, Text   string
	Passage    int
	Answers    []Gold // none: the passage does not say
	Plausible  []Gold // what a careless reader might answer
	Impossible bool   // as the file marks it; scoring goes by Answers
}

// Gold is one right answer. Start counts code points of the context, as SQuAD does; -1 when the file has no usable one.
type Gold struct {
	Text  string
	Start int
}

// Texts are the golds' texts.
func (e *Example) Texts() []string {
	out := make([]string, len(e.Answers))
	for i, g := range e.Answers {
		out[i] = g.Text
	}
	return out
}

// Head is the data set with its first n questions only; n <= 0 means all.
func (d *Dataset) Head(n int) *Dataset {
	if n <= 0 || n >= len(d.Examples) {
		return d
	}
	h := *d
	h.Examples = d.Examples[:n]
	return &h
}

// Known returns a function that says whether a question of the data set has an id.
func (d *Dataset) Known() func(id string) bool {
	ids := make(map[string]struct{}, len(d.Examples))
	for i := range d.Examples {
		ids[d.Examples[i].ID] = struct{}{}
	}
	return func(id string) bool { _, ok := ids[id]; return ok }
}

// LoadDataset reads a SQuAD file.
func LoadDataset(path string) (*Dataset, error) {
	return ReadFile(path, ReadDataset)
}

// ReadDataset reads SQuAD JSON, version 1.1 or 2.0, in one pass; it holds nothing but the result. Keys that it does
// not know are ignored. Errors name the article, paragraph and question.
func ReadDataset(r io.Reader) (*Dataset, error) {
	sum := sha256.New()
	dr := &datasetReader{s: newScanner(io.TeeReader(r, sum)), d: &Dataset{}}
	if err := dr.read(); err != nil {
		return nil, qa.Errorf(qa.Invalid, "%s%w", dr.place(), err)
	}
	d := dr.d
	d.Digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	d.V2 = d.V2 || version2.MatchString(strings.ToLower(strings.TrimSpace(d.Version)))
	d.Warnings = dr.warnings()
	return d, nil
}

// version2 is how files say that they hold SQuAD 2.0: "v2.0", "2.0", "squad_v2".
var version2 = regexp.MustCompile(`^(squad[-_ ]?)?v?2(\.\d+)*$`)
