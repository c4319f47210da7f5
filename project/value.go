package project

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// text is a word or a sentence; what looks like a number counts as written.
func (p *parser) text(k, v *yaml.Node) (string, bool) {
	if tag := v.ShortTag(); v.Kind != yaml.ScalarNode || tag == "!!null" || tag == "!!bool" {
		p.problem(at(v), "%s must be text, not %s", k.Value, kind(v))
		return "", false
	}
	if strings.TrimSpace(v.Value) == "" {
		p.problem(at(v), "%s is empty", k.Value)
		return "", false
	}
	return v.Value, true
}

func setText(dest *string) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) { *dest, _ = p.text(k, v) }
}

// texts is a list, or a single entry.
func (p *parser) texts(k, v *yaml.Node) (out []Text) {
	entries := []*yaml.Node{v}
	switch v.Kind {
	case yaml.SequenceNode:
		entries = v.Content
	case yaml.MappingNode:
		p.problem(at(v), "%s must be a list, or one entry of it, not %s", k.Value, kind(v))
		return nil
	}
	lines := map[string]int{}
	for _, n := range entries {
		s, ok := p.text(k, n)
		if line, twice := lines[s]; ok && twice {
			p.problem(at(n), "%s is there twice; first on line %d", short(s), line)
		} else if ok {
			lines[s] = n.Line
			out = append(out, Text{s, at(n)})
		}
	}
	return out
}

func setTexts(dest *[]Text) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) { *dest = p.texts(k, v) }
}

// oneOf is a name out of a list.
func (p *parser) oneOf(v Text, what string, names []string) bool {
	if slices.Contains(names, v.Text) {
		return true
	}
	list := strings.Join(names, ", ")
	if near := nearest(v.Text, names); near != "" {
		p.problem(v.At, "%s is no %s; did you mean %s? There are %s", short(v.Text), what, near, list)
	} else {
		p.problem(v.At, "%s is no %s; there are %s", short(v.Text), what, list)
	}
	return false
}

func setOneOf(dest *string, what string, names []string) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) {
		if s, ok := p.text(k, v); ok && p.oneOf(Text{s, at(v)}, what, names) {
			*dest = s
		}
	}
}

// setSomeOf is a list of names out of a list, or one of them.
func setSomeOf(dest *[]string, what string, names []string) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) {
		for _, t := range p.texts(k, v) {
			if p.oneOf(t, what, names) {
				*dest = append(*dest, t.Text)
			}
		}
	}
}

// whole is a whole number within bounds.
func (p *parser) whole(k, v *yaml.Node, least, most int) (int, bool) {
	n, err := strconv.ParseInt(strings.ReplaceAll(v.Value, "_", ""), 10, 64)
	switch {
	case v.Kind != yaml.ScalarNode || v.ShortTag() != "!!int" || err != nil:
		p.problem(at(v), "%s must be a whole number, not %s", k.Value, kind(v))
	case n < int64(least) || n > int64(most):
		p.problem(at(v), "%s is %d; it must be %d to %d", k.Value, n, least, most)
	default:
		return int(n), true
	}
	return 0, false
}

func setWhole(dest *int, least, most int) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) { *dest, _ = p.whole(k, v, least, most) }
}

func setWholeAt(dest **int, least, most int) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) {
		if n, ok := p.whole(k, v, least, most); ok {
			*dest = &n
		}
	}
}

// number is a finite number.
func (p *parser) number(k, v *yaml.Node) (float64, bool) {
	f, err := strconv.ParseFloat(v.Value, 64)
	if tag := v.ShortTag(); v.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" || err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		p.problem(at(v), "%s must be a finite number, not %s", k.Value, kind(v))
		return 0, false
	}
	return f, true
}

// truth is true or false.
func (p *parser) truth(k, v *yaml.Node, also string) (bool, bool) {
	if v.Kind == yaml.ScalarNode && v.ShortTag() == "!!bool" {
		return strings.EqualFold(v.Value, "true"), true
	}
	p.problem(at(v), "%s must be %strue or false, not %s", k.Value, also, kind(v))
	return false, false
}

func setTruthAt(dest **bool) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) {
		if b, ok := p.truth(k, v, ""); ok {
			*dest = &b
		}
	}
}

var (
	sizeForm = regexp.MustCompile(`^(?i)([0-9]+(?:\.[0-9]+)?)\s*([kmgt]i?)?b$`)
	units    = map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40}
)

// setSize reads "1.5GB" or "800 MiB" as bytes.
func setSize(dest *int64) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) {
		m := sizeForm.FindStringSubmatch(v.Value)
		if v.Kind != yaml.ScalarNode || m == nil {
			p.problem(at(v), "%s must be a size with its unit, such as 1.5GB or 800MB, not %s", k.Value, kind(v))
			return
		}
		f, err := strconv.ParseFloat(m[1], 64)
		f *= units[strings.ToLower(m[2])]
		if err != nil || f < 1 || f >= 1<<60 {
			p.problem(at(v), "%s is %s, which is out of range", k.Value, short(v.Value))
			return
		}
		*dest = int64(f)
	}
}

// setDuration reads "10m" or "1h30m".
func setDuration(dest *time.Duration) func(*parser, *yaml.Node, *yaml.Node) {
	return func(p *parser, k, v *yaml.Node) {
		d, err := time.ParseDuration(v.Value)
		switch {
		case v.Kind != yaml.ScalarNode || err != nil || v.Value == "0":
			p.problem(at(v), "%s must be a time with its unit, such as 90s, 10m or 1h30m, not %s", k.Value, kind(v))
		case d <= 0:
			p.problem(at(v), "%s is %s; it must be more than nothing", k.Value, short(v.Value))
		default:
			*dest = d
		}
	}
}
