package workbench

import (
	"fmt"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Plan is what a bake-off is to do. A run keeps it, so that it can be gone on with.
type Plan struct {
	Models   []PlanModel   `json:"models"`
	Data     []string      `json:"data,omitempty"`    // files of questions
	Sets     []string      `json:"sets,omitempty"`    // sets that were imported into the project
	Corpus   []string      `json:"corpus,omitempty"`  // files, folders and globs that the corpus is brought up to date with
	Exclude  []string      `json:"exclude,omitempty"` // patterns of what is left out of it
	Modes    []string      `json:"modes"`             // eval.Oracle, eval.Retrieved; the first decides
	Metric   string        `json:"metric"`
	Params   Params        `json:"params"`
	Passages int           `json:"passages"` // read per question when they are retrieved
	Seed     uint64        `json:"seed"`
	Alpha    float64       `json:"alpha"`
	Start    int           `json:"start"`
	Full     bool          `json:"full"`
	Limit    int           `json:"limit,omitempty"`
	Budget   time.Duration `json:"budget_ns,omitempty"`
	Memory   int64         `json:"memory,omitempty"`  // bytes that open models may take; 0: by what is free
	Threads  int           `json:"threads,omitempty"` // 0: all cores
	Config   string        `json:"config,omitempty"`  // the file that it is from
}

// PlanModel is one contestant by name.
type PlanModel struct {
	Name      string `json:"name"`
	Precision string `json:"precision,omitempty"`
}

// The defaults of a plan.
const (
	DefaultPassages = 5
	DefaultAlpha    = 0.05
	DefaultStart    = 16
	DefaultSeed     = 1
)

// fill puts defaults where a plan says nothing.
func (p *Plan) fill() {
	if len(p.Modes) == 0 {
		p.Modes = []string{eval.Oracle}
	}
	if p.Metric == "" {
		p.Metric = "f1"
	}
	if p.Passages == 0 {
		p.Passages = DefaultPassages
	}
	if p.Alpha == 0 {
		p.Alpha = DefaultAlpha
	}
	if p.Start == 0 {
		p.Start = DefaultStart
	}
	if p.Params.Decoder == "" {
		p.Params.Decoder = Decoders[0]
	}
}

// check refuses what cannot be meant.
func (p *Plan) check() (eval.Metric, error) {
	m, ok := eval.MetricByName(p.Metric)
	switch {
	case !ok:
		return m, qa.Errorf(qa.Invalid, "there is no metric %q", p.Metric)
	case m.Each == nil:
		return m, qa.Errorf(qa.Invalid, "%s has no score per question, so it cannot decide a race; take f1 or exact", p.Metric)
	}
	for _, mode := range p.Modes {
		if mode != eval.Oracle && mode != eval.Retrieved {
			return m, qa.Errorf(qa.Invalid, "there is no mode %q; there are %s and %s", mode, eval.Oracle, eval.Retrieved)
		}
	}
	return m, nil
}

// params are the parameters that were set, as a report lists them.
func (p *Plan) params() map[string]string {
	out := map[string]string{}
	for name, v := range map[string]*int{"top_k": p.Params.TopK, "max_seq_len": p.Params.MaxSeqLen, "doc_stride": p.Params.DocStride,
		"max_answer_len": p.Params.MaxAnswerLen, "n_best": p.Params.NBest} {
		if v != nil {
			out[name] = fmt.Sprint(*v)
		}
	}
	for name, v := range map[string]*bool{"no_answer": p.Params.NoAnswer, "align_to_words": p.Params.AlignToWords} {
		if v != nil {
			out[name] = fmt.Sprint(*v)
		}
	}
	if p.Params.V2 {
		out["v2"] = "true"
	}
	if t := p.Params.Threshold; t != nil {
		out["threshold"] = fmt.Sprint(*t)
	}
	return out
}
