package corpus

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/html/charset"
)

// maxXMLDepth is how deep elements may nest.
const maxXMLDepth = 1000

// xmlReader reads the elements of one part of a document. Entities other than XML's own five are errors, so that nothing multiplies.
type xmlReader struct {
	dec   *xml.Decoder
	name  string // of the part, for messages
	depth int
}

func newXML(r io.Reader, name string) *xmlReader {
	dec := xml.NewDecoder(r)
	dec.CharsetReader = charset.NewReaderLabel
	return &xmlReader{dec: dec, name: name}
}

// next is the next token; io.EOF after the last.
func (x *xmlReader) next() (xml.Token, error) {
	t, err := x.dec.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, x.trouble(err)
	}
	switch t.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxXMLDepth {
			return nil, fmt.Errorf("its part %s is damaged: elements nested more than %d deep", x.name, maxXMLDepth)
		}
	case xml.EndElement:
		x.depth--
	}
	return t, nil
}

func (x *xmlReader) trouble(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("its part %s is damaged (%w); open it in its program and save it anew", x.name, err)
	}
	return err
}

// text is the text of the element that was just begun, to its end.
func (x *xmlReader) text(e *xml.StartElement) (string, error) {
	var s string
	err := x.dec.DecodeElement(&s, e)
	x.depth--
	return s, x.trouble(err)
}

// skip passes over the rest of the element that was just begun.
func (x *xmlReader) skip() error {
	for depth := x.depth - 1; ; {
		if _, err := x.next(); err != nil {
			return err
		}
		if x.depth == depth {
			return nil
		}
	}
}

// attr is the value of an attribute, whatever its name space.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// xmlText is the text of the first element of a name in a part of an archive; empty where there is none.
func xmlText(a *archive, part, element string) string {
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
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == element {
			text, _ := x.text(&e) // what cannot be read of it is no title
			return oneLine(text)
		}
	}
}
