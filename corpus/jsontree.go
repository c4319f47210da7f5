package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxJSONDepth is how deep arrays and objects may nest.
const maxJSONDepth = 500

// node is a JSON value with its keys in the order of the file.
type node struct {
	text   string // of a string, number, true or false
	scalar bool
	isText bool // it is a string
	keys   []string
	items  []*node // of an object, one for each key; of an array
	object bool
}

// parseJSON reads the next value.
func parseJSON(dec *json.Decoder, depth int) (*node, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	return parseValue(dec, t, depth)
}

func parseValue(dec *json.Decoder, t json.Token, depth int) (*node, error) {
	switch t := t.(type) {
	case string:
		return &node{text: t, scalar: true, isText: true}, nil
	case nil:
		return &node{scalar: true}, nil
	case json.Delim:
		if depth > maxJSONDepth {
			return nil, fmt.Errorf("its values are nested more than %d deep", maxJSONDepth)
		}
		n := &node{object: t == '{'}
		for dec.More() {
			if n.object {
				key, err := dec.Token()
				if err != nil {
					return nil, err
				}
				name, _ := key.(string)
				n.keys = append(n.keys, name)
			}
			item, err := parseJSON(dec, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err := dec.Token() // the closing bracket
		return n, err
	default:
		return &node{text: fmt.Sprint(t), scalar: true}, nil
	}
}

// get is the value of a key, by its name as looked up.
func (n *node) get(names []string) (*node, string) {
	if !n.object {
		return nil, ""
	}
	for _, w := range names {
		for i, k := range n.keys {
			if plainName(k) == w {
				return n.items[i], k
			}
		}
	}
	return nil, ""
}

// prose is the text of a string or of an array of strings.
func (n *node) prose() (string, bool) {
	if n == nil {
		return "", false
	}
	if n.isText {
		return n.text, true
	}
	if n.object || n.scalar || len(n.items) == 0 {
		return "", false
	}
	parts := make([]string, 0, len(n.items))
	for _, item := range n.items {
		if !item.isText {
			return "", false
		}
		parts = append(parts, item.text)
	}
	return strings.Join(parts, paragraphBreak), true
}

// isGroup says whether a value is a list of lists or objects, which are paragraphs.
func (n *node) isGroup() bool {
	return !n.scalar && !n.object && slices.ContainsFunc(n.items, func(item *node) bool { return !item.scalar })
}

// flatten writes every value with its keys: "key: value". Objects within arrays are paragraphs.
func (n *node) flatten(b *builder, path string, sep string) {
	switch {
	case n.scalar:
		if s := lines(n.text); s != "" {
			if path != "" {
				s = path + ": " + s
			}
			b.add(sep, s)
		}
	case n.object:
		for i, item := range n.items {
			key := oneLine(n.keys[i])
			if path != "" {
				key = path + "." + key
			}
			if item.isGroup() {
				sep = paragraphBreak
			}
			item.flatten(b, key, sep)
			sep = lineBreak
			if item.isGroup() {
				sep = paragraphBreak
			}
		}
	default:
		var scalars []string
		for _, item := range n.items {
			if !item.scalar {
				scalars = nil
				break
			}
			if s := oneLine(item.text); s != "" {
				scalars = append(scalars, s)
			}
		}
		if len(n.items) > 1 && strings.HasSuffix(n.items[0].text, "\n") { // one text in lines, as notebooks have it
			var text strings.Builder
			for _, item := range n.items {
				text.WriteString(item.text)
			}
			scalars = []string{text.String()}
		}
		if scalars != nil {
			(&node{scalar: true, text: strings.Join(scalars, ", ")}).flatten(b, path, sep)
			return
		}
		for i, item := range n.items {
			if i > 0 {
				sep = paragraphBreak
			}
			item.flatten(b, path, sep)
		}
	}
}

// jsonTrouble says where a JSON file is broken.
func jsonTrouble(dec *json.Decoder, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("it is no valid JSON at byte %d: %w; correct it, or name it .txt to read it as text", syntax.Offset, err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("its JSON ends too early, at byte %d; the file may be cut off", dec.InputOffset())
	}
	return err
}
