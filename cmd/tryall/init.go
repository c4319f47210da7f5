package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/project"
	"github.com/tryall/tryall/zoo"
)

type initCmd struct {
	Dir  string `arg:"" optional:"" default:"." help:"The folder (default: this one)."`
	JSON bool   `help:"Print JSON."`
}

// Run writes a project that runs at once.
func (c *initCmd) Run(a *app) error {
	files, err := initFiles()
	if err != nil {
		return err
	}
	written, err := project.Init(c.Dir, project.Sample{Description: "Two Wikipedia articles, to be replaced by your own texts and questions",
		Files: files, Corpus: []string{"corpus/**/*.md"}, Questions: []string{"questions.csv"}, Models: builtinNames(), Gate: []string{`f1: ">=40"`}})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(written)
	}
	out := []string{"Written:"}
	for _, f := range written {
		out = append(out, passageIndent+visible(f))
	}
	enter := ""
	if c.Dir != "." {
		enter = "cd " + shellWord(visible(c.Dir)) + "; "
	}
	return a.lines(append(out, "", "Run it with: "+enter+"tryall bakeoff", `Ask the texts: tryall corpus add corpus; tryall ask "QUESTION"`)...)
}

// How much of the sample a new project has: enough for a verdict within a minute.
const (
	initQuestions = 120
	initSample    = "wikipedia.json"
)

// initFiles are a small corpus, an article a file, and questions about it.
func initFiles() (map[string][]byte, error) {
	var d *eval.Dataset
	for _, s := range zoo.Sample() {
		if s.Name != initSample {
			continue
		}
		raw, err := s.JSON()
		if err != nil {
			return nil, err
		}
		if d, err = eval.ReadDataset(bytes.NewReader(raw)); err != nil {
			return nil, fmt.Errorf("read the sample %s: %w", s.Name, err)
		}
	}
	files := map[string][]byte{"NOTICE-sample.txt": []byte(zoo.Notice)}
	names := make([]string, len(d.Titles))
	for i, title := range d.Titles {
		names[i] = "corpus/" + strings.ToLower(strings.Map(fileRune, title)) + ".md"
		var b strings.Builder
		b.WriteString("# " + strings.ReplaceAll(title, "_", " ") + "\n")
		for _, p := range d.Passages {
			if p.Article == i {
				b.WriteString("\n" + p.Text + "\n")
			}
		}
		files[names[i]] = []byte(b.String())
	}
	table, err := initTable(d, names)
	if err != nil {
		return nil, err
	}
	files["questions.csv"] = table
	return files, nil
}

// shellWord quotes what a shell would not take for one word.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t'\"$&|;()<>*?\\`") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func fileRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

// initTable are every so many of the questions, with their answers and the file that they are about.
func initTable(d *eval.Dataset, names []string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"question", "answer", "document"}}
	for i := range min(initQuestions, len(d.Examples)) {
		e := &d.Examples[i*len(d.Examples)/initQuestions]
		answer := "[no answer]"
		if len(e.Answers) > 0 {
			texts := e.Texts()
			answer = texts[0]
			if distinct := unique(texts); len(distinct) > 1 {
				raw, err := json.Marshal(distinct)
				if err != nil {
					return nil, fmt.Errorf("write the sample questions: %w", err)
				}
				answer = string(raw)
			}
		}
		rows = append(rows, []string{e.Text, answer, names[d.Passages[e.Passage].Article]})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the sample questions: %w", err)
	}
	return b.Bytes(), nil
}

func unique(texts []string) (out []string) {
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}
