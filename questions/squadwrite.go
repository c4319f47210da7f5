package questions

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// WriteSQuAD writes a set as SQuAD JSON. A file of SQuAD that was read is written so that it reads as the same JSON: with its
// unknown keys, its ids as they were, its order, and its empty lists. Who labelled by hand, when and how goes to the keys
// labelled_by, labelled_at and labelled_how of the answer, or of the question that has none. Questions that nobody has
// labelled have no "answers". SQuAD knows no questions without a text: those are an error (see WithContexts).
func WriteSQuAD(w io.Writer, s *Set) error {
	if err := s.squadCheck(); err != nil {
		return err
	}
	x := &squadWriter{w: bufio.NewWriter(w), set: s, items: make([][]int, len(s.Contexts)), contexts: make([][]int, len(s.Articles))}
	for i := range s.Items {
		c := s.Items[i].Context
		x.items[c] = append(x.items[c], i)
	}
	for i := range s.Contexts {
		a := s.Contexts[i].Article
		x.contexts[a] = append(x.contexts[a], i)
	}
	x.root()
	x.str("\n")
	return x.w.Flush()
}

func (s *Set) squadCheck() error {
	var without places
	for i := range s.Items {
		if s.Items[i].Context < 0 {
			without.add(s.Items[i].place())
		}
	}
	if without.n > 0 {
		return qa.Errorf(qa.Invalid, "write %s as SQuAD: %s; give them one first, or write CSV or JSON lines", s.Name, without.text("it has no room for questions without a context"))
	}
	return nil
}

type squadWriter struct {
	w               *bufio.Writer // keeps its first error until Flush
	set             *Set
	items, contexts [][]int // of a context, of an article
	rows            bool    // not SQuAD but JSON lines, where a place that is not known is left out
}

func (x *squadWriter) str(s string)  { _, _ = x.w.WriteString(s) }
func (x *squadWriter) text(s string) { x.str(quote(s)) }

// field is a key that a Set has a field for.
type field struct {
	key   string
	write func()
	// same says whether a value as it was written is still what the field says.
	same func(written string) bool
	// usual: it is written where no file says which keys an object has. needed: it is written even where the file had none.
	usual, needed bool
	// drop: it is not written even where the file had it.
	drop bool
}

// object writes the keys in the order of the file, the usual order where there is none, and then what the file did not say.
func (x *squadWriter) object(extra Extra, fields ...field) {
	l := extra.layout()
	of := map[string]*field{}
	for i := range fields {
		of[fields[i].key] = &fields[i]
	}
	mentioned := map[string]bool{}
	for _, m := range l {
		mentioned[m.key] = of[m.key] != nil
	}
	asRead := false // the layout is that of the object in a file, rather than of what rows had besides
	for _, yes := range mentioned {
		asRead = asRead || yes
	}
	sep := "{"
	key := func(written string) {
		x.str(sep + written + ": ")
		sep = ", "
	}
	rest := func() {
		for i := range fields {
			f := &fields[i]
			if !mentioned[f.key] && !f.drop && (f.needed || f.usual && !asRead) {
				key(quote(f.key))
				f.write()
			}
		}
	}
	if !asRead {
		rest()
	}
	for _, m := range l {
		f := of[m.key]
		switch {
		case f == nil, m.value != "" && f.same != nil && f.same(m.value):
			key(m.written)
			x.str(m.value)
		case !f.drop:
			key(m.written)
			f.write()
		}
	}
	if asRead {
		rest()
	}
	if sep == "{" {
		x.str(sep)
	}
	x.str("}")
}

// list writes n elements, each on a line of its own.
func (x *squadWriter) list(n int, element func(i int)) {
	x.str("[")
	for i := range n {
		if i > 0 {
			x.str(",")
		}
		x.str("\n")
		element(i)
	}
	x.str("]")
}

// name is a field of text that a file may write otherwise.
func (x *squadWriter) name(key, value string) field {
	return field{key: key, usual: true, write: func() { x.text(value) }, same: func(w string) bool { return label(w) == value }}
}

