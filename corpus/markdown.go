package corpus

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"go.yaml.in/yaml/v3"

	"github.com/tryall/tryall/qa"
)

// maxMarkdown bounds what is parsed as Markdown, in bytes: a tree takes many times the text. What is longer is read as plain text.
const maxMarkdown = 16 << 20

// maxNesting is how deep blocks may stand within each other.
const maxNesting = 1000

var markdownParser = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList)).Parser()

// readMarkdown makes the text that a reader of the rendered page sees.
func readMarkdown(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	src, warnings, err := decode(in)
	if err != nil {
		return nil, nil, err
	}
	title, body := frontMatter(src)
	if reason := tooTangled(body); reason != "" {
		return []qa.Document{{ID: qa.DocumentID(in.Name), Title: title, Text: src}}, append(warnings, "it was read as plain text, because "+reason), nil
	}
	m := &markdownText{ctx: ctx, src: []byte(body), b: newBuilder(in.Limits)}
	root := markdownParser.Parse(text.NewReader(m.src))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		m.block(n, paragraphBreak, "")
	}
	if m.tangled {
		return []qa.Document{{ID: qa.DocumentID(in.Name), Title: title, Text: src}}, append(warnings, "it was read as plain text, because its blocks are nested too deep"), nil
	}
	doc, err := m.b.document(in.Name, title)
	if err != nil {
		return nil, nil, err
	}
	if strings.TrimSpace(doc.Text) == "" {
		return nil, nil, errNoText
	}
	return []qa.Document{doc}, warnings, nil
}

// frontMatter takes YAML between lines of three dashes at the beginning off, and its title.
func frontMatter(src string) (title, body string) {
	first, rest, ok := strings.Cut(src, "\n")
	if !ok || strings.TrimRight(first, " \r") != "---" {
		return "", src
	}
	for at := 0; at < len(rest) && at < 1<<16; {
		line, _, more := strings.Cut(rest[at:], "\n")
		if l := strings.TrimRight(line, " \r"); l == "---" || l == "..." {
			var head struct {
				Title any `yaml:"title"`
			}
			if yaml.Unmarshal([]byte(rest[:at]), &head) != nil {
				return "", src
			}
			if head.Title != nil {
				title = fmt.Sprint(head.Title)
			}
			return title, rest[min(at+len(line)+1, len(rest)):]
		}
		if !more {
			break
		}
		at += len(line) + 1
	}
	return "", src
}

// tooTangled says why a text is not parsed: parsers of Markdown need quadratic time for nesting that nobody writes.
func tooTangled(src string) string {
	if len(src) > maxMarkdown {
		return fmt.Sprintf("it is larger than %s", megabytes(maxMarkdown))
	}
	for line := range strings.Lines(src) {
		if nesting(line) > 100 {
			return "its lists or quotations are nested more than 100 deep"
		}
		if len(line) > 20_000 && markup(line) > 20_000 {
			return "a line of it has more than 20,000 signs of markup"
		}
	}
	return ""
}

// nesting is how many lists and quotations a line may stand in: its marks at the beginning, and half of its columns of indentation.
func nesting(line string) int {
	marks, columns := 0, 0
	for i := range len(line) {
		switch c := line[i]; {
		case c == ' ':
			columns++
		case c == '\t':
			columns += 4
		case c == '>':
			marks++
		case (c == '-' || c == '+' || c == '*' || c == '.' || c == ')') && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t'):
			marks++
			columns--
		case c >= '0' && c <= '9':
		case marks == 0:
			return 0 // text, or code by its indentation
		default:
			return marks + columns/2
		}
	}
	return 0 // nothing but marks: a rule
}

func markup(line string) int {
	n := 0
	for i := range len(line) {
		switch line[i] {
		case '[', '`', '<', '*', '_', '|', '~', '!':
			n++
		}
	}
	return n
}

type markdownText struct {
	ctx   context.Context
	src   []byte
	b     *builder
	depth int

	tangled bool
}

