package model

import (
	"fmt"
	"strings"

	"github.com/tryall/tryall/qa"
)

// mostProblems is how many problems an error spells out; the rest are counted.
const mostProblems = 8

// problems collects what is wrong with a repository, so that one error names all of it.
type problems struct {
	first    []string
	count    int
	notOurs  bool // at least one of them is a thing that we do not implement, rather than damage
	warnings []string
}

// broken notes something damaged or contradictory.
func (p *problems) broken(format string, args ...any) {
	p.count++
	if len(p.first) < mostProblems {
		p.first = append(p.first, fmt.Sprintf(format, args...))
	}
}

// unsupported notes something that upstream would run and we do not.
func (p *problems) unsupported(format string, args ...any) {
	p.notOurs = true
	p.broken(format, args...)
}

// err gives everything noted as one error, or nil.
func (p *problems) err() error {
	if p.count == 0 {
		return nil
	}
	code := qa.BrokenModel
	if p.notOurs {
		code = qa.UnsupportedModel
	}
	more := ""
	if n := p.count - len(p.first); n > 0 {
		more = fmt.Sprintf("; and %d more", n)
	}
	return qa.Errorf(code, "%s%s", strings.Join(p.first, "; "), more)
}
