package main

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// corpusCmd is the project's texts.
type corpusCmd struct {
	Add    corpusAddCmd    `cmd:"" help:"Read files and folders into the corpus; what has not changed is not read again."`
	List   corpusListCmd   `cmd:"" help:"List the files of the corpus, those that could not be read with the reason."`
	Search corpusSearchCmd `cmd:"" help:"Look for passages."`
	Rm     corpusRmCmd     `cmd:"" help:"Take files out of the corpus; the files themselves stay."`
}

type corpusAddCmd struct {
	Path    []string `arg:"" help:"Files, folders, or patterns such as docs/**/*.pdf."`
	Exclude []string `placeholder:"PATTERN" sep:"none" help:"Leave out what fits, as .gitignore has it; repeat for more."`
	Hidden  bool     `help:"Take hidden files and folders too."`
	Prune   bool     `help:"Take out of the corpus what is no more on the disk."`
	Again   bool     `help:"Read files that have not changed too."`
	Quiet   bool     `short:"q" help:"Show no progress."`
	JSON    bool     `help:"Print JSON."`
}

// Run reads files into the corpus.
func (c *corpusAddCmd) Run(ctx context.Context, a *app) error {
	a.quiet = c.Quiet
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	a.resume = "; what was read is kept, the same command goes on"
	added, err := a.readCorpus(ctx, p, c.Path, workbench.AddOptions{Exclude: c.Exclude, Hidden: c.Hidden, Prune: c.Prune, Again: c.Again})
	if err != nil {
		return err
	}
	a.resume = ""
	if c.JSON {
		return a.printJSON(added)
	}
	stats, err := p.Index.Stats(ctx)
	if err != nil {
		return err
	}
	out := append(addedLines(added), fmt.Sprintf("The corpus holds %s in %s of %s.", plural(stats.Passages, "passage"), plural(stats.Documents, "document"), plural(stats.Files-stats.Failed, "file")))
	if err := a.lines(out...); err != nil {
		return err
	}
	if added.Counts[workbench.FileFailed]+added.Counts[workbench.FileSkipped] > 0 && added.Counts[workbench.FileAdded]+added.Counts[workbench.FileUpdated]+added.Counts[workbench.FileUnchanged] == 0 {
		return errShown // nothing at all could be read
	}
	return nil
}

// addCorpus brings the corpus up to date before something else, and tells what needs telling on stderr.
func (a *app) addCorpus(ctx context.Context, p *workbench.Project, roots []string, o workbench.AddOptions) error {
	added, err := a.readCorpus(ctx, p, roots, o)
	if err != nil {
		return err
	}
	for _, f := range added.Files {
		if f.Status == workbench.FileFailed {
			a.warn("%s", f.Reason)
		}
	}
	return nil
}

func (a *app) readCorpus(ctx context.Context, p *workbench.Project, roots []string, o workbench.AddOptions) (*workbench.Added, error) {
	line := a.status()
	defer line.clear()
	return p.Add(ctx, roots, o, func(s workbench.AddProgress) {
		if a.quiet {
			return
		}
		line.set("%s read of %s found, %s, %.0f passages a second: %s", count(s.Done), count(s.Found), plural(s.Passages, "passage"), float64(s.Passages)/max(s.Elapsed.Seconds(), 1e-3), s.Path)
	})
}

// addedLines say what became of the files: those that need a word each, the others in numbers.
func addedLines(added *workbench.Added) []string {
	var out []string
	for _, f := range added.Files {
		switch f.Status {
		case workbench.FileFailed:
			out = append(out, "not read: "+visible(f.Reason))
		case workbench.FileSkipped:
			out = append(out, "left out: "+visible(f.Path)+": "+visible(f.Reason))
		case workbench.FileMissing:
			out = append(out, "gone: "+visible(f.Path)+" is no more on the disk; it stays in the corpus (--prune takes it out)")
		case workbench.FileRemoved:
			out = append(out, "taken out: "+visible(f.Path))
		default:
			for _, w := range f.Warnings {
				out = append(out, "note: "+visible(f.Path)+": "+visible(w))
			}
		}
	}
	var parts []string
	for _, s := range []string{workbench.FileAdded, workbench.FileUpdated, workbench.FileUnchanged, workbench.FileFailed, workbench.FileSkipped, workbench.FileMissing, workbench.FileRemoved} {
		if n := added.Counts[s]; n > 0 {
			parts = append(parts, count(n)+" "+s)
		}
	}
	if len(parts) == 0 {
		parts = []string{"no files"}
	}
	return append(out, strings.Join(parts, ", ")+" in "+seconds(added.Took)+".")
}

type corpusListCmd struct {
	Match     string `arg:"" optional:"" help:"Only those that fit a pattern: *.pdf, contracts/**."`
	Documents bool   `help:"List documents instead of files; a table or a collection has many."`
	JSON      bool   `help:"Print JSON."`
}

// Validate refuses what is no pattern.
func (c *corpusListCmd) Validate() error { return checkPatterns(c.Match) }

