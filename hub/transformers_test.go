package hub

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// transformersScript loads from the cache alone: configuration and tokenizer, and the weights by name (loading them into a model needs
// PyTorch, which is gigabytes).
const transformersScript = `
import json, sys
from transformers import AutoConfig, AutoTokenizer
from transformers.utils import cached_file
from safetensors import safe_open
id = sys.argv[1]
c, t = AutoConfig.from_pretrained(id), AutoTokenizer.from_pretrained(id)
index = json.load(open(cached_file(id, "model.safetensors.index.json")))["weight_map"]
tensors = [n for f in sorted(set(index.values())) for n in safe_open(cached_file(id, f), "np").keys()]
print(json.dumps(dict(model=c.model_type, layers=c.num_hidden_layers, ids=t("Who discovered penicillin?")["input_ids"], missing=len(set(index) - set(tensors)))))
`

// TestTransformersLoads holds that transformers, offline, loads what we pulled.
func TestTransformersLoads(t *testing.T) {
	name := python(t)
	if out, err := exec.Command(name, "-c", "import transformers, safetensors, numpy").CombinedOutput(); err != nil {
		reason := "no transformers in " + name + ": " + string(bytes.TrimSpace(out))
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	files := map[string][]byte{}
	for _, folder := range []string{"common", "minilm-l3-squad2"} {
		paths, err := filepath.Glob(filepath.Join("..", "zoo", folder, "*"))
		if err != nil || len(paths) == 0 {
			t.Fatal("no model in ../zoo/"+folder, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(path)] = data
		}
	}
	hub, dir := startHub(t), t.TempDir()
	hub.Add("org/small", files)
	c, _ := testClient(t, hub, dir)
	mustPull(t, c, "org/small", "")
	hub.Close()
	cmd := exec.Command(name, "-c", transformersScript, "org/small")
	cmd.Env = append(os.Environ(), "HF_HUB_CACHE="+dir, "HF_HOME="+t.TempDir(), "HF_HUB_OFFLINE=1", "TRANSFORMERS_VERBOSITY=error")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var got struct {
		Model           string
		Layers, Missing int
		IDs             []int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	// [CLS] who discovered pen ##ici ##llin ? [SEP]
	if got.Model != "bert" || got.Layers != 3 || got.Missing != 0 || len(got.IDs) != 8 || got.IDs[0] != 101 || got.IDs[7] != 102 {
		t.Errorf("%+v", got)
	}
}