func (x *squadWriter) root() {
	s := x.set
	version := x.name("version", s.Version)
	if s.Version == "" && s.Extra == "" {
		version.write = func() { x.text(map[bool]string{false: "1.1", true: "v2.0"}[s.V2]) }
	}
	x.object(s.Extra, version, field{key: "data", usual: true, needed: true, write: func() {
		x.list(len(s.Articles), func(a int) {
			x.object(s.Articles[a].Extra, x.name("title", s.Articles[a].Title), field{key: "paragraphs", usual: true, needed: true, write: func() {
				x.list(len(x.contexts[a]), func(i int) { x.context(x.contexts[a][i]) })
			}})
		})
	}})
}

func (x *squadWriter) context(c int) {
	text := x.name("context", x.set.Contexts[c].Text)
	text.needed = x.set.Contexts[c].Text != ""
	x.object(x.set.Contexts[c].Extra, text, field{key: "qas", usual: true, needed: true, write: func() {
		x.list(len(x.items[c]), func(i int) { x.item(&x.set.Items[x.items[c][i]], x.set.Contexts[c].Text) })
	}})
}

func (x *squadWriter) item(q *Item, context string) {
	question := x.name("question", q.Text)
	question.needed = q.Text != ""
	id := x.name("id", q.ID)
	id.needed = true
	answers := field{key: "answers", usual: q.Labelled, needed: len(q.Answers) > 0, write: func() { x.labels(q.Answers, context) }}
	answers.drop = !q.Labelled && x.set.V2 // an empty list would say that there is no answer
	fields := []field{
		question, id, answers,
		{key: "is_impossible", usual: x.set.V2, needed: q.Impossible, write: func() { x.str(strconv.FormatBool(q.Impossible)) }},
		{key: "plausible_answers", needed: len(q.Plausible) > 0, write: func() { x.labels(q.Plausible, context) }},
	}
	x.object(q.Extra, append(fields, x.origin(q.NoAnswer)...)...)
}

func (x *squadWriter) labels(labels []Label, context string) {
	x.str("[")
	for i := range labels {
		if i > 0 {
			x.str(", ")
		}
		g := &labels[i]
		text := x.name("text", g.Text)
		text.needed = true
		start := field{key: "answer_start", usual: !x.rows || g.Start >= 0 && context != "", needed: g.Start >= 0 && context != "", write: func() { x.str(strconv.Itoa(codePoint(context, g))) }}
		start.same = func(string) bool { return g.Start < 0 }
		x.object(g.Extra, append([]field{text, start}, x.origin(g.Origin)...)...)
	}
	x.str("]")
}

// codePoint is where a label starts; where that is not known, the first place where it stands.
func codePoint(context string, g *Label) int {
	start := g.Start
	if start < 0 {
		start = strings.Index(context, g.Text)
	}
	if start < 0 || start > len(context) {
		return -1
	}
	return utf8.RuneCountInString(context[:start])
}

func (x *squadWriter) origin(o Origin) []field {
	at := o.When.UTC().Format(time.RFC3339Nano)
	when := x.name("labelled_at", at)
	when.needed = !o.When.IsZero()
	when.same = func(w string) bool {
		t, err := time.Parse(time.RFC3339Nano, label(w))
		return err != nil || t.Equal(o.When)
	}
	who, how := x.name("labelled_by", o.Who), x.name("labelled_how", o.How)
	who.needed, how.needed = o.Who != "", o.How != "" && o.How != Imported
	who.same, how.same = theirs(o.Who), theirs(strings.TrimSuffix(o.How, Imported))
	fields := []field{who, when, how}
	for i := range fields {
		fields[i].usual = false
	}
	return fields
}

// theirs says of a value whether it is what we read of it: what is no text was left to whoever wrote it.
func theirs(ours string) func(written string) bool {
	return func(written string) bool {
		return ours == "" && !strings.HasPrefix(written, `"`) || label(written) == ours
	}
}

// quote writes text as JSON, with nothing escaped that need not be.
func quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ':
			b.WriteString(`\u00`)
			b.WriteByte("0123456789abcdef"[r>>4])
			b.WriteByte("0123456789abcdef"[r&15])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