// block appends a block. sep parts it from what is before, mark is put before its first line ("- ").
func (m *markdownText) block(n ast.Node, sep, mark string) {
	if m.depth++; m.depth > maxNesting { // tooTangled keeps it far from here
		m.tangled = true
	}
	if m.tangled {
		return
	}
	defer func() { m.depth-- }()
	switch n := n.(type) {
	case *ast.Heading:
		m.b.heading(m.inlines(n))
	case *ast.Paragraph, *ast.TextBlock, *east.DefinitionTerm:
		if s := lines(m.inlines(n)); s != "" {
			m.b.add(sep, mark+s)
		}
	case *ast.FencedCodeBlock:
		m.b.add(sep, mark+m.raw(n))
	case *ast.CodeBlock:
		m.b.add(sep, mark+m.raw(n))
	case *ast.HTMLBlock:
		s := m.raw(n)
		if n.HasClosure() {
			s += string(n.ClosureLine.Value(m.src))
		}
		if s = htmlFragment(m.ctx, s); s != "" {
			m.b.add(sep, mark+s)
		}
	case *east.Table:
		for r := n.FirstChild(); r != nil; r = r.NextSibling() {
			var cells []string
			for c := r.FirstChild(); c != nil; c = c.NextSibling() {
				cells = append(cells, m.inlines(c))
			}
			m.b.add(sep, row(cells))
			sep = lineBreak
		}
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			mark := "- "
			if n.IsOrdered() {
				mark = fmt.Sprintf("%d. ", number)
				number++
			}
			m.children(item, sep, mark)
			sep = lineBreak
		}
	case *east.Footnote:
		m.children(n, paragraphBreak, fmt.Sprintf("[%d] ", n.Index))
	default:
		m.children(n, sep, mark)
	}
}

func (m *markdownText) children(n ast.Node, sep, mark string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		m.block(c, sep, mark)
		sep, mark = m.within(n), ""
	}
}

// within is what parts the blocks of a container: the paragraphs of a list's items stay together.
func (m *markdownText) within(n ast.Node) string {
	if n.Kind() == ast.KindListItem {
		return lineBreak
	}
	return paragraphBreak
}

// raw is the lines of a code block or HTML block as they are.
func (m *markdownText) raw(n ast.Node) string {
	var out strings.Builder
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		out.Write(s.Value(m.src))
	}
	return strings.TrimRight(clean(out.String()), " \t\r\n")
}

// inlines is the text of a block: links' and pictures' texts kept, tags gone.
func (m *markdownText) inlines(n ast.Node) string {
	var out strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			out.Write(unescape(c.Value(m.src), c.IsRaw()))
			if c.SoftLineBreak() {
				out.WriteByte(' ')
			}
			if c.HardLineBreak() {
				out.WriteByte('\n')
			}
		case *ast.String:
			out.Write(c.Value)
		case *ast.AutoLink:
			out.Write(c.Label(m.src))
		case *ast.RawHTML:
			if c.Segments.Len() > 0 {
				first := c.Segments.At(0)
				if tag := strings.ToLower(string(first.Value(m.src))); strings.HasPrefix(tag, "<br") {
					out.WriteByte('\n')
				}
			}
		case *east.FootnoteLink:
			fmt.Fprintf(&out, "[%d]", c.Index)
		case *east.FootnoteBacklink:
			return ast.WalkSkipChildren, nil
		case *east.TaskCheckBox:
			if c.IsChecked {
				out.WriteString("[x] ")
			} else {
				out.WriteString("[ ] ")
			}
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}

// unescape resolves backslashes before punctuation, and entities where no backslash is before them.
func unescape(s []byte, raw bool) []byte {
	if raw || !bytes.ContainsAny(s, `\&`) {
		return s
	}
	var out, part []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i+1]) >= 0 {
			out = append(append(out, html.UnescapeString(string(part))...), s[i+1])
			part = part[:0]
			i++
			continue
		}
		part = append(part, s[i])
	}
	return append(out, html.UnescapeString(string(part))...)
}
