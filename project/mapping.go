package project

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// key is one key of a section and what reads its value.
type key struct {
	name string
	read func(p *parser, k, v *yaml.Node)
}

// mapping reads a section, named for messages; the name of the file's own is empty.
func (p *parser) mapping(n *yaml.Node, section string, keys []key) {
	if n.Kind != yaml.MappingNode {
		p.problem(at(n), "%s must be keys with values, not %s", where(section), kind(n))
		return
	}
	p.each(n, section, func(k, v *yaml.Node) {
		for _, known := range keys {
			if known.name == k.Value {
				p.places[section+"."+k.Value] = at(v)
				known.read(p, k, v)
				return
			}
		}
		if p.full() {
			p.count++
			return
		}
		p.problem(at(k), "%s", unknown(section, k.Value, keys))
	})
}

// each calls f for the keys of a mapping and says which are there twice.
func (p *parser) each(n *yaml.Node, section string, f func(k, v *yaml.Node)) {
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			p.problem(at(k), "a key of %s must be a word, not %s", where(section), kind(k))
			continue
		}
		if line, twice := lines[k.Value]; twice {
			p.problem(at(k), "%s is there twice; first on line %d", short(k.Value), line)
			continue
		}
		lines[k.Value] = k.Line
		f(k, v)
	}
}

func where(section string) string {
	if section == "" {
		return "the project"
	}
	return section
}

// unknown says what may have been meant by a key that is not known.
func unknown(section, name string, keys []key) string {
	what := fmt.Sprintf("unknown key %s", short(name))
	if section != "" {
		what += " in " + section
	}
	if owner, ok := owners()[name]; ok && owner != section {
		if owner == "" {
			return what + "; it belongs to the project itself, not indented"
		}
		return what + "; it belongs in " + owner
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	if near := nearest(name, names); near != "" {
		return what + "; did you mean " + near + "?"
	}
	return what + "; there are " + strings.Join(names, ", ")
}

// owners says for every key which section has it; the outermost one where several do.
func owners() map[string]string {
	out := map[string]string{}
	var c Config
	for _, s := range []struct {
		name string
		keys []key
	}{{"", topKeys(&c)}, {"params", paramKeys(&c)}, {"eval", evalKeys(&c)}, {"race", raceKeys(&c)}, {"hub", hubKeys(&Search{})}} {
		for _, k := range s.keys {
			if _, there := out[k.name]; !there {
				out[k.name] = s.name
			}
		}
	}
	return out
}

// kind names what a node is, as people say it.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys with values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	case n.ShortTag() == "!!bool":
		return n.Value
	case n.ShortTag() == "!!int", n.ShortTag() == "!!float":
		return "the number " + short(n.Value)
	}
	return fmt.Sprintf("%q", short(n.Value))
}
