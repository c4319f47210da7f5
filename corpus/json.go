package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
)

// isJSON believes the name, or content that is JSON throughout where the name says nothing.
func isJSON(data []byte, name string) bool {
	if byName(".json", ".ipynb", ".geojson")(data, name) {
		return signature(data) == nil
	}
	start := textStart(data)
	return suffix(name) == "" && len(start) > 0 && (start[0] == '{' || start[0] == '[') && json.Valid(data)
}

// readJSON makes a document of each object with a text, of a list of them or one list within an object; of other JSON, one text.
func readJSON(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	src, warnings, err := decode(in)
	if err != nil {
		return nil, nil, err
	}
	dec := json.NewDecoder(strings.NewReader(src))
	dec.UseNumber()
	root, err := parseJSON(dec, 0)
	if err != nil {
		return nil, nil, jsonTrouble(dec, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		if docs, more, err := readJSONL(ctx, in); err == nil { // several values: lines under another name
			return docs, more, nil
		}
		return nil, nil, fmt.Errorf("after its JSON, at byte %d, something follows; if it has one value a line, name it .jsonl", dec.InputOffset())
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	rec := newRecords(in)
	rec.warnings = warnings
	list, within := recordsOf(root)
	if list == nil {
		b := newBuilder(in.Limits)
		root.flatten(b, "", paragraphBreak)
		title, _ := root.get(titleNames)
		name := ""
		if title != nil && title.isText {
			name = title.text
		}
		doc, err := b.document(in.Name, name)
		return []qa.Document{doc}, warnings, err
	}
	var left []string
	for i, item := range list {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if left, err = rec.addNode(item, strconv.Itoa(i+1), left); err != nil {
			return nil, nil, err
		}
	}
	if within != "" && len(root.keys) > 1 {
		for _, k := range root.keys {
			if k != within {
				left = append(left, k)
			}
		}
	}
	rec.leftOut("keys", left)
	if len(list) == 1 && !isList(root) && len(rec.docs) == 1 {
		rec.docs[0].ID = qa.DocumentID(in.Name)
	}
	return rec.finish("number")
}

func isList(n *node) bool { return !n.scalar && !n.object }

// recordsOf finds the objects with a text: the value itself, those of a list, or those of the one list in an object.
func recordsOf(root *node) (list []*node, within string) {
	if isRecords(root.items) && isList(root) {
		return root.items, ""
	}
	if !root.object {
		return nil, ""
	}
	for i, item := range root.items {
		if isList(item) && isRecords(item.items) {
			if list != nil {
				return nil, "" // two lists: neither is left out
			}
			list, within = item.items, root.keys[i]
		}
	}
	if list != nil {
		return list, within
	}
	if v, _ := root.get(textNames); v != nil {
		if _, ok := v.prose(); ok {
			return []*node{root}, ""
		}
	}
	return nil, ""
}

// isRecords says whether most items are objects with a text, so that the list is one of documents.
func isRecords(items []*node) bool {
	n := 0
	for _, item := range items {
		if v, _ := item.get(textNames); v != nil {
			if _, ok := v.prose(); ok {
				n++
			}
		}
	}
	return n > 0 && n*2 >= len(items)
}

// addNode adds the document of a value, and remembers keys that are in no document.
func (r *records) addNode(n *node, place string, left []string) ([]string, error) {
	v, key := n.get(textNames)
	text, ok := v.prose()
	if !ok {
		if n.isText {
			return left, r.add("", place, "", n.text, nil)
		}
		b := newBuilder(r.in.Limits) // no text: all that it holds
		n.flatten(b, "", paragraphBreak)
		doc, err := b.document("", "")
		if err != nil {
			return left, err
		}
		return left, r.add(r.idOf(n), place, "", doc.Text, nil)
	}
	title, titleKey := n.get(titleNames)
	name := ""
	if title != nil && title.scalar {
		name = title.text
	} else {
		titleKey = ""
	}
	_, idKey := n.get(idNames)
	for _, k := range n.keys {
		if k != key && k != titleKey && k != idKey && len(left) < 100 && !slices.Contains(left, k) {
			left = append(left, k)
		}
	}
	return left, r.add(r.idOf(n), place, oneLine(name), text, nil)
}

func (r *records) idOf(n *node) string {
	if id, _ := n.get(idNames); id != nil && id.scalar {
		return id.text
	}
	return ""
}

// isJSONL believes the name, or two first lines that are an object each where the name says nothing.
func isJSONL(data []byte, name string) bool {
	if byName(".jsonl", ".ndjson", ".jsonlines")(data, name) {
		return signature(data) == nil
	}
	if suffix(name) != "" {
		return false
	}
	for range 2 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) < 2 || line[0] != '{' || !json.Valid(line) {
			return false
		}
		data = rest
	}
	return true
}

// readJSONL makes a document of each line.
func readJSONL(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	src, warnings, err := decode(in)
	if err != nil {
		return nil, nil, err
	}
	rec := newRecords(in)
	rec.warnings = warnings
	var left, broken []string
	number, brokenLines := 0, 0
	for line := range strings.Lines(src) {
		if number++; number%256 == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		n, err := parseJSON(dec, 0)
		if err == nil {
			if _, e := dec.Token(); !errors.Is(e, io.EOF) {
				err = errors.New("something follows its value")
			}
		}
		if err != nil {
			if brokenLines++; len(broken) < 3 {
				broken = append(broken, fmt.Sprintf("line %d: %v", number, err))
			}
			continue
		}
		if left, err = rec.addNode(n, strconv.Itoa(number), left); err != nil {
			return nil, nil, err
		}
	}
	if brokenLines > 0 {
		if len(rec.docs) == 0 {
			return nil, nil, fmt.Errorf("no line of it is valid JSON (%s)", broken[0])
		}
		rec.warnings = append(rec.warnings, fmt.Sprintf("%d lines are no valid JSON and are left out: %s", brokenLines, strings.Join(broken, "; ")))
	}
	rec.leftOut("keys", left)
	return rec.finish("line")
}
