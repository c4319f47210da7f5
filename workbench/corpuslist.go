package workbench

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
)

// CorpusStats are how large the corpus is.
type CorpusStats struct {
	Files     int    `json:"files"` // all, with those that could not be read
	Failed    int    `json:"failed"`
	Documents int    `json:"documents"`
	Passages  int    `json:"passages"`
	Words     int    `json:"words"`  // as the search counts them: grams in scripts without spaces
	Bytes     int64  `json:"bytes"`  // of the documents' texts
	Digest    string `json:"digest"` // of all documents, wherever their files lie
}

// CorpusFile is a file of the corpus.
type CorpusFile struct {
	Path      string   `json:"path"`
	Format    string   `json:"format,omitempty"`
	SizeBytes int64    `json:"size_bytes"`
	Documents int      `json:"documents"`
	Passages  int      `json:"passages"`
	Error     string   `json:"error,omitempty"` // why it could not be read
	Warnings  []string `json:"warnings,omitempty"`
}

// CorpusDocument is a document of the corpus without its text.
type CorpusDocument struct {
	Document string `json:"document"`
	Title    string `json:"title"`
	File     string `json:"file"`
	Passages int    `json:"passages"`
}

// FoundPassage is a passage that a search found; positions are code points of the document's stored text.
type FoundPassage struct {
	Document string  `json:"document"`
	Title    string  `json:"title,omitempty"`
	Page     int     `json:"page,omitempty"`
	Heading  string  `json:"heading,omitempty"`
	Passage  Span    `json:"passage"`
	Score    float64 `json:"score"`
	Text     string  `json:"text"`
	Why      string  `json:"why,omitempty"`
}

// RemovedFiles is what went from the corpus. The files themselves stay.
type RemovedFiles struct {
	Files     int `json:"files"`
	Documents int `json:"documents"`
	Passages  int `json:"passages"`
}

// Stats counts the corpus.
func (p *Project) Stats(ctx context.Context) (CorpusStats, error) {
	s, err := p.Index.Stats(ctx)
	return CorpusStats{s.Files, s.Failed, s.Documents, s.Passages, s.Words, s.Bytes, s.Digest}, err
}

// Files are the files of the corpus that fit a pattern, all when it is empty (see MatchFiles).
func (p *Project) Files(ctx context.Context, pattern string) ([]CorpusFile, error) {
	match, err := MatchFiles(pattern)
	if err != nil {
		return nil, err
	}
	files := []CorpusFile{}
	for f, err := range p.Index.Files(ctx) {
		if err != nil {
			return nil, err
		}
		if match(f.Path) {
			files = append(files, CorpusFile{f.Path, f.Format, f.Size, f.Documents, f.Passages, f.Error, f.Warnings})
		}
	}
	return files, nil
}

// Documents are the documents that a query chooses, and how many there are in all that fit.
func (p *Project) Documents(ctx context.Context, q index.DocumentQuery) ([]CorpusDocument, int, error) {
	list, total, err := p.Index.Documents(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	docs := make([]CorpusDocument, len(list))
	for i, d := range list {
		docs[i] = CorpusDocument{string(d.ID), d.Title, d.Path, d.Passages}
	}
	return docs, total, nil
}

// FoundPassages puts what a search found into the shape of commands and routes.
func (p *Project) FoundPassages(ctx context.Context, found []index.Found) ([]FoundPassage, error) {
	out := []FoundPassage{}
	for _, f := range found {
		span, err := p.CodePoints(ctx, f.Passage)
		if err != nil {
			return nil, err
		}
		page, _ := strconv.Atoi(f.Passage.Page) // what has no pages has none
		out = append(out, FoundPassage{string(f.Passage.Doc), f.Passage.Title, page, f.Passage.Heading, span, f.Score, f.Passage.Text, f.Why})
	}
	return out, nil
}

// RemoveFiles takes the files out of the corpus that fit one of the patterns, or lie at or below a path.
func (p *Project) RemoveFiles(ctx context.Context, patterns []string) (RemovedFiles, error) {
	var matches []func(string) bool
	for _, m := range patterns {
		fits, err := MatchFiles(m)
		if err != nil {
			return RemovedFiles{}, err
		}
		name := p.Name(m)
		matches = append(matches, func(path string) bool { return fits(path) || path == name || strings.HasPrefix(path, name+"/") })
	}
	return p.remove(ctx, func(path string) bool {
		return slices.ContainsFunc(matches, func(m func(string) bool) bool { return m(path) })
	})
}

// RemoveFile takes the file of that name out of the corpus.
func (p *Project) RemoveFile(ctx context.Context, name string) (RemovedFiles, error) {
	return p.remove(ctx, func(path string) bool { return path == name })
}

// remove takes out the files that fit. What people have on their disks stays there; copies of what was sent go.
func (p *Project) remove(ctx context.Context, fits func(path string) bool) (RemovedFiles, error) {
	var names []string
	removed, err := p.Index.Remove(ctx, func(path string) bool {
		if !fits(path) {
			return false
		}
		names = append(names, path)
		return true
	})
	if err == nil {
		err = p.dropUploads(names)
	}
	return RemovedFiles{removed.Files, removed.Documents, removed.Passages}, err
}

// MatchFiles says which paths fit a pattern: one without a slash fits a name in any folder, a folder's name all that it holds, an empty
// one everything.
func MatchFiles(pattern string) (func(string) bool, error) {
	if pattern == "" {
		return func(string) bool { return true }, nil
	}
	pattern = strings.TrimSuffix(filepath.ToSlash(pattern), "/")
	if !doublestar.ValidatePattern(pattern) {
		return nil, qa.Errorf(qa.Invalid, "%q is no pattern; one looks like *.pdf or contracts/**", pattern)
	}
	return func(p string) bool {
		for _, s := range []string{p, path.Base(p)} {
			if ok, _ := doublestar.Match(pattern, s); ok { // it was validated
				return true
			}
		}
		return strings.HasPrefix(p, pattern+"/")
	}, nil
}

// ReadDocument is a document with passages of it; positions are code points of its stored text.
type ReadDocument struct {
	Document   string        `json:"document"`
	Title      string        `json:"title"`
	Source     string        `json:"source"`
	Characters int           `json:"characters"` // code points of its text
	Total      int           `json:"total"`      // passages
	Offset     int           `json:"offset"`
	Passages   []ReadPassage `json:"passages"`
}

// ReadPassage is one of its passages.
type ReadPassage struct {
	Passage Span   `json:"passage"`
	Page    int    `json:"page,omitempty"`
	Heading string `json:"heading,omitempty"`
	Text    string `json:"text"`
}

// ReadDocument gives at most limit passages of a document, those before offset left out.
func (p *Project) ReadDocument(ctx context.Context, id qa.DocumentID, offset, limit int) (ReadDocument, error) {
	d, err := p.Index.Document(ctx, id)
	if err != nil {
		return ReadDocument{}, err
	}
	passages, err := p.Index.Passages(ctx, id)
	if err != nil {
		return ReadDocument{}, err
	}
	points := newCodePoints(d.Text)
	out := ReadDocument{Document: string(d.ID), Title: d.Title, Source: d.Source, Characters: points.at(len(d.Text)), Total: len(passages), Offset: offset, Passages: []ReadPassage{}}
	for i := min(offset, len(passages)); i < min(offset+limit, len(passages)); i++ {
		x := &passages[i]
		page, _ := strconv.Atoi(x.Page) // what has no pages has none
		out.Passages = append(out.Passages, ReadPassage{Span{points.at(x.Range.Start), points.at(x.Range.End)}, page, x.Heading, x.Text})
	}
	return out, nil
}
