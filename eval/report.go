package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Report holds official scores in percent. Its JSON has the official scripts' keys in their order, and ours after.
type Report struct {
	V2 bool
	Part
	HasAns, NoAns *Part             // version 2.0; nil where there are no such questions
	Best          *Best             // with no-answer scores
	PR            *AveragePrecision // with no-answer scores, where questions have answers
	Missing       int               // questions without a prediction, scored 0
	Warnings      []string
}

// Part is the score of some of the questions.
type Part struct {
	Exact, F1 float64
	Total     int
}

// Best is the highest score that a threshold on the no-answer score reaches, and that threshold: abstain above it.
type Best struct{ Exact, ExactThresh, F1, F1Thresh float64 }

// AveragePrecision is the area under three precision-recall curves.
type AveragePrecision struct{ Exact, F1, Oracle float64 }

// Fields are the report's keys and values in the order of the official scripts.
func (r Report) Fields() Fields {
	var f Fields
	if !r.V2 {
		f.add("exact_match", r.Exact, "f1", r.F1, "exact", r.Exact, "total", r.Total)
	} else {
		f.add("exact", r.Exact, "f1", r.F1, "total", r.Total)
	}
	if p := r.HasAns; p != nil {
		f.add("HasAns_exact", p.Exact, "HasAns_f1", p.F1, "HasAns_total", p.Total)
	}
	if p := r.NoAns; p != nil {
		f.add("NoAns_exact", p.Exact, "NoAns_f1", p.F1, "NoAns_total", p.Total)
	}
	if b := r.Best; b != nil {
		f.add("best_exact", b.Exact, "best_exact_thresh", b.ExactThresh, "best_f1", b.F1, "best_f1_thresh", b.F1Thresh)
	}
	if p := r.PR; p != nil {
		f.add("pr_exact_ap", p.Exact, "pr_f1_ap", p.F1, "pr_oracle_ap", p.Oracle)
	}
	f.add("missing", r.Missing)
	return f
}

// MarshalJSON writes the fields.
func (r Report) MarshalJSON() ([]byte, error) { return r.Fields().MarshalJSON() }

// Fields is a JSON object whose keys keep their order.
type Fields []Field

// Field is one key with its value.
type Field struct {
	Key   string
	Value any
}

func (f *Fields) add(pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		*f = append(*f, Field{pairs[i].(string), pairs[i+1]})
	}
}

// MarshalJSON writes strict JSON; a number that is infinite or NaN, which JSON cannot hold, becomes a string.
func (f Fields) MarshalJSON() ([]byte, error) { return f.write("", "", ":", `"`) }

// Python writes the object as Python's json.dumps(indent=2) does, with bare Infinity and NaN, which the official
// scripts print for thresholds that are so.
func (f Fields) Python() ([]byte, error) { return f.write("\n  ", "\n", ": ", "") }

func (f Fields) write(before, after, colon, quote string) ([]byte, error) {
	b := []byte{'{'}
	for i, kv := range f {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, before...)
		b = strconv.AppendQuote(b, kv.Key)
		b = append(b, colon...)
		if v, ok := kv.Value.(float64); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
			b = append(b, quote+pythonFloat(v)+quote...)
			continue
		}
		j, err := json.Marshal(kv.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kv.Key, err)
		}
		b = append(b, j...)
	}
	b = append(b, after...)
	return append(b, '}'), nil
}
