// Package project reads tryall.yaml: which texts, which questions, which models, how they are evaluated and what the winner
// must reach. It checks all that can be checked without a network or a model, names the line and column of whatever is wrong,
// and names several mistakes at once. It writes a first project, holds a bake-off against the gate, and tells a CI system.
package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tryall/tryall/qa"
)

// FileName is what makes a folder a project.
const FileName = "tryall.yaml"

// maxFile is far above any configuration that a person writes.
const maxFile = 1 << 20

// Config is a project's configuration. What the file does not say is zero, nil or empty: the defaults belong to who uses it.
type Config struct {
	File string // as it was named
	Dir  string // the folder that its paths are relative to

	Description string
	Corpus      []Text // files, folders and globs
	Exclude     []Text // patterns as .gitignore has them, of what is left out of the corpus
	Questions   []Text // files of questions
	Models      []Model
	Params      Params
	Eval        Eval
	Gate        Gate
	Threads     int   // 0: all cores
	Memory      int64 // bytes that the loaded models may take together; 0: not set
}

// At is a place in the file, both counted from 1. The zero value is the file as a whole.
type At struct{ Line, Column int }

// Text is one entry of a list, with its place.
type Text struct {
	Text string
	At   At
}

// Model is one entry of the list of models: either a name or a search on the Hub.
type Model struct {
	ID         string   // as written: an id, maybe with @revision and :precision, or a directory; empty for a search
	Precisions []string // empty: that of the name, else the default
	Hub        *Search
	At         At
}

// Search picks models from the Hub.
type Search struct {
	Text, Author, Language, License, Dataset string
	Tags                                     []string
	Sort                                     string // one of Sorts; empty: downloads
	MaxSize                                  int64  // bytes of a model's files; 0: no limit
	Top                                      int    // the first so many; 0: not set
}

// Params are the parameters of reading, by the names that transformers gives them. What is nil was not set.
type Params struct {
	Decoder                                         string // empty: not set
	TopK, MaxSeqLen, DocStride, MaxAnswerLen, NBest *int
	Passages                                        *int  // read per question when they are retrieved
	NoAnswer                                        *bool // nil: not set or "auto"
	AlignToWords, V2                                *bool
	Threshold                                       *float64
}

// Eval says how contestants are compared.
type Eval struct {
	Metric string        // a name of eval.Metrics that has a score per question; empty: not set
	Modes  []string      // of eval.Oracle and eval.Retrieved; empty: not set
	Full   bool          // race: false: nobody is dropped early
	Start  int           // questions before the first look; 0: not set
	Alpha  float64       // chance that the race drops one that is not worse; 0: not set
	Seed   *uint64       // nil: not set
	Budget time.Duration // 0: none
	Limit  int           // the first so many questions; 0: all
}

// Load reads a configuration file. Its error lists all mistakes, one a line, as errors.As finds in Problems.
func Load(path string) (*Config, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, qa.Errorf(qa.NotFound, "read the project: %w; `tryall init` writes one", err)
	case err != nil:
		return nil, qa.Errorf(qa.Forbidden, "read the project: %w", err)
	case !info.Mode().IsRegular(): // a pipe would wait for its writer
		return nil, qa.Errorf(qa.Invalid, "read the project: %s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, qa.Errorf(qa.Forbidden, "read the project: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, qa.Errorf(qa.Forbidden, "read the project: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a configuration. The name is for messages, and its folder is that of the project.
func Parse(name string, data []byte) (*Config, error) {
	c := &Config{File: name, Dir: filepath.Dir(name)}
	p := &parser{places: map[string]At{}}
	if len(data) > maxFile {
		p.problem(At{}, "the file is larger than %d bytes, which no configuration needs", maxFile)
	} else if root := p.tree(bytes.TrimPrefix(data, []byte("\ufeff"))); root != nil {
		p.mapping(root, "", topKeys(c))
		p.across(c)
	}
	if err := p.err(name); err != nil {
		return nil, err
	}
	return c, nil
}

// Errorf is an error about an entry, with its place in front.
func (c *Config) Errorf(code qa.Code, at At, format string, args ...any) error {
	return qa.Errorf(code, "%s%w", place(c.File, at), fmt.Errorf(format, args...))
}

// place is "tryall.yaml:3:5: ".
func place(file string, at At) string {
	if at.Line == 0 {
		return file + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", file, at.Line, at.Column)
}
