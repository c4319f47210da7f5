package models

import (
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state.
func states() []ui.State {
	var here []entry
	for _, m := range ui.StateModels() {
		e := entry{Entry: m.Entry}
		e.Revision, e.Architecture, e.SizeBytes = "0123456789", "bert", 45_900_000
		here = append(here, e)
	}
	broken := here[4]
	broken.ID, broken.Runnable, broken.Reason = "someone/half-a-model", false, "model.safetensors ends after 12 of 498 MB; go on with its download"
	here[0].Exam, here[4].Exam = stateExam(workbench.ExamDone), stateExam(workbench.ExamGoing)
	broken.Exam = stateExam(workbench.ExamDone)
	found := &workbench.Search{More: true, TooLarge: 3, UnknownSize: 1, Cached: true, At: time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC), Models: []workbench.Found{
		{ID: "deepset/roberta-base-squad2", Downloads: 812_345, SizeBytes: 496_000_000, MemoryBytes: 780_000_000, License: "cc-by-4.0", Abstains: hub.AbstainsYes, AbstainsWhy: "its card names squad_v2", Runnable: true, Here: true},
		{ID: "deepset/minilm-uncased-squad2", Downloads: 90_210, SizeBytes: 132_000_000, MemoryBytes: 300_000_000, License: "cc-by-4.0", Abstains: hub.AbstainsYes, Runnable: true},
		{ID: "google/bigbird-base-trivia-itc", Downloads: 1_201, SizeBytes: 512_000_000, License: "apache-2.0", Abstains: hub.AbstainsUnknown, Reason: "big_bird does not run; bert, roberta, distilbert do"}}}
	list := []struct {
		name string
		view
	}{
		{"empty", view{Local: here[:4]}},
		{"busy", view{Local: here[:4], Downloads: []workbench.PullStatus{{ID: "deepset/roberta-base-squad2", State: workbench.PullGoing, Bytes: 210e6, SizeBytes: 499e6, BytesPerSecond: 12.4e6, SecondsLeft: 23}, {ID: "deepset/minilm-uncased-squad2", State: workbench.PullWaiting}}}},
		{"full", view{Local: append(append([]entry{}, here...), broken), Search: search{Asked: true, Text: "squad2", Size: "600MB", Found: found}, Downloads: []workbench.PullStatus{{ID: "deepset/roberta-base-squad2", State: workbench.PullDone, Model: &workbench.Pulled{SizeBytes: 499e6, Runnable: true}}}}},
		{"failed", view{Local: here[:4], Search: search{Asked: true, Text: "squad2", Err: qa.Errorf(qa.Unavailable, "the Hub does not answer: connection refused; try again, or work with what is here")},
			Downloads: []workbench.PullStatus{{ID: "deepset/roberta-base-squad2", State: workbench.PullPaused, Bytes: 210e6, SizeBytes: 499e6}, {ID: "someone/gated", State: workbench.PullFailed, Err: qa.Errorf(qa.Forbidden, "someone/gated is gated: accept its terms on its page and set HF_TOKEN")}}}},
		{"none-found", view{Local: here[:4], Search: search{Asked: true, Text: "xylophone", Found: &workbench.Search{}}}},
	}
	var all []ui.State
	for _, s := range list {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return append(all, modelStates()...)
}

// stateExam is an examination that has ended with a warning and a failure, or that goes on.
func stateExam(s workbench.ExamState) *workbench.Exam {
	x := &workbench.Exam{State: s, Of: len(stateTests), Checks: []workbench.Check{
		{Name: "files", Level: workbench.CheckPass, Detail: "config.json, tokenizer.json and one file of weights, 499 MB"},
		{Name: "hashes", Level: workbench.CheckInfo, Detail: "the Hub names no hash for vocab.txt; its size is right"},
		{Name: "case", Level: workbench.CheckWarn, Detail: "the tokenizer keeps capitals, but the vocabulary has none: words with a capital fall apart into letters"},
	}}
	if s == workbench.ExamDone {
		x.Checks = append(x.Checks, workbench.Check{Name: "head", Level: workbench.CheckFail, Detail: "qa_outputs.weight has the numbers of a fresh head: it was never trained"},
			workbench.Check{Name: "known questions", Level: workbench.CheckSkipped, Detail: "not checked, because head failed"})
	}
	return x
}

var stateTests = []workbench.DoctorTest{{Name: "files", About: "configuration, tokenizer and weights are there"}, {Name: "hashes", About: "every byte is what the Hub says it is"},
	{Name: "case", About: "the tokenizer lower-cases if and only if the vocabulary has no capitals"}, {Name: "head", About: "there is a question answering head, and it was trained"},
	{Name: "known questions", About: "questions with an obvious answer are answered"}}

// modelStates are the page of a model in each state.
func modelStates() []ui.State {
	limit := 1.25
	d := workbench.Details{Entry: workbench.Entry{ID: "deepset/roberta-base-squad2", Revision: "adc3b06f79f797d1c575d5479d6f5efe54a9e3b4", Architecture: "roberta", Parameters: 124_000_000, SizeBytes: 499_000_000,
		Abstains: hub.AbstainsYes, Runnable: true, Threshold: &limit, ThresholdBy: "its tryall.json"}, Origin: "https://huggingface.co/deepset/roberta-base-squad2", AbstainsWhy: "its card names squad_v2", Head: "span", DType: "F32", Precisions: []string{"fp32", "fp16", "bf16", "int8"},
		Tokenizer: "BPE", Layers: 12, Hidden: 768, Vocabulary: 50_265, MaxLen: 512, License: "cc-by-4.0", Languages: []string{"en"}, Datasets: []string{"squad_v2"},
		Results: []hub.CardResult{{Dataset: "squad_v2", Metric: "F1", Value: 82.9}}, Files: []workbench.File{{Name: "config.json", SizeBytes: 571}, {Name: "model.safetensors", SizeBytes: 496_000_000}}}
	half := d
	half.Entry.Runnable, half.Reason, half.Abstains, half.AbstainsWhy = false, "model.safetensors ends after 12 of 498 MB; go on with its download", hub.AbstainsNo, "set by hand"
	const goes = "This removes this revision, known as main, and frees 499 MB. Files that other revisions use stay."
	var all []ui.State
	for _, s := range []struct {
		name string
		one
	}{
		{"model", one{Details: d, Tests: stateTests, Goes: goes}},
		{"model-examined", one{Details: half, Tests: stateTests, Exam: stateExam(workbench.ExamDone), Goes: goes, Err: qa.Errorf(qa.Unavailable, "remove deepset/roberta-base-squad2: another process is pulling it; wait for it or stop it")}},
		{"model-busy", one{Details: d, Tests: stateTests, Exam: stateExam(workbench.ExamGoing), Goes: goes}},
	} {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.one.Frame = f
			s.one.Wide = true
			return modelPage(s.one)
		}})
	}
	return all
}
