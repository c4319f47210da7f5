package project

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// defaultPrecision is what a model runs in when nothing says otherwise.
const defaultPrecision = "fp32"

// Contestants are the names that an entry stands for: the model in each of its precisions. A search has none yet.
func (m Model) Contestants() []string {
	if m.Hub != nil {
		return nil
	}
	name, precision := cutPrecision(m.ID)
	switch {
	case precision != "" || len(m.Precisions) == 0:
		return []string{m.ID}
	}
	out := make([]string, len(m.Precisions))
	for i, pr := range m.Precisions {
		out[i] = name + ":" + pr
	}
	return out
}

// cutPrecision splits off what follows the last colon, unless that belongs to a path.
func cutPrecision(id string) (name, precision string) {
	i := strings.LastIndexByte(id, ':')
	if i < 0 || strings.ContainsAny(id[i:], `/\`) || id[:i] == "file" {
		return id, ""
	}
	return id[:i], id[i+1:]
}

// models reads the list: names, {id, precision}, {hub: {...}}.
func (p *parser) models(c *Config, list *yaml.Node) {
	if list.Kind != yaml.SequenceNode {
		p.problem(at(list), "models must be a list, each entry after a -, not %s", kind(list))
		return
	}
	lines := map[string]int{}
	for _, n := range list.Content {
		m := Model{At: at(n)}
		if !p.model(&m, n) {
			continue
		}
		for _, name := range m.Contestants() {
			full := name
			if _, precision := cutPrecision(name); precision == "" {
				full += ":" + defaultPrecision
			}
			if line, twice := lines[full]; twice {
				p.problem(m.At, "%s is there twice; first on line %d", short(name), line)
			} else {
				lines[full] = n.Line
			}
		}
		c.Models = append(c.Models, m)
	}
}

func (p *parser) model(m *Model, n *yaml.Node) bool {
	before := p.count
	if n.Kind != yaml.MappingNode {
		if s, ok := p.text(&yaml.Node{Value: "a model"}, n); ok {
			m.ID = s
			p.modelName(Text{s, at(n)})
		}
		return p.count == before
	}
	var hub, id *yaml.Node
	p.mapping(n, "a model", []key{
		{"id", func(p *parser, k, v *yaml.Node) {
			id = k
			if s, ok := p.text(k, v); ok {
				m.ID = s
				p.modelName(Text{s, at(v)})
			}
		}},
		{"precision", setSomeOf(&m.Precisions, "precision", Precisions)},
		{"hub", func(p *parser, k, v *yaml.Node) {
			hub, m.Hub = k, &Search{}
			p.mapping(v, "hub", hubKeys(m.Hub))
		}},
	})
	_, precision := cutPrecision(m.ID)
	switch {
	case p.count > before:
	case hub != nil && id != nil:
		p.problem(at(hub), "an entry is either a model (id) or a search (hub), not both")
	case hub == nil && id == nil:
		p.problem(at(n), "an entry needs an id: {id: deepset/roberta-base-squad2}, or a search: {hub: {language: en, top: 20}}")
	case precision != "" && len(m.Precisions) > 0:
		p.problem(at(id), "%s names a precision already; leave out one of the two", short(m.ID))
	}
	return p.count == before
}

// modelName checks what shows without looking for the model.
func (p *parser) modelName(v Text) {
	_, precision := cutPrecision(v.Text)
	switch {
	case strings.IndexFunc(v.Text, func(r rune) bool { return unicode.IsControl(r) }) >= 0:
		p.problem(v.At, "%q is no name of a model", short(v.Text))
	case !isPath(v.Text) && strings.ContainsFunc(v.Text, unicode.IsSpace):
		p.problem(v.At, "%q is no name of a model: an id has no spaces, and a directory starts with ./, ../ or /", short(v.Text))
	case precision != "" && !slices.Contains(Precisions, precision):
		p.oneOf(Text{precision, v.At}, "precision", Precisions)
	}
}

func isPath(s string) bool {
	for _, start := range []string{"./", "../", "/", "file:", `.\`, `..\`, `\`} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/')
}

func hubKeys(s *Search) []key {
	return []key{
		{"search", setText(&s.Text)},
		{"author", setText(&s.Author)},
		{"language", setText(&s.Language)},
		{"license", setText(&s.License)},
		{"dataset", setText(&s.Dataset)},
		{"tags", func(p *parser, k, v *yaml.Node) {
			for _, t := range p.texts(k, v) {
				s.Tags = append(s.Tags, t.Text)
			}
		}},
		{"sort", setOneOf(&s.Sort, "order", Sorts)},
		{"max_size", setSize(&s.MaxSize)},
		{"top", setWhole(&s.Top, 1, maxTop)},
	}
}

// String says what is searched for, as reports have it: "hub(language=en, top=60)".
func (s *Search) String() string {
	var parts []string
	for _, x := range []struct{ name, value string }{
		{"search", s.Text}, {"author", s.Author}, {"language", s.Language}, {"license", s.License}, {"dataset", s.Dataset},
		{"tags", strings.Join(s.Tags, "+")}, {"sort", s.Sort},
	} {
		if x.value != "" {
			parts = append(parts, x.name+"="+x.value)
		}
	}
	if s.MaxSize > 0 {
		parts = append(parts, fmt.Sprintf("max_size=%d", s.MaxSize))
	}
	if s.Top > 0 {
		parts = append(parts, fmt.Sprintf("top=%d", s.Top))
	}
	return "hub(" + strings.Join(parts, ", ") + ")"
}
