package corpus

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/tryall/tryall/qa"
)

func isEPUB(data []byte, name string) bool {
	return zipped(data, name, "application/epub+zip", "META-INF/container.xml", ".epub") && !isODT(data, name)
}

// readEPUB makes one document of a book, its parts in reading order with their headings.
func readEPUB(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	a, err := openArchive(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	if m, err := a.read("META-INF/encryption.xml"); err == nil && strings.Contains(string(m), "EncryptedData") && !onlyFonts(string(m)) {
		return nil, nil, errors.New("it is copy protected; give a copy without protection")
	}
	pkg, err := readPackage(a)
	if err != nil {
		return nil, nil, err
	}
	b, warnings := newBuilder(in.Limits), []string(nil)
	for _, part := range pkg.spine {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if !a.has(part) {
			warnings = append(warnings, fmt.Sprintf("its part %s is missing and is left out", part))
			continue
		}
		data, err := a.read(part)
		if err != nil {
			return nil, nil, err
		}
		if len(data) == 0 {
			continue
		}
		src, _, err := decodeHTML(Input{Name: part, Data: data, Limits: in.Limits})
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("its part %s could not be read and is left out: %v", part, err))
			continue
		}
		chapter, more, err := pageText(ctx, src, in, false)
		if err != nil {
			return nil, nil, err
		}
		for _, w := range more {
			warnings = append(warnings, part+": "+w)
		}
		b.append(chapter)
	}
	doc, err := b.document(in.Name, pkg.title)
	return []qa.Document{doc}, warnings, err
}

// append adds another document's text and marks.
func (b *builder) append(d qa.Document) {
	if d.Text == "" || b.full {
		return
	}
	b.add(paragraphBreak, d.Text)
	if b.full {
		return
	}
	at := b.text.Len() - len(d.Text)
	for _, m := range d.Marks {
		b.marks = append(b.marks, qa.Mark{At: at + m.At, Kind: m.Kind, Label: m.Label})
	}
}

// onlyFonts says whether nothing but fonts is encrypted, which is common in free books.
func onlyFonts(encryption string) bool {
	for part := range strings.SplitSeq(encryption, "CipherReference") {
		_, uri, ok := strings.Cut(part, "URI=")
		if !ok {
			continue
		}
		uri, _, _ = strings.Cut(strings.TrimLeft(uri, `"'`), `"`)
		switch strings.ToLower(path.Ext(strings.TrimRight(uri, `'/> `))) {
		case ".otf", ".ttf", ".woff", ".woff2", ".ttc":
		default:
			return false
		}
	}
	return true
}

// epubPackage is what a book says of itself.
type epubPackage struct {
	title string
	spine []string // names of its parts, in reading order
}

func readPackage(a *archive) (*epubPackage, error) {
	container, err := a.open("META-INF/container.xml")
	if err != nil {
		return nil, err
	}
	defer container.Close()
	root := ""
	for x := newXML(container, "META-INF/container.xml"); root == ""; {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is damaged: it does not say where its content is")
		}
		if err != nil {
			return nil, err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "rootfile" {
			root = path.Clean(attr(e, "full-path"))
		}
	}
	r, err := a.open(root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p, items, x := &epubPackage{}, map[string]string{}, newXML(r, root)
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "title":
			s, err := x.text(&e)
			if err != nil {
				return nil, err
			}
			if p.title == "" {
				p.title = oneLine(s)
			}
		case "item":
			kind, href := attr(e, "media-type"), attr(e, "href")
			if plain, err := url.PathUnescape(href); err == nil {
				href = plain
			}
			if strings.Contains(kind, "html") && !strings.Contains(" "+attr(e, "properties")+" ", " nav ") {
				items[attr(e, "id")] = path.Join(path.Dir(root), href)
			}
		case "itemref":
			if part := items[attr(e, "idref")]; part != "" {
				p.spine = append(p.spine, part)
				delete(items, attr(e, "idref")) // a part is read once
			}
		}
	}
}
