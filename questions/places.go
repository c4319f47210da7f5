package questions

import (
	"strings"

	"github.com/tryall/tryall/qa"
)

// Places are where an answer stands in a text, in order: as it is written, without places that cut a word if there are others; if there
// are none at all, where case and the kind of space do not count. An answer without a word or sign stands nowhere.
func Places(text, answer string) []qa.Range {
	if answer = strings.TrimSpace(answer); answer == "" {
		return nil
	}
	var out []qa.Range
	for _, at := range occurrences(text, answer) {
		out = append(out, qa.Range{Start: at, End: at + len(answer)})
	}
	if len(out) > 0 {
		return out
	}
	f := fold(text)
	t := strings.TrimSpace(fold(answer).folded)
	for _, at := range occurrences(f.folded, t) {
		out = append(out, qa.Range{Start: int(f.from[at]), End: int(f.from[at+len(t)])})
	}
	return out
}
