package api

import (
	"context"
	"net/http"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) corpusRoutes() {
	register(r, op("corpus", http.MethodGet, "/api/corpus", "Tell how large the corpus is."), r.corpus)
	register(r, op("corpus-files", http.MethodGet, "/api/corpus/files", "List the files of the corpus, those that could not be read with the reason."), r.files)
	register(r, op("remove-files", http.MethodDelete, "/api/corpus/files", "Take files out of the corpus; the files themselves stay."), r.removeFiles)
	register(r, op("documents", http.MethodGet, "/api/corpus/documents", "List the documents of the corpus; a table or a collection has many."), r.documents)
	register(r, op("document", http.MethodGet, "/api/corpus/document", "Show a document with its passages."), r.document)
	register(r, op("corpus-search", http.MethodGet, "/api/corpus/search", "Look for passages."), r.searchCorpus)
	r.additionRoutes()
}

// corpusOf opens the project for a route about something in it; nothing was kept yet where there is none.
func (r *routes) corpusOf(ctx context.Context, what string) (*workbench.Project, error) {
	p, err := r.Project(ctx, false)
	if err == nil && p == nil {
		err = qa.Errorf(qa.NotFound, "there is no %s; nothing was kept yet", what)
	}
	return p, err
}

type statsOutput struct{ Body workbench.CorpusStats }

func (r *routes) corpus(ctx context.Context, _ *struct{}) (*statsOutput, error) {
	out := &statsOutput{}
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return out, err
	}
	out.Body, err = p.Stats(ctx)
	return out, err
}

// Page says which part of a list is wanted.
type Page struct {
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Leave out so many."`
	Limit  int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Give at most so many."`
}

// Part is a part of a list.
type Part[T any] struct {
	Total  int `json:"total" doc:"How many there are in all."`
	Offset int `json:"offset"`
	Items  []T `json:"items"`
}

// partOf is what a page has of a list.
func partOf[T any](all []T, p Page) Part[T] {
	from := min(p.Offset, len(all))
	to := min(from+p.Limit, len(all))
	return Part[T]{len(all), p.Offset, append([]T{}, all[from:to]...)}
}

type filesInput struct {
	Page
	Match string `query:"match" doc:"Only those that fit a pattern: *.pdf, contracts/**."`
}

type filesOutput struct{ Body Part[workbench.CorpusFile] }

func (r *routes) files(ctx context.Context, in *filesInput) (*filesOutput, error) {
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return &filesOutput{partOf[workbench.CorpusFile](nil, in.Page)}, err
	}
	all, err := p.Files(ctx, in.Match)
	return &filesOutput{partOf(all, in.Page)}, err
}

type removeFilesInput struct {
	Match []string `query:"match,explode" required:"true" minItems:"1" doc:"Paths or patterns: notes.txt, *.pdf, contracts/**; repeat for more."`
}

type removedFilesOutput struct{ Body workbench.RemovedFiles }

func (r *routes) removeFiles(ctx context.Context, in *removeFilesInput) (*removedFilesOutput, error) {
	for _, m := range in.Match {
		if m == "" {
			return nil, qa.Errorf(qa.Invalid, "match is empty; ** fits every file")
		}
	}
	p, err := r.corpusOf(ctx, "such file")
	if err != nil {
		return nil, err
	}
	removed, err := p.RemoveFiles(ctx, in.Match)
	if err == nil && removed.Files == 0 {
		err = qa.Errorf(qa.NotFound, "no file of the corpus fits; GET /api/corpus/files lists them")
	}
	return &removedFilesOutput{removed}, err
}

type documentsOutput struct {
	Body Part[workbench.CorpusDocument]
}

func (r *routes) documents(ctx context.Context, in *filesInput) (*documentsOutput, error) {
	out := &documentsOutput{partOf[workbench.CorpusDocument](nil, in.Page)}
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return out, err
	}
	out.Body.Items, out.Body.Total, err = p.Documents(ctx, index.DocumentQuery{Match: in.Match, Offset: in.Offset, Limit: in.Limit})
	return out, err
}

type documentInput struct {
	Page
	ID string `query:"id" required:"true" minLength:"1" doc:"The document."`
}

type documentOutput struct{ Body workbench.ReadDocument }

func (r *routes) document(ctx context.Context, in *documentInput) (*documentOutput, error) {
	p, err := r.corpusOf(ctx, "such document")
	if err != nil {
		return nil, err
	}
	d, err := p.ReadDocument(ctx, qa.DocumentID(in.ID), in.Offset, in.Limit)
	return &documentOutput{d}, err
}

type searchCorpusInput struct {
	Text string `query:"text" required:"true" minLength:"1" doc:"Words, or a question."`
	K    int    `query:"k" minimum:"1" maximum:"1000" default:"10" doc:"Most passages to give."`
	In   string `query:"in" doc:"Only in documents that fit: *.pdf, contracts/**."`
	Why  bool   `query:"why" doc:"Tell which words made the score."`
}

type foundOutput struct{ Body []workbench.FoundPassage }

func (r *routes) searchCorpus(ctx context.Context, in *searchCorpusInput) (*foundOutput, error) {
	out := &foundOutput{[]workbench.FoundPassage{}}
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return out, err
	}
	found, err := p.Index.Search(ctx, index.Query{Text: in.Text, K: in.K, Documents: in.In, Why: in.Why})
	if err != nil {
		return nil, err
	}
	out.Body, err = p.FoundPassages(ctx, found)
	return out, err
}
