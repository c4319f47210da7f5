package eval

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/tryall/tryall/qa"
)

// RunOptions say how to evaluate and what to write down about it.
type RunOptions struct {
	Contestant string            // the full name, id@revision:precision; the reader's String when empty
	Decoder    string            // named in verdicts
	Notes      map[string]string // whatever else could change the result: engine, kernel, parameters
	Limit      int               // the first so many questions; 0 means all
	// Task makes the task of question i; when nil it is the question with its own passage.
	Task func(i int) qa.Task

	// TimeAlone is how many questions are asked once more, one by one, for the latencies: 64 when 0, none when
	// negative. TimeBudget ends that early; 10 s when 0.
	TimeAlone  int
	TimeBudget time.Duration

	// Each is called for every question in the order of the data set, from one goroutine; Writer.Write fits.
	Each func(*Result, qa.Prediction) error
	// Progress is called after every part of the work.
	Progress func(Progress)
}

// Progress is how far an evaluation is.
type Progress struct {
	Done, Total int // questions
	Errors      int
	Elapsed     time.Duration
}

// Run is one reader's evaluation on one data set, with all that could change it.
type Run struct {
	Contestant string            `json:"contestant"`
	Reader     string            `json:"reader"` // as it prints itself
	Decoder    string            `json:"decoder,omitempty"`
	Notes      map[string]string `json:"notes,omitempty"`
	Digest     string            `json:"dataset_digest"`
	V2         bool              `json:"v2"`
	Limit      int               `json:"limit,omitempty"`

	Results   []Result `json:"results"`
	Report    Report   `json:"report"`
	Speed     Speed    `json:"speed"`
	PeakBytes int64    `json:"peak_bytes,omitempty"` // for the caller to fill in, who can measure it
	Errors    int      `json:"errors"`
	Warnings  []string `json:"warnings,omitempty"`
}

// Speed is throughput over the whole run, questions packed together, and latency of single questions after warm-up.
type Speed struct {
	QuestionsPerSecond float64 `json:"questions_per_second"`
	TokensPerSecond    float64 `json:"tokens_per_second"`
	P50                float64 `json:"p50_ms"`
	P95                float64 `json:"p95_ms"`
	TimedAlone         int     `json:"timed_alone"` // questions behind p50 and p95; 0: they were not measured
}

// Evaluate asks every question, of its own passage (oracle context) unless told otherwise, and judges the answers. A question that the
// reader fails on scores 0 and is counted. Besides the results it holds only the part of the work in hand.
func Evaluate(ctx context.Context, reader qa.Reader, d *Dataset, o RunOptions) (*Run, error) {
	d = d.Head(o.Limit)
	if len(d.Examples) == 0 {
		return nil, qa.Errorf(qa.Invalid, "evaluate: the data set has no questions")
	}
	for i := range d.Examples {
		if err := d.Examples[i].scorable(d.V2); err != nil {
			return nil, err
		}
	}
	if o.Task == nil {
		o.Task = d.Task
	}
	r := &Run{
		Contestant: o.Contestant, Reader: reader.String(), Decoder: o.Decoder, Notes: o.Notes,
		Digest: d.Digest, V2: d.V2, Limit: o.Limit, Results: make([]Result, 0, len(d.Examples)),
	}
	if r.Contestant == "" {
		r.Contestant = r.Reader
	}
	if err := r.readAll(ctx, reader, d, o); err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", r.Contestant, err)
	}
	if err := r.timeAlone(ctx, reader, d, o); err != nil {
		return nil, fmt.Errorf("evaluate %s: time single questions: %w", r.Contestant, err)
	}
	return r, r.report(d)
}

// The parts in which questions go to the reader: small enough for progress every second or two, large enough to pack.
const (
	firstPart, largestPart = 16, 512
	partTime               = 2 * time.Second
)

