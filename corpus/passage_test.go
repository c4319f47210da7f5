package corpus

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"
	"pgregory.net/rapid"

	"github.com/tryall/tryall/qa"
)

// checkPassages holds what Passages promises of every text.
func checkPassages(t interface {
	Helper()
	Fatalf(string, ...any)
}, d qa.Document, passages []qa.Passage, wanted int) {
	t.Helper()
	at := 0
	for i, p := range passages {
		if p.Range.Start < at || p.Range.End <= p.Range.Start || p.Range.End > len(d.Text) {
			t.Fatalf("passage %d is %v after byte %d of %d", i, p.Range, at, len(d.Text))
		}
		if d.Text[p.Range.Start:p.Range.End] != p.Text {
			t.Fatalf("passage %d is not the text of its range", i)
		}
		if gap := d.Text[at:p.Range.Start]; strings.TrimSpace(gap) != "" {
			t.Fatalf("%q is in no passage", gap)
		}
		if strings.TrimSpace(p.Text) == "" {
			t.Fatalf("passage %d is blank", i)
		}
		if p.Page != qa.Label(d.Marks, qa.MarkPage, p.Range.Start) || p.Heading != qa.Label(d.Marks, qa.MarkHeading, p.Range.Start) || p.Title != d.Title || p.Doc != d.ID {
			t.Fatalf("passage %d has other labels than the document: %+v", i, p)
		}
		at = p.Range.End
	}
	if strings.TrimSpace(d.Text[at:]) != "" {
		t.Fatalf("%q is in no passage", d.Text[at:])
	}
	clusters := map[int]bool{0: true}
	for it, at := graphemes.FromString(d.Text), 0; it.Next(); {
		at += len(it.Value())
		clusters[at] = true
	}
	between := map[int]bool{0: true} // where words meet
	for it, at := words.FromString(d.Text), 0; it.Next(); {
		if len(it.Value()) > 9*wanted { // longer than any passage may be: cut inside
			for j := range len(it.Value()) {
				between[at+j] = true
			}
		}
		at += len(it.Value())
		between[at] = true
	}
	for i, p := range passages {
		for _, at := range []int{p.Range.Start, p.Range.End} {
			before, _ := utf8.DecodeLastRuneInString(d.Text[:at])
			after, _ := utf8.DecodeRuneInString(d.Text[at:])
			if edge := at == 0 || at == len(d.Text) || unicode.IsSpace(before) || unicode.IsSpace(after); !edge && !between[at] {
				t.Fatalf("passage %d is cut at byte %d, inside a word: %q", i, at, d.Text[max(0, at-20):min(len(d.Text), at+20)])
			}
			if !clusters[at] && !unicode.IsSpace(after) {
				t.Fatalf("passage %d is cut at byte %d, inside a grapheme cluster: %q", i, at, d.Text[max(0, at-20):min(len(d.Text), at+20)])
			}
		}
	}
}

// countWords is an independent count of a text's length in words.
func countWords(s string) float64 {
	n := 0.0
	for _, field := range strings.Fields(s) {
		wide := 0
		for _, r := range field {
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) && !unicode.IsMark(r) {
				wide++
			}
		}
		if wide > 0 {
			n += float64(wide) / 2
		} else {
			n++
		}
	}
	return n
}

var pieces = []string{
	"word", "the", "Paris", "no.", "Dr.", "end.", "What?", "(so)", "a", "e\u0301clair", "\u0301", "naïve", "👩‍👩‍👧‍👦", "🇩🇪🇫🇷", "नमस्ते", "각", "ᄀ", "ᅡ", "\u200d", "\ufeff", "\u200b",
	"租約", "。", "、", "将于十二月三十一日到期", "鍵を返す。", "カタカナ", "สัญญาเช่า", "「はい。」", " ", "  ", "\n", "\r\n", "\n\n", "\n\n\n", "\t", "\f", "\u00a0", "\u3000", "\u2028", "\u2029", "\u0085",
	"العقد", "؟", "חוזה", "x-y", "don't", "3.14", "http://example.org/a/b?c=d&e=f", strings.Repeat("A", 700), strings.Repeat("ab,", 900), strings.Repeat("字", 500), "\x00", "!", "...", "…", "\"", "”",
}

func TestPassagesHoldEverythingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 400).Draw(t, "parts")
		spaced := rapid.Bool().Draw(t, "spaced")
		var text strings.Builder
		d := qa.Document{ID: "d", Title: "T"}
		for i, p := range parts {
			if len(d.Marks) < 20 && rapid.IntRange(0, 30).Draw(t, "mark") == 0 {
				kind := rapid.SampledFrom([]qa.MarkKind{qa.MarkHeading, qa.MarkPage}).Draw(t, "kind")
				d.Marks = append(d.Marks, qa.Mark{At: text.Len(), Kind: kind, Label: rapid.SampledFrom([]string{p, "other", ""}).Draw(t, "label")})
			}
			text.WriteString(p)
			if spaced && i%3 > 0 {
				text.WriteByte(' ')
			}
		}
		d.Text = text.String()
		wanted := rapid.SampledFrom([]int{DefaultWords, 1, 5, 50}).Draw(t, "words")
		checkPassages(t, d, Passages(d, PassageOptions{Words: wanted}), wanted)
	})
}

// prose makes text of so many paragraphs of so many sentences.
func prose(paragraphs, sentences int) string {
	var out strings.Builder
	for i := range paragraphs {
		if i > 0 {
			out.WriteString("\n\n")
		}
		for j := range sentences {
			if j > 0 {
				out.WriteByte(' ')
			}
			fmt.Fprintf(&out, "Sentence %d of paragraph %d says in twenty words what Dr. Smith found, at 3.5 degrees, about the lease of 1999.", j, i)
		}
	}
	return out.String()
}

func TestPassagesHaveTheWantedLength(t *testing.T) {
	chinese := strings.Repeat("租约将于十二月三十一日到期。在此之前，租户必须搬出房间，并把钥匙还给房东。", 200)
	for name, c := range map[string]struct {
		text     string
		min, max float64
	}{
		"small paragraphs are merged": {prose(300, 1), 150, 250},
		"long ones are split":         {prose(5, 100), 150, 250},
		"Chinese":                     {chinese, 150, 250},
		"no stop anywhere":            {strings.Repeat("word ", 20000), 150, 250},
		"lines":                       {strings.Repeat("one | two | three\n", 3000), 150, 250},
		"Thai":                        {strings.Repeat("สัญญาเช่าสิ้นสุดในวันที่สามสิบเอ็ด ", 600), 120, 300},
	} {
		d := qa.Document{Text: c.text}
		all := Passages(d, PassageOptions{})
		checkPassages(t, d, all, DefaultWords)
		if len(all) < 5 {
			t.Fatalf("%s: %d passages", name, len(all))
		}
		for i, p := range all {
			if n := countWords(p.Text); n < c.min || n > c.max {
				t.Errorf("%s: passage %d of %d has %v words", name, i, len(all), n)
			}
		}
	}
}

func BenchmarkPassages(b *testing.B) {
	for name, text := range map[string]string{"text": prose(500, 8), "chinese": strings.Repeat("租约将于十二月三十一日到期。在此之前，租户必须搬出房间，并把钥匙还给房东。", 2000), "lines": strings.Repeat("one | two | three\n", 10000)} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n += len(Passages(qa.Document{Text: text}, PassageOptions{}))
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "passages/s")
			b.SetBytes(int64(len(text)))
		})
	}
}
