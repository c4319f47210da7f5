package ui

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/workbench"
)

// Plural is a count with its noun.
func Plural[N int | int64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Count(n) + " " + what + "s"
}

// Count is a number with its thousands parted.
func Count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Number is a score with the digits that can be read off it.
func Number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	digits := strconv.FormatFloat(math.Abs(f), 'f', 2, 64)
	if math.Abs(f) >= 1e6 {
		digits = strconv.FormatFloat(math.Abs(f), 'g', 3, 64)
	}
	if f < 0 && digits != "0.00" {
		return "−" + digits
	}
	return digits
}

// Milliseconds is a time that somebody waited.
func Milliseconds(ms float64) string {
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// Percent is a share of 0 to 1 without digits that no calibration supports.
func Percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// Size is bytes with a unit.
func Size(bytes int64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	case bytes >= 1e3:
		return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%d B", bytes)
}

// Shorten cuts s to n code points and says so with an ellipsis.
func Shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// Visible makes text of unknown origin safe to read: what could reorder a line, or is no character, becomes a sign. HTML is escaped
// where pages are written.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\uFEFF':
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// ModelLabel is what a model is called where room is short: the last part of its name.
func ModelLabel(name string) string { return Visible(path.Base(strings.TrimSuffix(name, "/"))) }

// Where names the document, page and heading of an answer, as far as there are any.
func Where(a workbench.Answer) string {
	var parts []string
	if a.Title != "" && a.Title != path.Base(a.Document) {
		parts = append(parts, a.Title)
	}
	if a.Document != "" {
		parts = append(parts, a.Document)
	}
	if a.Page > 0 {
		parts = append(parts, fmt.Sprintf("page %d", a.Page))
	}
	if a.Heading != "" && a.Heading != a.Title {
		parts = append(parts, a.Heading)
	}
	return Visible(strings.Join(parts, ", "))
}

// Sentence is an error as a sentence of a page.
func Sentence(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	r, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(r)) + s[size:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func joined(list []string) string { return strings.Join(list, " ") }
