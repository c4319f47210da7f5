package questions

import (
	"fmt"
	"strings"
)

// places are those that a warning is about. It keeps the first few and counts the rest.
type places struct {
	n     int
	first []string
}

// named is how many places a warning names.
const named = 5

func (p *places) add(place string) {
	if p.n++; p.n <= named {
		p.first = append(p.first, place)
	}
}

// place names a question of the file.
func (q *Item) place() string {
	if q.Line <= 0 {
		return fmt.Sprintf("question %q", q.ID)
	}
	return fmt.Sprintf("line %d (%q)", q.Line, q.ID)
}

// warn adds "THINGS (3): line 4 ("a"), line 7 ("b") and 1 more".
func (p *places) warn(set *Set, things string) {
	if p.n > 0 {
		set.Warnings = append(set.Warnings, p.text(things))
	}
}

func (p *places) text(things string) string {
	more := ""
	if p.n > len(p.first) {
		more = fmt.Sprintf(" and %d more", p.n-len(p.first))
	}
	return fmt.Sprintf("%s (%d): %s%s", things, p.n, strings.Join(p.first, ", "), more)
}
