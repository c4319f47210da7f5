package project

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parser collects problems while it reads.
type parser struct {
	problems Problems
	count    int
	places   map[string]At // of the values, by section and key
}

func at(n *yaml.Node) At { return At{n.Line, n.Column} }

// tree is the one mapping that the file holds; nil when there is none, or when something keeps it from being read at all.
func (p *parser) tree(data []byte) *yaml.Node {
	if !p.plainText(data) {
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil // an empty file, or one of comments only
	case err != nil:
		p.syntax(err)
		return nil
	}
	switch err := d.Decode(&more); {
	case err == nil:
		p.problem(at(&more), "a second document begins here; a project is one document without ---")
		return nil
	case !errors.Is(err, io.EOF):
		p.syntax(err)
		return nil
	}
	if len(doc.Content) == 0 {
		return nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" && root.Anchor == "" {
		return nil
	}
	before := p.count
	p.plainTree(root)
	if p.count > before {
		return nil
	}
	return root
}

// plainText refuses what is no text in UTF-8.
func (p *parser) plainText(data []byte) bool {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		p.problem(At{}, "the file is in UTF-16; save it as UTF-8")
		return false
	}
	line, column := 1, 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			p.problem(At{line, column}, "the file is not in UTF-8; save it as UTF-8")
			return false
		case unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' && r != '\u0085':
			p.problem(At{line, column}, "a control character (U+%04X) has no place here", r)
			return false
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		rest = rest[size:]
	}
	return true
}

var syntaxError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

func (p *parser) syntax(err error) {
	m := syntaxError.FindStringSubmatch(err.Error())
	if m == nil {
		p.problem(At{}, "%v", err)
		return
	}
	var where At
	if line, err := strconv.Atoi(m[1]); err == nil {
		where = At{line, 1}
	}
	p.problem(where, "this is no YAML: %s", m[2])
}

// plainTree refuses what makes a value stand elsewhere than where it is read, or be another than it looks. Nodes of aliases
// are not entered, so that the work is bounded by the size of the file.
func (p *parser) plainTree(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		p.problem(at(n), "*%s: aliases are not read here; write the value out", short(n.Value))
		return
	case n.Anchor != "":
		p.problem(at(n), "&%s: anchors are not read here; write the value out where it is needed", short(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		p.problem(at(n), "%s: tags are not read here", short(n.Tag))
	case n.Kind == yaml.ScalarNode && n.Tag == "!!merge":
		p.problem(at(n), "<<: merging is not read here; write the keys out")
	}
	for _, c := range n.Content {
		p.plainTree(c)
	}
}

// short is a piece of the file for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
