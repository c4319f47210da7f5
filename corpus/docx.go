package corpus

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
)

func isDOCX(data []byte, name string) bool {
	if zipped(data, name, "", "word/document.xml", ".docx", ".docm", ".dotx") {
		return true
	}
	return isZip(data) && byName(".docx", ".docm", ".dotx")(data, name) && docxMain(data)
}

// docxMain says whether the parts of a Word document lie elsewhere than usual, which the format allows.
func docxMain(data []byte) bool {
	names, _ := zipNames(data)
	for _, n := range names {
		if strings.HasPrefix(path.Base(n), "document") && strings.HasSuffix(n, ".xml") {
			return true
		}
	}
	return false
}

// readDOCX makes the text of a Word document as it looks with all changes accepted, without headers, footers and comments.
func readDOCX(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	a, err := openArchive(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	part := "word/document.xml"
	if target := relation(a, "_rels/.rels", "officeDocument"); target != "" {
		part = strings.TrimPrefix(path.Clean("/"+target), "/")
	}
	dir := path.Dir(part)
	d := &docx{b: newBuilder(in.Limits), levels: docxStyles(a, path.Join(dir, "styles.xml")), notes: map[string]string{}}
	for _, kind := range []string{"footnote", "endnote"} {
		if name := path.Join(dir, kind+"s.xml"); a.has(name) {
			if err := d.readNotes(a, name, kind); err != nil {
				return nil, nil, err
			}
		}
	}
	r, err := a.open(part)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	if err := d.read(newXML(r, part), "document"); err != nil {
		return nil, nil, err
	}
	doc, err := d.b.document(in.Name, xmlText(a, "docProps/core.xml", "title"))
	return []qa.Document{doc}, nil, err
}

// relation is the target of a part's relation of a type.
func relation(a *archive, part, kind string) string {
	r, err := a.open(part)
	if err != nil {
		return ""
	}
	defer r.Close()
	x := newXML(r, part)
	for {
		t, err := x.next()
		if err != nil {
			return ""
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" && strings.HasSuffix(attr(e, "Type"), "/"+kind) {
			return attr(e, "Target")
		}
	}
}

// docxStyles finds the paragraph styles that are headings: those with an outline level, or named as Word names its own.
func docxStyles(a *archive, part string) map[string]bool {
	levels := map[string]bool{}
	r, err := a.open(part)
	if err != nil {
		return levels
	}
	defer r.Close()
	x := newXML(r, part)
	style := ""
	for {
		t, err := x.next()
		if err != nil {
			return levels
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "style":
			style = attr(e, "styleId")
		case "name":
			if n := strings.ToLower(attr(e, "val")); strings.HasPrefix(n, "heading ") || n == "title" {
				levels[style] = true
			}
		case "outlineLvl":
			levels[style] = isOutline(attr(e, "val"))
		}
	}
}

func isOutline(level string) bool {
	n, err := strconv.Atoi(level)
	return err == nil && n >= 0 && n < 9
}

type docx struct {
	b      *builder
	levels map[string]bool
	notes  map[string]string // by kind and id
	// the paragraph that is being read
	text          strings.Builder
	heading, item bool
	pending       []string // notes to follow the paragraph
	tables        int
	row           []string
	cell          strings.Builder
	sep           string
	inItems       bool
}

// docxLeftOut are elements without text of the document: what was deleted, fields' codes, copies for old programs, readings.
var docxLeftOut = map[string]bool{"del": true, "moveFrom": true, "delText": true, "instrText": true, "delInstrText": true, "Fallback": true, "rt": true,
	"rPrChange": true, "pPrChange": true, "tblPrChange": true, "sectPr": true, "binData": true}

// read goes through the elements until the one named last ends.
func (d *docx) read(x *xmlReader, last string) error {
	d.sep = paragraphBreak
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) && last == "document" {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if docxLeftOut[e.Name.Local] && e.Name.Space != "http://schemas.openxmlformats.org/officeDocument/2006/math" {
				if err := x.skip(); err != nil {
					return err
				}
				continue
			}
			if err := d.begin(x, e); err != nil {
				return err
			}
		case xml.EndElement:
			d.end(e.Name.Local)
			if e.Name.Local == last {
				return nil
			}
		}
	}
}

func (d *docx) begin(x *xmlReader, e xml.StartElement) error {
	switch e.Name.Local {
	case "p":
		if d.tables == 0 {
			d.flush() // a text box stands within a paragraph
		}
	case "t":
		s, err := x.text(&e)
		if err != nil {
			return err
		}
		d.text.WriteString(s)
	case "tab", "ptab":
		d.text.WriteByte('\t')
	case "br", "cr":
		d.text.WriteByte('\n')
	case "noBreakHyphen":
		d.text.WriteRune('\u2011')
	case "pStyle":
		d.heading = d.heading || d.levels[attr(e, "val")]
	case "outlineLvl":
		d.heading = isOutline(attr(e, "val"))
	case "numPr":
		d.item = true
	case "tbl":
		d.flush()
		d.tables++
	case "tr":
		if d.tables == 1 {
			d.row = nil
		}
	case "footnoteReference", "endnoteReference":
		key := strings.TrimSuffix(e.Name.Local, "Reference") + attr(e, "id")
		if note := d.notes[key]; note != "" && len(d.pending) < 1000 {
			d.text.WriteString("[" + attr(e, "id") + "]")
			d.pending = append(d.pending, "["+attr(e, "id")+"] "+note)
		}
	}
	return nil
}

func (d *docx) end(name string) {
	switch name {
	case "p":
		if d.tables > 0 {
			d.cell.WriteString(d.text.String())
			d.cell.WriteByte('\n')
			d.text.Reset()
			d.heading, d.item = false, false
			return
		}
		d.flush()
	case "tc":
		if d.tables == 1 {
			d.row = append(d.row, d.cell.String())
			d.cell.Reset()
		}
	case "tr":
		if d.tables == 1 {
			d.b.add(d.sep, row(d.row))
			d.row, d.sep = nil, lineBreak
		}
	case "tbl":
		if d.tables--; d.tables == 0 {
			d.sep = paragraphBreak
			d.addNotes()
		}
	}
}

// flush appends the paragraph.
func (d *docx) flush() {
	s := lines(d.text.String())
	d.text.Reset()
	heading, item := d.heading, d.item
	d.heading, d.item = false, false
	switch {
	case s == "":
	case heading:
		d.b.heading(s)
		d.inItems = false
	case item:
		sep := paragraphBreak
		if d.inItems {
			sep = lineBreak
		}
		d.b.add(sep, "- "+s)
		d.inItems = true
	default:
		d.b.add(paragraphBreak, s)
		d.inItems = false
	}
	d.addNotes()
}

func (d *docx) addNotes() {
	for _, note := range d.pending {
		d.b.add(paragraphBreak, note)
		d.inItems = false
	}
	d.pending = nil
}

// readNotes reads the notes of a part, so that each can follow the paragraph that refers to it.
func (d *docx) readNotes(a *archive, part, kind string) error {
	r, err := a.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	x := newXML(r, part)
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != kind {
			continue
		}
		note := &docx{b: &builder{limit: d.b.limit}, levels: nil}
		if err := note.read(x, kind); err != nil {
			return err
		}
		if attr(e, "type") == "" { // the others are lines between text and notes
			d.notes[kind+attr(e, "id")] = oneLine(note.b.text.String())
		}
	}
}
