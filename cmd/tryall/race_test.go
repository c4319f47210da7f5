package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
	"github.com/tryall/tryall/zoo"
)

// sampleFile writes some of a sample's questions as a SQuAD file: those of the first passages of each article, or only those that have an
// answer, as version 1.1.
func sampleFile(t *testing.T, name string, passages int, answerable bool) string {
	t.Helper()
	for _, s := range zoo.Sample() {
		if s.Name != name {
			continue
		}
		raw, err := s.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Version string `json:"version"`
			Data    []struct {
				Title      string `json:"title"`
				Paragraphs []struct {
					Context string `json:"context"`
					QAs     []struct {
						ID       string            `json:"id"`
						Question string            `json:"question"`
						Answers  []json.RawMessage `json:"answers"`
						None     bool              `json:"is_impossible,omitempty"`
					} `json:"qas"`
				} `json:"paragraphs"`
			} `json:"data"`
		}
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		for i := range d.Data {
			d.Data[i].Paragraphs = d.Data[i].Paragraphs[:min(passages, len(d.Data[i].Paragraphs))]
			for k := range d.Data[i].Paragraphs {
				p := &d.Data[i].Paragraphs[k]
				for q := len(p.QAs) - 1; q >= 0; q-- {
					if answerable && len(p.QAs[q].Answers) == 0 {
						p.QAs = slices.Delete(p.QAs, q, q+1)
					}
				}
			}
		}
		if answerable {
			d.Version = "1.1"
		}
		raw, err = json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Fatalf("there is no sample %s", name)
	return ""
}

// tryall makes a process of the program, with its data in home.
func tryall(t *testing.T, home string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Args[0] = "tryall"
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "TRYALL_HOME="+home, "HF_HUB_OFFLINE=1", "NO_COLOR=1")
	return cmd
}