func (r *Run) readAll(ctx context.Context, reader qa.Reader, d *Dataset, o RunOptions) error {
	begin := time.Now()
	var reading time.Duration // without Each and Progress
	tokens, size := 0, firstPart
	for at := 0; at < len(d.Examples); {
		n := min(size, len(d.Examples)-at)
		start := time.Now()
		predictions, err := read(ctx, reader, o.Task, at, n)
		took := time.Since(start)
		if err != nil {
			return err
		}
		reading += took
		for k, p := range predictions {
			res := newResult(d, at+k, p)
			if res.Err != "" {
				r.fail(&res)
			}
			tokens += p.Tokens
			r.Results = append(r.Results, res)
			if o.Each != nil {
				if err := o.Each(&r.Results[len(r.Results)-1], p); err != nil {
					return err
				}
			}
		}
		at += n
		if o.Progress != nil {
			o.Progress(Progress{Done: at, Total: len(d.Examples), Errors: r.Errors, Elapsed: time.Since(begin)})
		}
		fits := float64(n) * float64(partTime) / float64(max(took, 1))
		size = int(min(max(fits, firstPart), float64(2*size), largestPart))
	}
	seconds := max(reading.Seconds(), 1e-9)
	r.Speed.QuestionsPerSecond = float64(len(d.Examples)) / seconds
	r.Speed.TokensPerSecond = float64(tokens) / seconds
	return nil
}

func (r *Run) fail(res *Result) {
	r.Errors++
	if r.Errors == 1 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("question %q failed and scores 0: %s", res.ID, res.Err))
	}
}

// read asks the n questions from at on.
func read(ctx context.Context, reader qa.Reader, task func(i int) qa.Task, at, n int) ([]qa.Prediction, error) {
	tasks := make([]qa.Task, n)
	for k := range tasks {
		tasks[k] = task(at + k)
	}
	predictions, err := reader.Read(ctx, tasks)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && len(predictions) != n {
		err = qa.Errorf(qa.Internal, "%d predictions for %d questions", len(predictions), n)
	}
	return predictions, err
}

// Task is question i with its own passage as the only hit. The passage is a document of its own, so that positions
// count in the context as the data set has it.
func (d *Dataset) Task(i int) qa.Task {
	e := &d.Examples[i]
	text := d.Passages[e.Passage].Text
	return qa.Task{
		Question: qa.Question{ID: qa.QuestionID(e.ID), Text: e.Text},
		Hits: []qa.Hit{{Passage: qa.Passage{
			Doc: qa.DocumentID("passage-" + strconv.Itoa(e.Passage+1)), Range: qa.Range{End: len(text)}, Text: text,
		}}},
	}
}

// report scores the predictions officially; in version 2.0, null odds serve as no-answer scores.
func (r *Run) report(d *Dataset) error {
	predictions := make(map[string]string, len(r.Results))
	odds, known := &NoAnswerScores{}, false
	for i := range r.Results {
		res := &r.Results[i]
		if res.Err != "" {
			continue
		}
		predictions[res.ID] = res.Text
		known = known || res.HasNull
		if res.HasNull {
			odds.Add(res.ID, res.NullOdds)
		} else {
			odds.Add(res.ID, math.Inf(1)) // there is nothing to answer at any threshold
		}
	}
	var o ScoreOptions
	if d.V2 && known {
		never := math.Inf(1) // the predictions are what the decoder decided
		o = ScoreOptions{NoAnswer: odds, Threshold: &never}
	}
	var err error
	r.Report, err = Score(d, predictions, o)
	r.Warnings = append(r.Warnings, r.Report.Warnings...)
	return err
}

// Fields are the report of `tryall eval`: the official keys, then the speed, then ours.
func (r *Run) Fields() Fields {
	f := r.Report.Fields()
	f.add("contestant", r.Contestant, "decoder", r.Decoder, "dataset_digest", r.Digest, "errors", r.Errors,
		"questions_per_second", r.Speed.QuestionsPerSecond, "tokens_per_second", r.Speed.TokensPerSecond)
	if r.Speed.TimedAlone > 0 {
		f.add("p50_ms", r.Speed.P50, "p95_ms", r.Speed.P95)
	}
	f.add("timed_alone", r.Speed.TimedAlone, "coverage_at", coverages(r.Results))
	if m, ok := MetricByName("wrong_rate"); ok {
		v, _ := m.Of(r.Results)
		f.add(m.Name, v)
	}
	return f
}