// checkPatterns refuses what is no pattern.
func checkPatterns(patterns ...string) error {
	for _, p := range patterns {
		if _, err := workbench.MatchFiles(p); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// Run lists the corpus.
func (c *corpusListCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	if c.Documents {
		return c.documents(ctx, a, p)
	}
	files, err := p.Files(ctx, c.Match)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(files)
	}
	if len(files) == 0 {
		return a.lines("The corpus has no such files; tryall corpus add PATH reads some.")
	}
	var rows [][]string
	for _, f := range files {
		note := ""
		if f.Error != "" {
			note = "not read: " + f.Error
		} else if len(f.Warnings) > 0 {
			note = f.Warnings[0]
		}
		rows = append(rows, []string{visible(f.Path), f.Format, size(f.SizeBytes), count(f.Documents), count(f.Passages), visible(note)})
	}
	cols, rows := fit(a.out, []column{{"file", false}, {"format", false}, {"size", true}, {"documents", true}, {"passages", true}, {"", false}}, rows, []string{"size", "format", "documents"})
	return a.lines(table(a.out, cols, rows, nil)...)
}

func (c *corpusListCmd) documents(ctx context.Context, a *app, p *workbench.Project) error {
	docs, _, err := p.Documents(ctx, index.DocumentQuery{Match: c.Match})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(docs)
	}
	rows := make([][]string, len(docs))
	for i, d := range docs {
		rows[i] = []string{visible(d.Document), count(d.Passages), visible(d.Title)}
	}
	cols, rows := fit(a.out, []column{{"document", false}, {"passages", true}, {"title", false}}, rows, nil)
	return a.lines(table(a.out, cols, rows, nil)...)
}

type corpusSearchCmd struct {
	Text string `arg:"" help:"Words, or a question."`
	K    int    `short:"k" default:"10" placeholder:"N" help:"Passages to show (default 10)."`
	In   string `placeholder:"PATTERN" help:"Only in documents that fit: *.pdf, contracts/**."`
	Why  bool   `help:"Show which words made the score."`
	JSON bool   `help:"Print JSON."`
}

// Validate refuses what cannot be meant.
func (c *corpusSearchCmd) Validate() error {
	if c.K < 1 || c.K > 1000 {
		return usagef("-k is %d; it must be 1 to 1000", c.K)
	}
	return nil
}

// Run looks for passages.
func (c *corpusSearchCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	found, err := p.Index.Search(ctx, index.Query{Text: c.Text, K: c.K, Documents: c.In, Snippets: true, Why: c.Why})
	if err != nil {
		return err
	}
	if c.JSON {
		out, err := p.FoundPassages(ctx, found)
		if err != nil {
			return err
		}
		return a.printJSON(out)
	}
	if len(found) == 0 {
		return a.lines("No passage of the corpus has a word of it.")
	}
	var out []string
	for i, f := range found {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, a.out.in(styleStrong, visible(placeOf(f.Placed())))+a.out.in(styleDim, "  "+number(f.Score)))
		if c.Why && f.Why != "" {
			out = append(out, a.out.in(styleDim, passageIndent+visible(f.Why)))
		}
		out = append(out, snippetLines(a.out, f)...)
	}
	return a.lines(out...)
}

// snippetLines is the part of a passage that fits best, with the words that were found marked.
func snippetLines(t terminal, f index.Found) []string {
	s := f.Snippet
	var c cells
	if s.Range.Start > f.Passage.Range.Start {
		c.add("… ", styleDim)
	}
	at := s.Range.Start
	for _, term := range s.Terms {
		c.add(s.Text[at-s.Range.Start:term.Start-s.Range.Start], styleNone)
		c.add(s.Text[term.Start-s.Range.Start:term.End-s.Range.Start], styleStrong)
		at = term.End
	}
	c.add(s.Text[at-s.Range.Start:], styleNone)
	if s.Range.End < f.Passage.Range.End {
		c.add(" …", styleDim)
	}
	var out []string
	for _, line := range c.wrap(min(t.width, passageWidth) - len(passageIndent)) {
		out = append(out, passageIndent+line.render(t))
	}
	return out
}

// placeOf says where a passage stands.
func placeOf(p qa.Passage) string {
	s := string(p.Doc)
	if p.Page != "" {
		s += ", page " + p.Page
	}
	if p.Heading != "" && p.Heading != p.Title {
		s += ", " + p.Heading
	}
	if p.Title != "" && p.Title != path.Base(string(p.Doc)) {
		s = p.Title + " (" + s + ")"
	}
	return s
}

type corpusRmCmd struct {
	Match []string `arg:"" help:"Paths or patterns: notes.txt, *.pdf, contracts/**."`
	JSON  bool     `help:"Print JSON."`
}

// Validate refuses what is no pattern.
func (c *corpusRmCmd) Validate() error { return checkPatterns(c.Match...) }

// Run takes files out of the corpus.
func (c *corpusRmCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	removed, err := p.RemoveFiles(ctx, c.Match)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return a.printJSON(removed)
	case removed.Files == 0:
		return qa.Errorf(qa.NotFound, "no file of the corpus fits %s; tryall corpus list shows them", strings.Join(c.Match, ", "))
	}
	return a.lines(fmt.Sprintf("Taken out: %s, %s. The files themselves were not touched.", plural(removed.Files, "file"), plural(removed.Passages, "passage")))
}
