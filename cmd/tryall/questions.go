package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/workbench"
)

// questionsCmd is the project's questions.
type questionsCmd struct {
	Import questionsImportCmd `cmd:"" help:"Take in files of questions: SQuAD JSON, CSV, TSV, JSON lines, a plain list."`
	List   questionsListCmd   `cmd:"" help:"List the sets of questions, or the questions of one."`
	Check  questionsCheckCmd  `cmd:"" help:"Tell by line which answers are not found in their documents."`
	Export questionsExportCmd `cmd:"" help:"Write a set as SQuAD JSON, CSV or JSON lines."`
	Rm     questionsRmCmd     `cmd:"" help:"Remove a set."`
}

type questionsImportCmd struct {
	File []string `arg:"" help:"Files of questions; - is standard input."`
	As   string   `placeholder:"NAME" help:"The set's name (default: the file's)."`
	JSON bool     `help:"Print JSON."`
}

// Validate refuses what cannot be meant.
func (c *questionsImportCmd) Validate() error {
	if c.As != "" && len(c.File) > 1 {
		return usagef("--as names one set, and %d files are given", len(c.File))
	}
	return nil
}

// Run takes in files of questions.
func (c *questionsImportCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	all := []workbench.ImportedSet{}
	for _, file := range c.File {
		s, err := c.read(ctx, a, file)
		if err != nil {
			return err
		}
		imported, err := p.Import(ctx, s)
		if err != nil {
			return err
		}
		all = append(all, imported)
	}
	if c.JSON {
		return a.printJSON(all)
	}
	for _, s := range all {
		for _, w := range s.Warnings {
			a.warn("%s: %s", s.Name, w)
		}
		if s.Replaced > 0 {
			a.warn("%s: the set of that name (%s) was replaced; --as keeps both", s.Name, plural(s.Replaced, "question"))
		}
		notes, wrong := 0, 0
		for _, problem := range s.Problems {
			if problem.Note {
				notes++
				continue
			}
			if wrong++; wrong <= mostWrong {
				a.warn("%s: %s", s.Name, problem.String())
			}
		}
		if wrong > mostWrong {
			a.warn("%s: and %d more; tryall questions check lists them. Are the documents in the corpus? tryall corpus add PATH reads them", s.Name, wrong-mostWrong)
		}
		if notes > 0 {
			a.warn("%s: %s to know; tryall questions check lists them", s.Name, plural(notes, "thing"))
		}
		if len(s.Kept) > 0 {
			a.warn("%s: %s that the file no longer has are kept, because somebody labelled them", s.Name, plural(len(s.Kept), "question"))
		}
		if len(s.Changed) > 0 {
			a.warn("%s: %s were labelled when their text was another; the labels stand", s.Name, plural(len(s.Changed), "question"))
		}
		if err := a.lines(visible(s.Name) + ": " + countsLine(s.Counts)); err != nil {
			return err
		}
	}
	return nil
}

// mostWrong is how many questions' troubles an import tells one by one.
const mostWrong = 5

func (c *questionsImportCmd) read(ctx context.Context, a *app, file string) (*questions.Set, error) {
	var s *questions.Set
	var err error
	name := filepath.ToSlash(filepath.Clean(file)) // two folders may have a file of one name
	if !filepath.IsLocal(file) {
		name = filepath.Base(file)
	}
	if file == "-" {
		name = "standard input"
		s, err = questions.Read(ctx, a.stdin, name)
	} else {
		s, err = questions.ReadFile(ctx, file)
	}
	if err != nil {
		return nil, err
	}
	if s.Name = name; c.As != "" {
		s.Name = c.As
	}
	return s, nil
}

// countsLine says how many questions of which kind there are.
func countsLine(c questions.Counts) string {
	s := plural(c.Questions, "question")
	switch {
	case c.Labelled == 0:
		s += ", none with a known answer"
	case c.Labelled < c.Questions:
		s += fmt.Sprintf(", %s with a known answer", count(c.Labelled))
	}
	if c.NoAnswer > 0 {
		s += fmt.Sprintf(", %s known to have none", count(c.NoAnswer))
	}
	if c.Contexts > 0 {
		s += fmt.Sprintf(", over %s", plural(c.Contexts, "text"))
	}
	if n := c.NamingDocs - c.Missing; n > 0 {
		s += fmt.Sprintf(", %s about a document of the corpus", count(n))
	}
	if c.Missing > 0 {
		s += fmt.Sprintf(", %s about a document that is not found in the corpus", count(c.Missing))
	}
	return s + "."
}

type questionsListCmd struct {
	Set   string `arg:"" optional:"" help:"A set: list its questions."`
	Limit int    `default:"50" placeholder:"N" help:"Questions to list (default 50; 0: all)."`
	JSON  bool   `help:"Print JSON."`
}

// Run lists sets or questions.
func (c *questionsListCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	if c.Set != "" {
		return c.set(ctx, a, p)
	}
	sets, err := p.Sets(ctx)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return a.printJSON(sets)
	case len(sets) == 0:
		return a.lines("There are no questions yet; tryall questions import FILE takes some in.")
	}
	var rows [][]string
	for _, s := range sets {
		rows = append(rows, []string{visible(s.Name), s.Format, count(s.Counts.Questions), count(s.Counts.Labelled), count(s.Counts.NoAnswer), count(s.Counts.Contexts)})
	}
	return a.lines(table(a.out, []column{{"set", false}, {"format", false}, {"questions", true}, {"labelled", true}, {"no answer", true}, {"texts", true}}, rows, nil)...)
}