func bakeoffOf(t *testing.T, home string, args ...string) *eval.Bakeoff {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := tryall(t, home, append([]string{"bakeoff", "--json"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	b := &eval.Bakeoff{}
	if err := json.Unmarshal(out.Bytes(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

// comparableOf is a bake-off without what is measured anew: times and memory, and what is concluded of them.
func comparableOf(t *testing.T, b *eval.Bakeoff) string {
	t.Helper()
	r := b.Round
	r.Models = slices.Clone(r.Models)
	r.Pick, r.Pareto, r.Verdict = "", nil, ""
	for i := range r.Models {
		m := &r.Models[i]
		m.P50, m.P95, m.PeakBytes, m.TokensPerSecond = 0, 0, 0, 0
	}
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// keptWindows is how many windows the cache of a project holds.
func keptWindows(t *testing.T, home string) int {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(home, workbench.Database))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := store.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := s.CacheSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKilledRace kills a bake-off at twenty random moments, each time going on with it: it ends as one that nobody disturbed, and no window
// that was kept is computed again.
func TestKilledRace(t *testing.T) {
	kills := 20
	if testing.Short() || raceDetector {
		kills = 4 // the processes are slow then
	}
	data := sampleFile(t, "wikipedia.json", 12, false)
	args := []string{"--data", data, "-m", "tryall/minilm-l6-squad2", "-m", "tryall/minilm-l3-squad2", "-m", "tryall/minilm-l6-covid"}
	quiet := t.TempDir()
	start := time.Now()
	want := bakeoffOf(t, quiet, args...)
	whole := time.Since(start)
	windows := keptWindows(t, quiet)
	if windows < 100 || want.Windows.Computed != int64(windows) {
		t.Fatalf("the undisturbed bake-off computed %d windows, and %d are kept", want.Windows.Computed, windows)
	}

	home := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	next := append([]string{"bakeoff", "-q"}, args...)
	killed, through := 0, false
	for range kills {
		cmd := tryall(t, home, next...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// A kill that comes too early to leave anything is none; on the average they go over the whole of it.
		time.Sleep(whole/60 + time.Duration(rng.Float64()*float64(whole)/float64(kills/2)))
		if cmd.Process.Kill() == nil {
			killed++
		}
		_ = cmd.Wait()
		out, err := tryall(t, home, "runs", "--json").Output()
		if err != nil {
			t.Fatalf("after kill %d: %v", killed, err)
		}
		if through = strings.Contains(string(out), `"status": "finished"`); through {
			break
		}
		if strings.Contains(string(out), `"id"`) {
			next = []string{"bakeoff", "-q", "--resume"}
		}
	}
	before := keptWindows(t, home)
	if !through {
		got := bakeoffOf(t, home, next[2:]...)
		t.Logf("%d kills; %d of %d windows were kept before the last start, which computed %d", killed, before, windows, got.Windows.Computed)
		if int64(before)+got.Windows.Computed != int64(windows) {
			t.Errorf("%d windows were kept and %d computed afterwards; there are %d", before, got.Windows.Computed, windows)
		}
	}
	raw, err := tryall(t, home, "report", "last", "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := &eval.Bakeoff{}
	if err := json.Unmarshal(raw, got); err != nil {
		t.Fatal(err)
	}
	if g, w := comparableOf(t, got), comparableOf(t, want); g != w {
		t.Errorf("after %d kills the result differs:\n%s\nundisturbed:\n%s", killed, g, w)
	}
	if n := keptWindows(t, home); n != windows {
		t.Errorf("%d windows are kept, want %d", n, windows)
	}
}

// TestPlantedContestants races, over real questions that all have an answer, a model, the same under another name, one with a random head
// and one that says "no answer" to everything: the two tie, the others are dropped early and named.
func TestPlantedContestants(t *testing.T) {
	home := t.TempDir()
	for dir, id := range map[string]string{"twin": "tryall/minilm-l6-squad1", "random": "tryall/minilm-l6-squad1", "silent": "tryall/minilm-l3-squad2"} {
		if out, err := tryall(t, home, "export", id, dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	randomHead(t, filepath.Join(home, "random", "model-00002-of-00002.safetensors"))
	settings := `{"abstains": "yes", "threshold": 1000}`
	if err := os.WriteFile(filepath.Join(home, "silent", workbench.SettingsFile), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	b := bakeoffOf(t, home, "--data", sampleFile(t, "wikipedia.json", 30, true), "-m", "./random", "-m", "./silent", "-m", "tryall/minilm-l6-squad1", "-m", "./twin")
	if b.Questions < 100 {
		t.Fatalf("only %d questions", b.Questions)
	}
	if len(b.Tied) != 2 || !slices.Contains(b.Tied, "./twin:fp32") || slices.Contains(b.Tied, "./random:fp32") || slices.Contains(b.Tied, "./silent:fp32") {
		t.Errorf("tied: %v", b.Tied)
	}
	for _, name := range []string{"./random:fp32", "./silent:fp32"} {
		e, err := b.Entrant(name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Eliminated == nil || e.Eliminated.After > b.Questions/2 || !strings.Contains(e.Eliminated.Reason, "worse than ") {
			t.Errorf("%s: %+v", name, e.Eliminated)
		}
	}
	for _, c := range b.Comparisons {
		if slices.Contains(b.Tied, c.A) && slices.Contains(b.Tied, c.B) && (c.Diff != 0 || c.P != 1) {
			t.Errorf("one model under two names differs from itself: %+v", c)
		}
	}
}

// randomHead overwrites the question answering head of a checkpoint with noise.
func randomHead(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint64(raw)
	var header map[string]struct {
		DType   string `json:"dtype"`
		Offsets [2]int `json:"data_offsets"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(raw[8:8+size]), &header); err != nil {
		t.Fatal(err)
	}
	head, ok := header["qa_outputs.weight"]
	if !ok || head.DType != "F16" {
		t.Fatalf("the checkpoint has no head of half precision: %+v", head)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := head.Offsets[0]; i < head.Offsets[1]; i += 2 {
		// Sign and fraction at random, the exponent that of 2^-6: about the size of a trained head's weights.
		binary.LittleEndian.PutUint16(raw[8+int(size)+i:], uint16(rng.Uint32())&0x83ff|9<<10)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
