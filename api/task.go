package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// taskAnswer is an answer as the Hugging Face API gives it.
type taskAnswer struct {
	Answer string          `json:"answer"`
	Score  workbench.Float `json:"score"`
	Start  int             `json:"start"`
	End    int             `json:"end"`
}

// taskInput is one question. Its fields may also stand beside the parameters, without "inputs".
type taskInput struct {
	Question string `json:"question"`
	Context  string `json:"context"`
}

// taskNames are the parameters of the task, as Python names them and as JavaScript does. max_question_len is taken and changes nothing,
// as with the fast tokenizers of transformers.
var taskNames = []struct {
	python, js string
	field      func(p *workbench.Params) any
}{
	{"top_k", "topK", func(p *workbench.Params) any { return &p.TopK }},
	{"max_seq_len", "maxSeqLen", func(p *workbench.Params) any { return &p.MaxSeqLen }},
	{"doc_stride", "docStride", func(p *workbench.Params) any { return &p.DocStride }},
	{"max_answer_len", "maxAnswerLen", func(p *workbench.Params) any { return &p.MaxAnswerLen }},
	{"handle_impossible_answer", "handleImpossibleAnswer", func(p *workbench.Params) any { return &p.NoAnswer }},
	{"align_to_words", "alignToWords", func(p *workbench.Params) any { return &p.AlignToWords }},
}

// task is the question answering task of the Hugging Face API, decoded as its pipeline does.
func (r *routes) task(w http.ResponseWriter, req *http.Request) {
	out, err := r.answerTask(w, req)
	status := http.StatusOK
	if err != nil {
		if status = statusOf(err); status == http.StatusUnprocessableEntity && qa.CodeOf(err) == qa.Invalid {
			status = http.StatusBadRequest // as the hosted API has it
		}
		out = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out) // whoever has gone needs no answer
}

func (r *routes) answerTask(w http.ResponseWriter, req *http.Request) (any, error) {
	m, err := r.find(req.PathValue("id"), "")
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "read the request: %w", err)
	}
	inputs, many, params, err := readTask(raw)
	if err != nil {
		return nil, err
	}
	s, release, err := r.Pool.Use(req.Context(), m, params)
	if err != nil {
		return nil, err
	}
	defer release()
	asks := make([]workbench.Ask, len(inputs))
	for i, in := range inputs {
		asks[i] = workbench.Ask{Question: in.Question, Context: in.Context}
	}
	outcomes, err := s.Ask(req.Context(), asks)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(outcomes))
	for i, o := range outcomes {
		if o.Err != nil {
			return nil, o.Err
		}
		out[i] = taskAnswers(o.Result, params)
	}
	if !many {
		return out[0], nil
	}
	return out, nil
}

// taskAnswers is a list, or the one answer when one is asked for.
func taskAnswers(r workbench.Result, p workbench.Params) any {
	list := make([]taskAnswer, len(r.Answers))
	for i, a := range r.Answers {
		list[i] = taskAnswer{a.Answer, a.Score, a.Start, a.End}
	}
	if (p.TopK == nil || *p.TopK == 1) && len(list) == 1 {
		return list[0]
	}
	return list
}

// readTask reads {"inputs": {...} or [...], "parameters": {...}} and the flat form, in Python's names and in JavaScript's.
func readTask(raw []byte) (inputs []taskInput, many bool, p workbench.Params, err error) {
	p.Decoder = "hf"
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, false, p, qa.Errorf(qa.Invalid, "the request is not a JSON object: %w", err)
	}
	given, nested := body["inputs"]
	switch {
	case !nested:
		given = raw
	case bytes.HasPrefix(bytes.TrimSpace(given), []byte("[")):
		many = true
		err = json.Unmarshal(given, &inputs)
	}
	if !many {
		inputs = make([]taskInput, 1)
		err = json.Unmarshal(given, &inputs[0])
	}
	if err != nil {
		return nil, many, p, qa.Errorf(qa.Invalid, `inputs must be {"question": "...", "context": "..."} or a list of such: %w`, err)
	}
	for _, in := range inputs {
		if in.Question == "" || in.Context == "" {
			return nil, many, p, qa.Errorf(qa.Invalid, `inputs need a "question" and a "context"; neither may be empty`)
		}
	}
	named := body
	if raw, ok := body["parameters"]; ok {
		named = nil
		if err := json.Unmarshal(raw, &named); err != nil {
			return nil, many, p, qa.Errorf(qa.Invalid, "parameters must be an object: %w", err)
		}
	}
	if err := readParameters(named, &p); err != nil {
		return nil, many, p, err
	}
	return inputs, many, p, nil
}

func readParameters(named map[string]json.RawMessage, p *workbench.Params) error {
	for _, n := range taskNames {
		for _, name := range []string{n.python, n.js} {
			v, ok := named[name]
			if !ok {
				continue
			}
			if err := json.Unmarshal(v, n.field(p)); err != nil {
				return qa.Errorf(qa.Invalid, "parameters: %s: %w", name, plain(err))
			}
		}
	}
	for _, c := range []struct {
		name  string
		value *int
		least int
	}{{"top_k", p.TopK, 1}, {"max_seq_len", p.MaxSeqLen, 1}, {"doc_stride", p.DocStride, 0}, {"max_answer_len", p.MaxAnswerLen, 1}} {
		if c.value != nil && *c.value < c.least {
			return qa.Errorf(qa.Invalid, "parameters: %s is %d; it must be at least %d", c.name, *c.value, c.least)
		}
	}
	return nil
}

// plain says what kind of value was wanted, in JSON's words.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return err
	}
	wanted := "a whole number"
	if kind.Type.String() == "bool" {
		wanted = "true or false"
	}
	return fmt.Errorf("it must be %s, not %s", wanted, kind.Value)
}

// taskOperation describes the task, whose two forms no Go type has.
func taskOperation() *huma.Operation {
	return &huma.Operation{
		OperationID: "task", Method: http.MethodPost, Path: "/models/{id}", Summary: "The question answering task of the Hugging Face API.",
		Description: "Takes {\"inputs\": {\"question\", \"context\"}, \"parameters\": {...}} and gives a list of {answer, score, start, end}, or one such object when top_k is 1. The id may hold a slash, a revision and a precision.",
		Parameters:  []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}},
		Responses: map[string]*huma.Response{
			"200":     {Description: "The answers.", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}}},
			"default": {Description: "What went wrong, as {\"error\": \"...\"}.", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}},
		},
	}
}