func (c *questionsListCmd) set(ctx context.Context, a *app, p *workbench.Project) error {
	s, err := p.Store.Questions(ctx, c.Set)
	if err != nil {
		return err
	}
	items := s.Items
	if c.Limit > 0 && len(items) > c.Limit {
		items = items[:c.Limit]
	}
	if c.JSON {
		if items, err = p.QuestionItems(ctx, s, items); err != nil {
			return err
		}
		return a.printJSON(append([]questions.Item{}, items...))
	}
	var rows [][]string
	for i := range items {
		q := &items[i]
		answer := strings.Join(q.Texts(), " | ")
		switch {
		case !q.Labelled:
			answer = "(unlabelled)"
		case len(q.Answers) == 0:
			answer = "(no answer)"
		}
		rows = append(rows, []string{visible(q.ID), visible(shorten(q.Text, 60)), visible(q.Document), visible(answer)})
	}
	cols, rows := fit(a.out, []column{{"id", false}, {"question", false}, {"document", false}, {"answer", false}}, rows, []string{"id", "document"})
	out := table(a.out, cols, rows, nil)
	if len(items) < len(s.Items) {
		out = append(out, fmt.Sprintf("and %s more (--limit 0 lists all)", count(len(s.Items)-len(items))))
	}
	return a.lines(out...)
}

type questionsCheckCmd struct {
	Set  []string `arg:"" optional:"" help:"Sets of the project, or files (default: all sets)."`
	JSON bool     `help:"Print JSON."`
}

// checkedSet is what is wrong with a set, as JSON.
type checkedSet struct {
	Name     string              `json:"name"`
	Problems []questions.Problem `json:"problems"`
	Warnings []string            `json:"warnings"`
}

// Run says what is wrong with questions, and what is worth knowing; exit code 1 when something is wrong.
func (c *questionsCheckCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	if len(c.Set) == 0 {
		sets, err := p.Store.Sets(ctx)
		if err != nil {
			return err
		}
		for _, s := range sets {
			c.Set = append(c.Set, s.Name)
		}
	}
	all, wrong := []checkedSet{}, 0
	for _, name := range c.Set {
		s, err := p.Store.Questions(ctx, name)
		if qa.CodeOf(err) == qa.NotFound {
			s, err = questions.ReadFile(ctx, name)
		}
		if err != nil {
			return err
		}
		problems, err := p.Locate(ctx, s)
		if err != nil {
			return err
		}
		for _, problem := range problems {
			if !problem.Note {
				wrong++
			}
		}
		all = append(all, checkedSet{name, append([]questions.Problem{}, problems...), append([]string{}, s.Warnings...)})
		if c.JSON {
			continue
		}
		counts, err := p.Count(ctx, s)
		if err != nil {
			return err
		}
		out := []string{visible(name) + ": " + countsLine(counts)}
		for _, w := range s.Warnings {
			out = append(out, passageIndent+visible(w))
		}
		for _, problem := range problems {
			out = append(out, passageIndent+visible(problem.String()))
		}
		if err := a.lines(out...); err != nil {
			return err
		}
	}
	if c.JSON {
		if err := a.printJSON(all); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return errShown
	}
	return nil
}

type questionsExportCmd struct {
	Set    string `arg:"" help:"The set."`
	Out    string `short:"o" placeholder:"FILE" help:"Where to (default: standard output)."`
	Format string `default:"squad" enum:"squad,csv,jsonl" help:"squad, csv or jsonl (default squad)."`
	Safe   bool   `help:"For spreadsheets, with csv: an apostrophe before what they would run as a formula."`
}

// Validate refuses what cannot be meant.
func (c *questionsExportCmd) Validate() error {
	if _, err := questions.ExportOf(c.Format, c.Safe); err != nil {
		return usagef("--safe: %s", err)
	}
	return nil
}

// Run writes a set of questions.
func (c *questionsExportCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	s, err := p.Store.Questions(ctx, c.Set)
	if err != nil {
		return err
	}
	x, err := questions.ExportOf(c.Format, c.Safe)
	if err != nil {
		return err
	}
	if c.Out == "" {
		return x.Write(a.stdout, s)
	}
	return workbench.WriteFile(c.Out, func(w io.Writer) error { return x.Write(w, s) })
}

type questionsRmCmd struct {
	Set []string `arg:"" help:"Sets to remove."`
	Yes bool     `help:"Do not ask; labels that people made go too."`
}

// Run removes sets of questions.
func (c *questionsRmCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	for _, name := range c.Set {
		s, err := p.Store.Questions(ctx, name)
		if err != nil {
			return err
		}
		if !c.Yes {
			sure, err := a.confirm(fmt.Sprintf("Remove %s (%s)?", name, plural(len(s.Items), "question")))
			if err != nil {
				return err
			}
			if !sure {
				a.warn("nothing was removed")
				return errShown
			}
		}
		if err := p.Store.RemoveQuestions(ctx, name); err != nil {
			return err
		}
		if err := a.lines("Removed: " + visible(name)); err != nil {
			return err
		}
	}
	return nil
}
