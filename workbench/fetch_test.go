package workbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/hub/hubtest"
	"github.com/tryall/tryall/qa"
)

// hubBench is fakeBench with a Hub, a cache and a data folder of its own.
func hubBench(t *testing.T) (*Workbench, *hubtest.Server) {
	t.Helper()
	s := hubtest.New()
	t.Cleanup(s.Close)
	w, _ := fakeBench()
	dir := t.TempDir()
	w.Cache = func() (hub.Cache, error) { return hub.Cache{Dir: dir}, nil }
	w.Data = func() (string, error) { return filepath.Join(dir, "data"), nil }
	w.Hub = func() (*hub.Client, error) { return hub.New(hub.Config{Endpoint: s.URL(), CacheDir: dir}) }
	w.Supports = func(modelType string, _ []string) error {
		if modelType != "bert" {
			return fmt.Errorf("%s does not run", modelType)
		}
		return nil
	}
	w.FreeMemory = func() int64 { return 1e9 }
	return w, s
}

func tinyRepository() map[string][]byte {
	return map[string][]byte{"config.json": []byte("{}"), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": []byte("weights"), "README.md": []byte("---\ndatasets: squad_v2\n---\n")}
}

func TestPullCountsWhatCame(t *testing.T) {
	w, s := hubBench(t)
	s.Add("org/tiny", tinyRepository())
	ctx := context.Background()
	for _, want := range []int64{42, 0} {
		p, err := w.Pull(ctx, hub.Ref{ID: "org/tiny"}, PullOptions{})
		if err != nil || p.DownloadedBytes != want || p.SizeBytes != 42 || len(p.Files) != 4 || !p.Runnable {
			t.Errorf("%+v, %v; %d bytes should have come", p, err, want)
		}
	}
	if p, err := w.Pull(ctx, hub.Ref{ID: "tryall/can"}, PullOptions{}); err != nil || !p.Builtin {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := w.Pull(ctx, hub.Ref{ID: "tryall/bad"}, PullOptions{}); err != nil || p.Runnable || p.Reason != "it has no span head" {
		t.Errorf("%+v, %v", p, err)
	}
	for name, code := range map[string]qa.Code{"no/such": qa.NotFound, "./dir": qa.Invalid, "tryall/can@9": qa.NotFound, "org/gated": qa.Forbidden} {
		if name == "org/gated" {
			s.Add(name, tinyRepository()).Gate()
		}
		ref, _ := hub.ParseRef(name)
		if _, err := w.Pull(ctx, ref, PullOptions{}); qa.CodeOf(err) != code {
			t.Errorf("%s: %v (%s), not %s", name, err, qa.CodeOf(err), code)
		}
	}
}

func TestBringPullsOnlyWhatIsNotHere(t *testing.T) {
	w, s := hubBench(t)
	s.Add("org/tiny", tinyRepository())
	var finished int
	events := func(e hub.Event) {
		if e.Kind == hub.Finished {
			finished++
		}
	}
	for range 2 {
		models, err := w.Bring(context.Background(), []string{"tryall/can", "org/tiny"}, "", events)
		if err != nil || len(models) != 2 || models[1].ID != "org/tiny" || models[1].Snapshot.Complete() != nil {
			t.Fatal(models, err)
		}
	}
	if finished != 1 {
		t.Errorf("%d pulls", finished)
	}
	if _, err := w.Bring(context.Background(), []string{"org/none"}, "", nil); qa.CodeOf(err) != qa.NotFound || !strings.Contains(err.Error(), "built in are tryall/can, ") {
		t.Errorf("%v", err)
	}
	w.Hub = func() (*hub.Client, error) {
		c, _ := w.Cache()
		return hub.New(hub.Config{Endpoint: s.URL(), CacheDir: c.Dir, Offline: true})
	}
	if _, err := w.Bring(context.Background(), []string{"org/none"}, "", nil); qa.CodeOf(err) != qa.Unavailable || !strings.Contains(err.Error(), "`tryall pull org/none`") {
		t.Errorf("%v", err)
	}
}

func TestSearchJudges(t *testing.T) {
	w, _ := hubBench(t)
	for want, m := range map[string]hub.Model{
		"":                 {ModelType: "bert", Formats: []string{"safetensors"}, Parameters: 1e8},
		"gpt2 does not ru": {ModelType: "gpt2", Formats: []string{"safetensors"}},
		"no weights in a format that is read, only ONNX": {ModelType: "bert", Files: []string{"config.json", "onnx/model.onnx"}},
		"needs about 1.2 GB of memory; 1.0 GB are free":  {ModelType: "bert", Formats: []string{"pytorch"}, Parameters: 2e8},
		"the Hub has disabled it":                        {ModelType: "bert", Disabled: true},
	} {
		if got := w.Obstacle(m); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%+v: %q, not %q", m, got, want)
		}
	}
}

// A search goes on over pages until it has found as many as it should that are small enough.
func TestSearchPages(t *testing.T) {
	w, s := hubBench(t)
	s.PageSize = 10
	for i := range 35 {
		r := s.Add(fmt.Sprintf("org/m%02d", i), tinyRepository())
		r.Info["config"] = map[string]any{"model_type": "bert"}
		if n := map[int]int{0: 1000, 1: 5000}[i%3]; n > 0 { // a third each: small, large, unknown
			r.Info["safetensors"] = map[string]any{"parameters": map[string]any{"F32": n}, "total": n}
		}
	}
	for _, c := range []struct {
		q                        SearchQuery
		found, tooLarge, unknown int
		more                     bool
	}{
		{SearchQuery{Limit: 4}, 4, 0, 0, true},
		{SearchQuery{Limit: 100}, 35, 0, 0, false},
		{SearchQuery{Limit: 8, MaxSize: 4000}, 8, 7, 7, true},
		{SearchQuery{Limit: 100, MaxSize: 4000}, 12, 12, 11, false},
	} {
		got, err := w.Search(context.Background(), c.q)
		if err != nil || len(got.Models) != c.found || got.TooLarge != c.tooLarge || got.UnknownSize != c.unknown || got.More != c.more {
			t.Errorf("%+v: %d found, %d too large, %d unknown, more %v, %v", c.q, len(got.Models), got.TooLarge, got.UnknownSize, got.More, err)
		}
	}
}

func TestSetAbstains(t *testing.T) {
	w, _ := hubBench(t)
	m, err := w.Find("tryall/can", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ says, want hub.Abstains }{{hub.AbstainsNo, hub.AbstainsNo}, {"", hub.AbstainsYes}} {
		if err := w.SetAbstains(context.Background(), m, c.says); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Find("tryall/can", ""); err != nil || got.Abstains() != c.want {
			t.Errorf("set to %q it is %q, %v", c.says, got.Abstains(), err)
		}
	}
	var wg sync.WaitGroup
	for i := range 12 { // nobody's note is lost
		wg.Go(func() {
			if err := w.SetAbstains(context.Background(), Model{ID: fmt.Sprintf("org/m%d", i), Builtin: true}, hub.AbstainsYes); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	dir, _ := w.Data()
	set, err := readByHand(filepath.Join(dir, byHandFile))
	if err != nil || len(set.Models) != 12 {
		t.Errorf("%d notes of 12, %v", len(set.Models), err)
	}
	for _, text := range []string{"{", `{"version": 9}`, `{"version": 1, "models": {"a/b": {"abstains": "perhaps"}}}`} {
		if err := os.WriteFile(filepath.Join(dir, byHandFile), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Find("tryall/can", ""); err == nil || !strings.Contains(err.Error(), "correct the file or remove it") {
			t.Errorf("%s: %v", text, err)
		}
		if err := w.SetAbstains(context.Background(), m, hub.AbstainsNo); err == nil {
			t.Errorf("%s was written over", text)
		}
	}
	w.Data = func() (string, error) { return "", errors.New("there is no folder") }
	if err := w.SetAbstains(context.Background(), m, hub.AbstainsNo); err == nil {
		t.Error("noted nowhere")
	}
}
