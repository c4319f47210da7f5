package project

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tryall/tryall/eval"
)

// Limit is one thing that the contestant to be used must reach.
type Limit struct {
	Name  string // of a metric, or one of the measurements
	Op    string // >=, <=, >, < or ==
	Bound float64
	At    At
}

func (l Limit) String() string {
	return fmt.Sprintf("%s %s %s", l.Name, l.Op, strconv.FormatFloat(l.Bound, 'f', -1, 64))
}

// Gate is what must hold, in the order of the file.
type Gate []Limit

// measurement is what a gate can ask besides metrics. The figure of a contestant is not ok where it was not measured.
type measurement struct {
	name, unit string
	lower      bool // less is better
	of         func(*eval.Entrant) (float64, bool)
	missing    string
}

var measurements = []measurement{
	{"p50_ms", "ms", true, func(e *eval.Entrant) (float64, bool) { return e.P50, e.P50 > 0 }, "its latency was not measured"},
	{"p95_ms", "ms", true, func(e *eval.Entrant) (float64, bool) { return e.P95, e.P95 > 0 }, "its latency was not measured"},
	{"peak_mb", "MB", true, func(e *eval.Entrant) (float64, bool) { return float64(e.PeakBytes) / 1e6, e.PeakBytes > 0 }, "its memory was not measured"},
	{"questions", "", false, func(e *eval.Entrant) (float64, bool) { return float64(e.N), true }, ""},
	{"errors", "", true, func(e *eval.Entrant) (float64, bool) { return float64(e.Errors), true }, ""},
}

// GateNames are what a gate can ask for: the metrics in percent, p50_ms and p95_ms of one question alone, peak_mb in MB of
// 10^6 bytes, questions (labelled ones that the contestant answered) and errors.
func GateNames() (out []string) {
	for _, m := range eval.Metrics {
		out = append(out, m.Name)
	}
	for _, m := range measurements {
		out = append(out, m.name)
	}
	return out
}

func measurementOf(name string) (measurement, bool) {
	i := slices.IndexFunc(measurements, func(m measurement) bool { return m.name == name })
	if i < 0 {
		return measurement{}, false
	}
	return measurements[i], true
}

// gate reads limits: {f1: ">=70", p95_ms: ["<=250", ">1"]}.
func (p *parser) gate(c *Config, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.problem(at(n), "gate must be limits such as {f1: \">=70\"}, not %s", kind(n))
		return
	}
	names := GateNames()
	p.each(n, "gate", func(k, v *yaml.Node) {
		if !p.oneOf(Text{k.Value, at(k)}, "limit of a gate", names) {
			return
		}
		entries := []*yaml.Node{v}
		if v.Kind == yaml.SequenceNode {
			entries = v.Content
		}
		for _, e := range entries {
			if l, ok := p.limit(k.Value, e); ok {
				c.Gate = append(c.Gate, l)
			}
		}
	})
}

var limitForm = regexp.MustCompile(`^\s*(>=|<=|==|>|<)\s*([0-9]+(?:\.[0-9]+)?)\s*(%|[A-Za-z]*)\s*$`)

func (p *parser) limit(name string, v *yaml.Node) (Limit, bool) {
	m, measured := measurementOf(name)
	metric, _ := eval.MetricByName(name)
	unit, lower := "%", metric.LowerBetter
	if measured {
		unit, lower = m.unit, m.lower
	}
	example := ">=70"
	if lower {
		example = "<=250"
	}
	parts := limitForm.FindStringSubmatch(v.Value)
	if v.Kind != yaml.ScalarNode || parts == nil {
		if number := v.ShortTag(); v.Kind == yaml.ScalarNode && (number == "!!int" || number == "!!float") {
			example = example[:2] + v.Value
		}
		p.problem(at(v), "%s must be a comparison and a number in quotes, such as %q, not %s; there are >=, <=, >, <, ==", name, example, kind(v))
		return Limit{}, false
	}
	bound, err := strconv.ParseFloat(parts[2], 64)
	switch {
	case err != nil || math.IsInf(bound, 0):
		p.problem(at(v), "%s: %s is out of range", name, short(parts[2]))
	case parts[3] != "" && parts[3] != unit:
		p.problem(at(v), "%s: the unit is %s", name, unitName(unit))
	case !measured && bound > 100:
		p.problem(at(v), "%s: %s is more than 100, and the figure is in percent", name, parts[2])
	case !measured && bound > 0 && bound <= 1 && parts[3] == "":
		p.problem(at(v), "%s: figures are percent, 0 to 100; did you mean %q? If %s percent is meant, write %q", name,
			parts[1]+trim(100*bound), parts[2], parts[1]+parts[2]+"%")
	default:
		return Limit{Name: name, Op: parts[1], Bound: bound, At: at(v)}, true
	}
	return Limit{}, false
}

func unitName(unit string) string {
	switch unit {
	case "":
		return "a plain number"
	case "%":
		return "percent"
	}
	return unit
}

// trim is a number without the noise of its arithmetic.
func trim(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 6, 64), "0"), ".")
}
