package corpus

import (
	"context"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/tryall/tryall/qa"
)

// unseen are elements whose content no reader of the page sees, or that lead elsewhere.
var unseen = set(atom.Head, atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Nav, atom.Iframe, atom.Object, atom.Canvas, atom.Svg, atom.Audio,
	atom.Video, atom.Select, atom.Datalist, atom.Dialog, atom.Rt, atom.Rp, atom.Frameset, atom.Noframes)

// blocks begin and end a line.
var blocks = set(atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Caption, atom.Center, atom.Dd, atom.Details, atom.Div, atom.Dl,
	atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.Header, atom.Hgroup, atom.Hr, atom.Html, atom.Li, atom.Main,
	atom.Menu, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Textarea, atom.Tfoot, atom.Th, atom.Thead,
	atom.Tr, atom.Ul, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)

var headings = set(atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)

func set(atoms ...atom.Atom) map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for _, a := range atoms {
		m[a] = true
	}
	return m
}

// htmlText walks a tree and makes blocks of it.
type htmlText struct {
	ctx   context.Context
	b     *builder
	line  strings.Builder // the block that is being read
	mark  string          // stands before it: "- "
	sep   string          // parts it from the one before
	lists int             // how many lists it stands in
	nodes int
}

// nodeText is the visible text under a node.
func nodeText(ctx context.Context, n *html.Node, title string, in Input) (qa.Document, error) {
	h := &htmlText{ctx: ctx, b: newBuilder(in.Limits), sep: paragraphBreak}
	h.walk(n)
	h.flush()
	if err := ctx.Err(); err != nil {
		return qa.Document{}, err
	}
	return h.b.document(in.Name, title)
}

func (h *htmlText) flush() {
	s := lines(h.line.String())
	h.line.Reset()
	if s == "" {
		return
	}
	h.b.add(h.sep, h.mark+s)
	h.mark, h.sep = "", paragraphBreak
	if h.lists > 0 {
		h.sep = lineBreak
	}
}

// The parser nests at most 512 deep.
func (h *htmlText) walk(n *html.Node) {
	if h.nodes++; h.nodes%1024 == 0 && h.ctx.Err() != nil || h.b.full {
		return
	}
	switch n.Type {
	case html.TextNode:
		h.line.WriteString(strings.Map(func(r rune) rune { // line ends of the source mean nothing
			if r == '\n' || r == '\r' || r == '\t' || r == '\f' {
				return ' '
			}
			return r
		}, n.Data))
		return
	case html.CommentNode, html.DoctypeNode:
		return
	case html.ElementNode:
		if unseen[n.DataAtom] && n.Namespace == "" || n.DataAtom == atom.Svg || hidden(n) {
			return
		}
		if h.element(n) {
			return
		}
	}
	h.children(n)
}

func (h *htmlText) children(n *html.Node) {
	block := n.Type == html.ElementNode && blocks[n.DataAtom]
	if block {
		h.flush()
	}
	for c := range n.ChildNodes() {
		h.walk(c)
	}
	if block {
		h.flush()
	}
}

// element does what is peculiar to an element, and says whether that was all.
func (h *htmlText) element(n *html.Node) bool {
	switch a := n.DataAtom; {
	case headings[a]:
		h.flush()
		h.b.heading(flat(n))
		h.sep = paragraphBreak
		return true
	case a == atom.Br:
		h.line.WriteByte('\n')
		return true
	case a == atom.Pre:
		h.flush()
		if s := strings.Trim(strings.TrimRight(clean(flat(n)), " \t\r\n"), "\r\n"); strings.TrimSpace(s) != "" {
			h.b.add(h.sep, h.mark+s)
			h.mark, h.sep = "", paragraphBreak
		}
		return true
	case a == atom.Ul, a == atom.Ol, a == atom.Menu:
		h.flush()
		h.lists++
		h.children(n)
		h.lists--
		if h.lists == 0 {
			h.sep = paragraphBreak
		}
		return true
	case a == atom.Li:
		h.flush()
		h.mark = "- "
		h.children(n)
		h.mark = ""
		return true
	case a == atom.Table:
		if isLayout(n) {
			return false
		}
		h.flush()
		h.table(n)
		return true
	}
	return false
}

// table makes a line of each row.
func (h *htmlText) table(n *html.Node) {
	sep := paragraphBreak
	for r := range n.Descendants() {
		if r.Type != html.ElementNode || r.DataAtom != atom.Tr && r.DataAtom != atom.Caption || hidden(r) || h.ctx.Err() != nil {
			continue
		}
		if r.DataAtom == atom.Caption {
			h.b.add(sep, oneLine(flat(r)))
			sep = lineBreak
			continue
		}
		var cells []string
		for c := range r.ChildNodes() {
			if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
				cells = append(cells, flat(c))
			}
		}
		if s := row(cells); s != "" {
			h.b.add(sep, s)
			sep = lineBreak
		}
	}
	h.sep = paragraphBreak
}

// isLayout says whether a table places parts of a page rather than values: it holds tables, headings or several paragraphs to the cell.
func isLayout(n *html.Node) bool {
	for d := range n.Descendants() {
		switch a := d.DataAtom; {
		case a == atom.Table, headings[a], a == atom.Pre:
			return true
		case a == atom.Td:
			paragraphs := 0
			for c := range d.ChildNodes() {
				if blocks[c.DataAtom] {
					paragraphs++
				}
			}
			if paragraphs > 2 {
				return true
			}
		}
	}
	return false
}

// flat is the visible text under a node with nothing between its parts but line ends of blocks.
func flat(n *html.Node) string {
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			out.WriteString(n.Data)
			return
		case n.Type != html.ElementNode || unseen[n.DataAtom] || hidden(n):
			return
		case n.DataAtom == atom.Br || blocks[n.DataAtom] && out.Len() > 0:
			out.WriteByte('\n')
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	for c := range n.ChildNodes() {
		walk(c)
	}
	return out.String()
}

func hidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return !strings.EqualFold(a.Val, "until-found")
		case "style":
			style := strings.ToLower(strings.ReplaceAll(a.Val, " ", ""))
			if strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") {
				return true
			}
		}
	}
	return false
}
