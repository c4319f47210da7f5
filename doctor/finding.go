package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// finding is one thing that a test found.
type finding struct {
	level Level
	text  string
}

// findings are all that one test found.
type findings []finding

func (f *findings) add(l Level, format string, args ...any) {
	*f = append(*f, finding{l, fmt.Sprintf(format, args...)})
}

func found(l Level, format string, args ...any) findings {
	return findings{{l, fmt.Sprintf(format, args...)}}
}

func skip(name string) findings { return found(Skipped, "not checked because %q did not pass", name) }

// check is the worst of the findings with all their texts, the worst first. What a pass would say is left out beside a
// failure.
func (f findings) check(name string) Check {
	c := Check{Name: name, Level: Pass}
	slices.SortStableFunc(f, func(a, b finding) int { return rank[b.level] - rank[a.level] })
	var texts []string
	for i, x := range f {
		if i == 0 {
			c.Level = x.level
		}
		if x.level != Pass || c.Level != Fail {
			texts = append(texts, x.text)
		}
	}
	c.OK, c.Detail = rank[c.Level] < rank[Skipped], strings.Join(texts, "; ")
	return c
}

// mostNames is how many names a text spells out.
const mostNames = 5

// named joins the first few names of a list and counts the others.
func named(list []string) string {
	if n := len(list) - mostNames; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:mostNames], ", "), n)
	}
	return strings.Join(list, ", ")
}

// quoted names tokens, however odd they are.
func quoted(token string) string {
	const most = 60
	if len(token) > most {
		token = strings.ToValidUTF8(token[:most], "") + "..."
	}
	return fmt.Sprintf("%q", token)
}
