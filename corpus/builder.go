package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// builder makes a document's text out of blocks. Paragraphs are apart by an empty line; the lines of a list or table by a line end.
type builder struct {
	text  strings.Builder
	marks []qa.Mark
	page  string // label of a page that begins with the next block
	paged bool
	limit int64
	full  bool // more text came than limit; the caller turns it into an error
}

func newBuilder(l Limits) *builder { return &builder{limit: l.Text} }

const (
	paragraphBreak = "\n\n"
	lineBreak      = "\n"
)

// add appends a block after sep. Empty blocks add nothing.
func (b *builder) add(sep, s string) {
	if s == "" || b.full {
		return
	}
	if int64(b.text.Len()+len(sep)+len(s)) > b.limit {
		b.full = true
		return
	}
	if b.text.Len() > 0 {
		b.text.WriteString(sep)
	}
	b.turn()
	b.text.WriteString(s)
}

// heading appends a heading and marks what follows as standing under it.
func (b *builder) heading(s string) {
	s = oneLine(s)
	if s == "" || b.full {
		return
	}
	at := b.text.Len()
	b.add(paragraphBreak, s)
	if !b.full {
		b.marks = append(b.marks, qa.Mark{At: at + len(b.text.String()[at:]) - len(s), Kind: qa.MarkHeading, Label: s})
	}
}

// beginPage has the next block begin a page.
func (b *builder) beginPage(label string) {
	b.turn() // a page without text
	b.page, b.paged = label, true
}

func (b *builder) turn() {
	if b.paged {
		b.marks = append(b.marks, qa.Mark{At: b.text.Len(), Kind: qa.MarkPage, Label: b.page})
		b.paged = false
	}
}

// document is the text so far. An empty title becomes the first heading.
func (b *builder) document(id, title string) (qa.Document, error) {
	if b.full {
		return qa.Document{}, tooMuchText(b.limit)
	}
	b.turn()
	if title = oneLine(title); title == "" {
		for _, m := range b.marks {
			if m.Kind == qa.MarkHeading {
				title = m.Label
				break
			}
		}
	}
	return qa.Document{ID: qa.DocumentID(id), Title: title, Text: b.text.String(), Marks: b.marks}, nil
}

// oneLine is s with every run of white space as one space, without what cannot be shown.
func oneLine(s string) string { return squeeze(s, false) }

// lines is s with every run of white space as one space, line ends kept, without empty lines.
func lines(s string) string { return squeeze(s, true) }

func squeeze(s string, keepLines bool) string {
	var out strings.Builder
	out.Grow(len(s))
	gap := byte(0)
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case r == '\n' && keepLines:
			gap = '\n'
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' && r != '\u2007':
			if gap == 0 {
				gap = ' '
			}
		case r == utf8.RuneError && size == 1:
			space(&out, &gap)
			out.WriteRune(utf8.RuneError)
		case unprintable(r):
		default:
			space(&out, &gap)
			out.WriteString(s[i : i+size])
		}
		i += size
	}
	return out.String()
}

func space(out *strings.Builder, gap *byte) {
	if *gap != 0 && out.Len() > 0 {
		out.WriteByte(*gap)
	}
	*gap = 0
}

// unprintable are control characters, soft hyphens and byte order marks: they show nothing and would part words for a tokenizer.
func unprintable(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 && r != 0x85 || r == '\u00ad' || r == '\ufeff' || r == '\ufffe' || r == '\uffff'
}

// clean is s as valid UTF-8 without control characters, its white space as it is.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	return strings.Map(func(r rune) rune {
		if unprintable(r) && r != '\r' && r != '\f' {
			return -1
		}
		return r
	}, s)
}

// row is a line of a table.
func row(cells []string) string {
	for i := range cells {
		cells[i] = oneLine(cells[i])
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return strings.TrimSpace(strings.Join(cells, " | "))
}
