package model

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/nn"
)

// copied is a checkpoint of testdata in a folder of its own, not written just now.
func copied(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	age(t, dir, time.Hour)
	return dir
}

// age makes the files of a folder look older than they are.
func age(t *testing.T, dir string, d time.Duration) {
	t.Helper()
	then := time.Now().Add(-d)
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chtimes(path, then, then)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// outcome loads a model, runs it and says what became of its conversion.
func outcome(dir string, precision string, c Converted, b *Batch) (logits []float32, converted string, err error) {
	m, err := Load(os.DirFS(dir), Options{Precision: precision, Converted: c})
	if err != nil {
		return nil, "", err
	}
	out, err := m.Score(context.Background(), b)
	if err == nil {
		for _, beam := range out.Beams {
			out.Start = slices.Concat(out.Start, beam.StartTopLogProbs, beam.EndTopLogProbs, []float32{beam.ClsLogit})
		}
	}
	return append(out.Start, out.End...), m.Info().Converted, errors.Join(err, m.Close())
}

// expect is outcome with the logits and the conversion that are wanted.
func expect(t *testing.T, what, dir, precision string, c Converted, b *Batch, want []float32, converted string) {
	t.Helper()
	got, how, err := outcome(dir, precision, c, b)
	if err != nil {
		t.Fatalf("%s, %s: %v", what, precision, err)
	}
	if !strings.HasPrefix(how, converted) || how == "" && converted != "" {
		t.Errorf("%s, %s: the conversion is %q, want %q", what, precision, how, converted)
	}
	if len(got) != len(want) {
		t.Fatalf("%s, %s: %d logits, want %d", what, precision, len(got), len(want))
	}
	for i := range got {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s, %s: logit %d is %g, want %g", what, precision, i, got[i], want[i])
		}
	}
}

// What was kept gives the same bits as conversion at load, for all architectures and precisions.
func TestConverted(t *testing.T) {
	for _, name := range checkpoints(t) {
		dir, b := copied(t, name), readGolden(t, name).Windows[0].batch()
		c := Converted{Dir: filepath.Join(t.TempDir(), "converted")}
		for _, p := range nn.Precisions() {
			want, how, err := outcome(dir, p, Converted{}, b)
			if err != nil || how != "" {
				t.Fatalf("%s, %s: %q, %v", name, p, how, err)
			}
			if p == "fp32" {
				expect(t, name, dir, p, c, b, want, "")
				continue
			}
			for i, how := range []string{"kept", "mapped", "mapped"} {
				expect(t, fmt.Sprint(name, ", load ", i), dir, p, c, b, want, how)
			}
		}
		if files, err := os.ReadDir(c.Dir); err != nil || len(files) != len(nn.Precisions())-1 {
			t.Errorf("%s: %d files, %v", name, len(files), err)
		}
	}
}

// kept is the one file of converted weights.
func kept(t *testing.T, c Converted) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.Dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("converted weights are in %v, %v", files, err)
	}
	return files[0]
}

// Whatever happens to the file: the answers are right, and it is made anew.
func TestConvertedDamaged(t *testing.T) {
	dir, b := copied(t, "bert"), readGolden(t, "bert").Windows[0].batch()
	c := Converted{Dir: t.TempDir()}
	want, _, err := outcome(dir, "int8", c, b)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(kept(t, c))
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string][]byte{"empty": nil, "text": []byte("hello"), "zeros": make([]byte, len(whole)), "longer": append(slices.Clone(whole), make([]byte, 64)...)}
	for _, at := range []float64{0.001, 0.1, 0.5, 0.999} {
		n := int(at * float64(len(whole)))
		damage[fmt.Sprint("the first ", n)] = whole[:n]
		broken := slices.Clone(whole)
		broken[n] ^= 1
		damage[fmt.Sprint("byte ", n)] = broken
	}
	for what, content := range damage {
		if err := os.WriteFile(kept(t, c), content, 0o644); err != nil {
			t.Fatal(err)
		}
		expect(t, what, dir, "int8", c, b, want, "kept")
		if again, err := os.ReadFile(kept(t, c)); err != nil || !bytes.Equal(again, whole) {
			t.Errorf("%s: %d bytes were made anew, want %d, %v", what, len(again), len(whole), err)
		}
		expect(t, what, dir, "int8", c, b, want, "mapped")
	}
}

// A checkpoint that was trained on, in place, is converted anew; so is one that has another in its place.
func TestConvertedStale(t *testing.T) {
	dir, b := copied(t, "bert"), readGolden(t, "bert").Windows[0].batch()
	c := Converted{Dir: t.TempDir()}
	before, _, err := outcome(dir, "int8", c, b)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "model.safetensors")
	changed := changeWeights(t, file)
	if err := os.WriteFile(file, changed, 0o644); err != nil {
		t.Fatal(err)
	}
	after, how, err := outcome(dir, "int8", c, b)
	if err != nil || how != "" || slices.Equal(after, before) {
		t.Fatalf("a file that was written just now: %q, %v, the same logits: %t", how, err, slices.Equal(after, before))
	}
	age(t, dir, time.Hour)
	expect(t, "trained on", dir, "int8", c, b, after, "kept")
	expect(t, "trained on", dir, "int8", c, b, after, "mapped")
	kept(t, c) // in the same place
}

