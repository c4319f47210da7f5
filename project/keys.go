package project

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/tryall/tryall/eval"
)

// What names may stand for. The engine has these lists too; this package does not know the engine.
var (
	// Precisions are the number formats that a model can run in.
	Precisions = []string{"fp32", "fp16", "bf16", "int8"}
	// Decoders are the ways in which logits become answers.
	Decoders = []string{"gap", "hf", "squad", "squad-beam", "squad-beam-hf"}
	// Modes are where the passages come from that are read.
	Modes = []string{eval.Oracle, eval.Retrieved}
	// Sorts are the orders of a search on the Hub.
	Sorts = []string{"downloads", "likes", "lastModified", "createdAt", "trendingScore"}
)

const (
	maxCount   = 1 << 24 // counts and lengths; far above any use
	maxThreads = 1024
	maxTop     = 1000
	maxRead    = 1000 // passages read for one question
)

// topKeys are the keys of the file, in the order in which people see them.
func topKeys(c *Config) []key {
	return []key{
		{"description", setText(&c.Description)},
		{"corpus", setTexts(&c.Corpus)},
		{"exclude", setTexts(&c.Exclude)},
		{"questions", setTexts(&c.Questions)},
		{"models", func(p *parser, _, v *yaml.Node) { p.models(c, v) }},
		{"params", func(p *parser, _, v *yaml.Node) { p.mapping(v, "params", paramKeys(c)) }},
		{"eval", func(p *parser, _, v *yaml.Node) { p.mapping(v, "eval", evalKeys(c)) }},
		{"gate", func(p *parser, _, v *yaml.Node) { p.gate(c, v) }},
		{"threads", setWhole(&c.Threads, 0, maxThreads)},
		{"memory", setSize(&c.Memory)},
	}
}

func paramKeys(c *Config) []key {
	q := &c.Params
	return []key{
		{"decoder", setOneOf(&q.Decoder, "decoder", Decoders)},
		{"top_k", setWholeAt(&q.TopK, 1, maxCount)},
		{"max_seq_len", setWholeAt(&q.MaxSeqLen, 1, maxCount)},
		{"doc_stride", setWholeAt(&q.DocStride, 0, maxCount)},
		{"max_answer_len", setWholeAt(&q.MaxAnswerLen, 1, maxCount)},
		{"no_answer", func(p *parser, k, v *yaml.Node) {
			if v.Kind == yaml.ScalarNode && v.Value == "auto" {
				return
			}
			if b, ok := p.truth(k, v, "auto, "); ok {
				q.NoAnswer = &b
			}
		}},
		{"threshold", func(p *parser, k, v *yaml.Node) {
			if f, ok := p.number(k, v); ok {
				q.Threshold = &f
			}
		}},
		{"v2", setTruthAt(&q.V2)},
		{"align_to_words", setTruthAt(&q.AlignToWords)},
		{"n_best", setWholeAt(&q.NBest, 1, maxCount)},
		{"passages", setWholeAt(&q.Passages, 1, maxRead)},
	}
}

func evalKeys(c *Config) []key {
	e := &c.Eval
	return []key{
		{"metric", func(p *parser, k, v *yaml.Node) {
			if s, ok := p.text(k, v); ok && p.metric(Text{s, at(v)}) {
				e.Metric = s
			}
		}},
		{"mode", setSomeOf(&e.Modes, "mode", Modes)},
		{"race", func(p *parser, k, v *yaml.Node) {
			if v.Kind == yaml.MappingNode {
				p.mapping(v, "race", raceKeys(c))
			} else if race, ok := p.truth(k, v, "{start, alpha}, "); ok {
				e.Full = !race
			}
		}},
		{"seed", func(p *parser, k, v *yaml.Node) {
			n, err := strconv.ParseUint(v.Value, 10, 64)
			if v.Kind != yaml.ScalarNode || err != nil {
				p.problem(at(v), "%s must be a whole number from 0 on, not %s", k.Value, kind(v))
				return
			}
			e.Seed = &n
		}},
		{"budget", setDuration(&e.Budget)},
		{"limit", setWhole(&e.Limit, 1, maxCount)},
	}
}

func raceKeys(c *Config) []key {
	e := &c.Eval
	return []key{
		{"start", setWhole(&e.Start, 2, maxCount)},
		{"alpha", func(p *parser, k, v *yaml.Node) {
			f, ok := p.number(k, v)
			if ok && (f <= 0 || f > 0.5) {
				p.problem(at(v), "alpha is %v; it must be more than 0 and at most 0.5, for it is a probability", f)
			} else if ok {
				e.Alpha = f
			}
		}},
	}
}

// metric takes the metrics that contestants can be ranked by: those with a score per question.
func (p *parser) metric(v Text) bool {
	var names []string
	for _, m := range eval.Metrics {
		if m.Each != nil {
			names = append(names, m.Name)
		}
	}
	if _, known := eval.MetricByName(v.Text); known && !slices.Contains(names, v.Text) {
		p.problem(v.At, "%s has no score per question, so models cannot be ranked by it; it can be a limit of the gate", v.Text)
		return false
	}
	return p.oneOf(v, "metric", names)
}

// across checks what two values say together.
func (p *parser) across(c *Config) {
	q := &c.Params
	if q.MaxSeqLen != nil && q.DocStride != nil && *q.DocStride >= *q.MaxSeqLen {
		p.problem(p.places["params.doc_stride"], "doc_stride is %d and max_seq_len %d; windows must overlap by less than their length", *q.DocStride, *q.MaxSeqLen)
	}
}
