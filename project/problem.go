package project

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Problem is one mistake in a configuration.
type Problem struct {
	File string `json:"file"`
	At
	Message string `json:"message"`
}

func (p Problem) String() string { return place(p.File, p.At) + p.Message }

// Problems are the mistakes of a configuration, by place. As an error they are one line each.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems are shown; a file with more of them is of another kind.
const maxProblems = 50

// problem notes a mistake.
func (p *parser) problem(at At, format string, args ...any) {
	p.count++
	if !p.full() {
		p.problems = append(p.problems, Problem{At: at, Message: fmt.Sprintf(format, args...)})
	}
}

// full says that enough was noted: more is only counted.
func (p *parser) full() bool { return len(p.problems) >= 2*maxProblems }

// err is nil without problems.
func (p *parser) err(file string) error {
	if p.count == 0 {
		return nil
	}
	ps := p.problems
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	ps = ps[:min(len(ps), maxProblems)]
	for i := range ps {
		ps[i].File = file
	}
	if rest := p.count - len(ps); rest > 0 {
		ps = append(ps, Problem{File: file, Message: fmt.Sprintf("and %d more", rest)})
	}
	return qa.Errorf(qa.Invalid, "%w", ps)
}
