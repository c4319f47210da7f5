package reader

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// lower is Python's str.lower: the full mapping of Unicode, in which one character may become two (İ) and a Greek capital
// sigma at the end of a word becomes its final form.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return cases.Lower(language.Und).String(s)
		}
	}
	return strings.ToLower(s)
}
