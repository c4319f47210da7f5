package corpus

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
)

func isODT(data []byte, name string) bool {
	return zipped(data, name, "application/vnd.oasis.opendocument.text", "", ".odt", ".ott")
}

// readODT makes the text of an OpenDocument text as it looks with all changes accepted, without comments.
func readODT(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	a, err := openArchive(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	if m, err := a.read("META-INF/manifest.xml"); err == nil && strings.Contains(string(m), "encryption-data") {
		return nil, nil, errors.New("it is protected by a password; save a copy without one")
	}
	r, err := a.open("content.xml")
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	o := &odt{b: newBuilder(in.Limits)}
	if err := o.read(newXML(r, "content.xml")); err != nil {
		return nil, nil, err
	}
	doc, err := o.b.document(in.Name, xmlText(a, "meta.xml", "title"))
	return []qa.Document{doc}, nil, err
}

// odtLeftOut are elements without text of the document: deleted text is kept apart, among the tracked changes.
var odtLeftOut = map[string]bool{"tracked-changes": true, "annotation": true, "note-citation": true, "forms": true, "font-face-decls": true, "automatic-styles": true,
	"ruby-text": true, "script": true}

// odtAside says whether an element describes a drawing rather than being text.
func odtAside(e xml.StartElement) bool {
	return strings.Contains(e.Name.Space, "svg") && (e.Name.Local == "title" || e.Name.Local == "desc")
}

type odt struct {
	b       *builder
	text    strings.Builder
	outer   []string // paragraphs that a note or frame interrupts
	notes   []string // to follow the paragraph
	note    strings.Builder
	inNote  int
	lists   int
	tables  int
	started bool // a line of the list is written
	item    bool // the next paragraph begins an item
	row     []string
	cell    strings.Builder
	sep     string
}

func (o *odt) read(x *xmlReader) error {
	o.sep = paragraphBreak
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if odtLeftOut[e.Name.Local] || odtAside(e) {
				if err := x.skip(); err != nil {
					return err
				}
				continue
			}
			o.begin(e)
		case xml.EndElement:
			o.end(e.Name.Local)
		case xml.CharData:
			if len(o.outer) > 0 { // between paragraphs is only the file's own spacing
				o.text.Write(e)
			}
		}
	}
}

func (o *odt) begin(e xml.StartElement) {
	switch e.Name.Local {
	case "p", "h":
		o.outer = append(o.outer, o.text.String())
		o.text.Reset()
	case "s":
		n, err := strconv.Atoi(attr(e, "c"))
		if err != nil || n < 1 {
			n = 1
		}
		o.text.WriteString(strings.Repeat(" ", min(n, 100)))
	case "tab":
		o.text.WriteByte('\t')
	case "line-break":
		o.text.WriteByte('\n')
	case "note":
		o.inNote++
	case "list":
		o.lists++
	case "list-item":
		o.item = true
	case "table":
		if o.tables++; o.tables == 1 {
			o.sep = paragraphBreak
		}
	case "table-cell":
		if o.tables == 1 {
			o.cell.Reset()
		}
	}
}

func (o *odt) end(name string) {
	switch name {
	case "p", "h":
		o.paragraph(name == "h")
		if n := len(o.outer); n > 0 {
			o.text.WriteString(o.outer[n-1])
			o.outer = o.outer[:n-1]
		}
	case "note":
		o.inNote--
		if s := oneLine(o.note.String()); s != "" && len(o.notes) < 1000 {
			o.notes = append(o.notes, s)
			o.text.WriteString("[*]")
		}
		o.note.Reset()
	case "list":
		if o.lists--; o.lists == 0 {
			o.started = false
		}
		o.item = false
	case "table-cell":
		if o.tables == 1 {
			o.row = append(o.row, o.cell.String())
		}
	case "table-row":
		if o.tables == 1 {
			o.b.add(o.sep, row(o.row))
			o.row, o.sep = nil, lineBreak
		}
	case "table":
		if o.tables--; o.tables == 0 {
			o.addNotes()
		}
	}
}

// paragraph appends the paragraph that ended to where it stands: a note, a cell, a list or the text.
func (o *odt) paragraph(heading bool) {
	s := lines(o.text.String())
	o.text.Reset()
	switch {
	case s == "":
		return
	case o.inNote > 0:
		o.note.WriteString(s + " ")
		return
	case o.tables > 0:
		o.cell.WriteString(s + "\n")
		return
	case heading:
		o.b.heading(s)
	case o.lists > 0:
		sep := paragraphBreak
		if o.started {
			sep = lineBreak
		}
		if o.item {
			s = "- " + s
		}
		o.b.add(sep, s)
		o.started, o.item = true, false
	default:
		o.b.add(paragraphBreak, s)
	}
	o.addNotes()
}

func (o *odt) addNotes() {
	for _, s := range o.notes {
		o.b.add(paragraphBreak, "[*] "+s)
	}
	o.notes = nil
}