// changeWeights gives a checkpoint's file with every number of its second half negated.
func changeWeights(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) - len(content)/2/4*4 + 3; i < len(content); i += 4 { // numbers end with the file
		content[i] ^= 0x80
	}
	return content
}

// A model that was converted does not read the weights of its layers: with others in their place it answers as before.
// (Files of the Hub's cache are known by their names, which are the hashes of their contents.)
func TestConvertedReadsNoWeights(t *testing.T) {
	source, b := copied(t, "bert"), readGolden(t, "bert").Windows[0].batch()
	dir := t.TempDir()
	snapshot, blob := filepath.Join(dir, "snapshots", "x"), filepath.Join(dir, "blobs", strings.Repeat("ab", 32))
	if err := os.MkdirAll(snapshot, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(source, filepath.Join(dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "blobs", "model.safetensors"), blob); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"model.safetensors": filepath.Base(blob), "config.json": "config.json"} {
		if err := os.Symlink(filepath.Join("..", "..", "blobs", target), filepath.Join(snapshot, link)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	c := Converted{Dir: t.TempDir()}
	want, how, err := outcome(snapshot, "int8", c, b)
	if err != nil || how != "kept" {
		t.Fatalf("the first load: %q, %v", how, err)
	}
	spoil(t, snapshot, blob)
	expect(t, "without weights", snapshot, "int8", c, b, want, "mapped")
	if got, _, err := outcome(snapshot, "int8", Converted{}, b); err == nil && slices.Equal(got, want) {
		t.Error("the weights are still there: this test shows nothing")
	}
	freed, err := c.Remove([]string{"other", filepath.Base(blob)})
	if err != nil || freed == 0 {
		t.Errorf("%d bytes removed, %v", freed, err)
	}
	if left, err := os.ReadDir(c.Dir); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// spoil fills the weights and biases of the layers that are converted with ones.
func spoil(t *testing.T, snapshot, blob string) {
	t.Helper()
	c := Converted{Dir: t.TempDir()}
	m, err := Load(os.DirFS(snapshot), Options{Precision: "int8", Converted: c})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	content, err := os.ReadFile(blob)
	if err != nil {
		t.Fatal(err)
	}
	start, spoiled := 0, 0
	for _, l := range m.files.kept.layers {
		for _, name := range strings.Split(l.name, " + ") {
			for _, name := range []string{name, strings.TrimSuffix(name, "weight") + "bias"} {
				tensor, ok := m.files.set.Get(name)
				if !ok {
					t.Fatalf("no tensor %s", name)
				}
				if start = bytes.Index(content, tensor.Data); start < 0 {
					t.Fatalf("tensor %s is not in the file", name)
				}
				for i := range tensor.Data {
					content[start+i] = 1
				}
				spoiled++
			}
		}
	}
	if spoiled < 10 {
		t.Fatalf("%d tensors found", spoiled)
	}
	if err := os.WriteFile(blob+".new", content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(blob+".new", blob); err != nil {
		t.Fatal(err)
	}
}

// Where nothing can be kept, models work nevertheless, and say why.
func TestConvertedCannotBeKept(t *testing.T) {
	dir, b := copied(t, "bert"), readGolden(t, "bert").Windows[0].batch()
	want, _, err := outcome(dir, "bf16", Converted{}, b)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "below a file", dir, "bf16", Converted{Dir: filepath.Join(dir, "config.json", "below")}, b, want, "not kept: ")
	expect(t, "too little room", dir, "bf16", Converted{Dir: t.TempDir(), Most: 100}, b, want, "not kept: ")
	c := Converted{Dir: t.TempDir()}
	expect(t, "first", dir, "bf16", c, b, want, "kept")
	if err := os.Chmod(c.Dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(c.Dir, 0o755)
	expect(t, "from a folder that cannot be written", dir, "bf16", c, b, want, "mapped")
}

// Many loads at once, the first of them included.
func TestConvertedAtOnce(t *testing.T) {
	dir, b := copied(t, "bert"), readGolden(t, "bert").Windows[0].batch()
	want, _, err := outcome(dir, "int8", Converted{}, b)
	if err != nil {
		t.Fatal(err)
	}
	c := Converted{Dir: t.TempDir()}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, how, err := outcome(dir, "int8", c, b)
			if err != nil || how != "kept" && how != "mapped" || !slices.Equal(got, want) {
				t.Errorf("%q, %v", how, err)
			}
		})
	}
	wg.Wait()
	expect(t, "afterwards", dir, "int8", c, b, want, "mapped")
	kept(t, c)
}
