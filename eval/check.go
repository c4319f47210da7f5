// Package eval scores predictions as the official SQuAD scripts do, runs readers over questions and says which of
// them are better, with its uncertainty. It knows readers only as qa.Reader.
package eval

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// checkStarts counts the golds that the context does not hold at their answer_start.
func (r *datasetReader) checkStarts(context string, examples []Example) {
	ascii := isASCII(context)
	for q := range examples {
		for _, g := range examples[q].Answers {
			if g.Start >= 0 && strings.HasPrefix(fromCodePoint(context, g.Start, ascii), g.Text) {
				continue
			}
			if r.misplaced++; r.misplaced == 1 {
				r.firstMisplaced = fmt.Sprintf("article %d, paragraph %d, question %d", r.article, r.paragraph, q+1)
			}
		}
	}
}

// fromCodePoint is text from its n-th code point on, empty when it has fewer.
func fromCodePoint(text string, n int, ascii bool) string {
	if ascii {
		return text[min(n, len(text)):]
	}
	for i := range text {
		if n == 0 {
			return text[i:]
		}
		n--
	}
	return ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (r *datasetReader) warnings() (out []string) {
	if r.misplaced > 0 {
		out = append(out, fmt.Sprintf("%d answers do not stand in the context at their answer_start (first: %s); scores do not need it", r.misplaced, r.firstMisplaced))
	}
	seen := make(map[string]struct{}, len(r.d.Examples))
	repeated, first := 0, ""
	for i := range r.d.Examples {
		id := r.d.Examples[i].ID
		if _, ok := seen[id]; ok {
			if repeated++; repeated == 1 {
				first = id
			}
		}
		seen[id] = struct{}{}
	}
	if repeated > 0 {
		out = append(out, fmt.Sprintf("%d questions repeat an id (first: %q); version 1.1 scores each, version 2.0 the last of an id, as the official scripts do", repeated, first))
	}
	return out
}
