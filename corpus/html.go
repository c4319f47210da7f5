package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/tryall/tryall/qa"
)

// maxArticle is the most elements of a page whose main part is looked for.
const maxArticle = 50_000

func isHTML(data []byte, name string) bool {
	start := bytes.ToLower(textStart(data))
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return true
	}
	if bytes.HasPrefix(start, []byte("<?xml")) && bytes.Contains(start, []byte("<html")) {
		return true
	}
	return byName(".html", ".htm", ".xhtml", ".xht")(data, name) && signature(data) == nil
}

// readHTML makes the visible text of a page, of an article page only the article.
func readHTML(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	src, warnings, err := decodeHTML(in)
	if err != nil {
		return nil, nil, err
	}
	page, more, err := pageText(ctx, src, in, true)
	if err != nil {
		return nil, nil, err
	}
	if strings.TrimSpace(page.Text) == "" {
		return nil, nil, errors.New("there is no visible text in it; if scripts write the page, save it from a browser")
	}
	return []qa.Document{page}, append(warnings, more...), nil
}

// decodeHTML makes UTF-8 of a page: by its mark, by what it declares, else as of any text.
func decodeHTML(in Input) (string, []string, error) {
	for _, w := range wides {
		if bytes.HasPrefix(in.Data, []byte(w.mark)) {
			return decode(in)
		}
	}
	head := in.Data[:min(len(in.Data), 1024)]
	if enc, name, _ := charset.DetermineEncoding(head, ""); name != "utf-8" && name != "windows-1252" || name == "windows-1252" && declares(head) {
		text, err := enc.NewDecoder().Bytes(in.Data)
		if err == nil && !bytes.ContainsRune(text, 0) && bytes.Count(text, []byte("\ufffd")) <= len(text)/1000 {
			return strings.ToValidUTF8(string(text), "\ufffd"), nil, nil
		}
	}
	return decode(in)
}

func declares(head []byte) bool { return bytes.Contains(bytes.ToLower(head), []byte("charset")) }

// pageText is the text of a page. With article, pages that look like one lose what stands around it, and it is said how much.
func pageText(ctx context.Context, src string, in Input, article bool) (qa.Document, []string, error) {
	root, err := parseHTML(src)
	if err != nil { // nested deeper than the parser goes
		text := flatHTML(src)
		b := newBuilder(in.Limits)
		b.add(paragraphBreak, text)
		doc, err := b.document(in.Name, "")
		return doc, []string{"its elements are nested too deep to tell its parts; all its text was read"}, err
	}
	title, nodes := survey(root)
	whole, err := nodeText(ctx, root, title, in)
	if err != nil || !article || nodes > maxArticle {
		return whole, nil, err
	}
	part := mainPart(root)
	if part == nil {
		return whole, nil, nil
	}
	doc, err := nodeText(ctx, part.Node, title, in)
	if err != nil {
		return doc, nil, err
	}
	if title == "" {
		doc.Title = part.Title()
	}
	kept, all := len(strings.Fields(doc.Text)), len(strings.Fields(whole.Text))
	if kept*2 < all || kept == 0 {
		return whole, nil, nil
	}
	if (all-kept)*10 > all {
		return doc, []string{fmt.Sprintf("%d of its %d words stand outside the article and were left out", all-kept, all)}, nil
	}
	return doc, nil, nil
}

func parseHTML(src string) (root *html.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return html.ParseWithOptions(strings.NewReader(src), html.ParseOptionEnableScripting(false))
}

// mainPart looks for the article of a page; nil when the page does not look like one.
func mainPart(root *html.Node) (a *readability.Article) {
	defer func() {
		if p := recover(); p != nil {
			a = nil // then the whole page is read
		}
	}()
	p := readability.NewParser()
	p.DisableJSONLD = true
	if !p.CheckDocument(root) {
		return nil
	}
	article, err := p.ParseDocument(root, nil)
	if err != nil || article.Node == nil {
		return nil
	}
	return &article
}

// survey finds the title and counts the nodes.
func survey(root *html.Node) (title string, nodes int) {
	for n := range root.Descendants() {
		nodes++
		if n.DataAtom == atom.Title && title == "" && (n.Parent == nil || n.Parent.DataAtom == atom.Head) {
			var out strings.Builder
			for c := range n.ChildNodes() {
				out.WriteString(c.Data)
			}
			title = oneLine(out.String())
		}
	}
	return title, nodes
}

// htmlFragment is the visible text of a piece of HTML.
func htmlFragment(ctx context.Context, src string) string {
	root, err := parseHTML(src)
	if err != nil {
		return flatHTML(src)
	}
	doc, err := nodeText(ctx, root, "", Input{Limits: DefaultLimits})
	if err != nil {
		return ""
	}
	return doc.Text
}

// flatHTML is the text between tags, without looking at how they nest.
func flatHTML(src string) string {
	z := html.NewTokenizer(strings.NewReader(src))
	var out strings.Builder
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				out.WriteString(" ")
			}
			return lines(out.String())
		case html.TextToken:
			if skip == "" {
				out.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch a := atom.Lookup(name); {
			case a == atom.Script || a == atom.Style:
				skip = string(name)
			case blocks[a] || a == atom.Br:
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == skip {
				skip = ""
			}
			if blocks[atom.Lookup(name)] {
				out.WriteByte('\n')
			}
		}
	}
}
