package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// askPython asks one question through Python's client of the Hugging Face API, for one answer and for three.
const askPython = `
import json, sys
from huggingface_hub import InferenceClient
client = InferenceClient(model=sys.argv[1])
ask = dict(question="Who met Bob in Zürich?", context="Überall schneit es. Alice met Bob in Zürich, and Carol met Dan.")
one = client.question_answering(**ask)
three = client.question_answering(**ask, top_k=3, max_answer_len=5, align_to_words=True)
tell = lambda a: {"answer": a.answer, "score": a.score, "start": a.start, "end": a.end}
print(json.dumps({"one": tell(one), "three": [tell(a) for a in three], "context": ask["context"]}))
`

// TestServePython: huggingface_hub's InferenceClient works unchanged. TRYALL_PYTHON names a Python that has it.
func TestServePython(t *testing.T) {
	python := os.Getenv("TRYALL_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import huggingface_hub").CombinedOutput(); err != nil {
		reason := fmt.Sprintf("no huggingface_hub in %s (set TRYALL_PYTHON to a Python that has it): %v %s", python, err, bytes.TrimSpace(out))
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	home := serving(t)
	cmd := exec.Command(python, "-c", askPython, home+"/models/"+defaultModel)
	cmd.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "HF_TOKEN=", "HF_HUB_OFFLINE=0", "HF_HOME="+t.TempDir())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	type answer struct {
		Answer     string
		Score      float64
		Start, End int
	}
	var got struct {
		One     answer
		Three   []answer
		Context string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if got.One.Answer != "Alice" || got.One.Start != 20 || got.One.End != 25 || got.One.Score <= 0 || got.One.Score > 1 {
		t.Errorf("one: %+v", got.One)
	}
	if len(got.Three) != 3 || got.Three[0].Answer != "Alice" {
		t.Fatalf("three: %+v", got.Three)
	}
	for _, a := range got.Three {
		if text := string([]rune(got.Context)[a.Start:a.End]); text != a.Answer {
			t.Errorf("%+v stands at %q", a, text)
		}
	}
}
