package reader

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
	"github.com/tryall/tryall/zoo"
)

// hashed scores tokens by what they and their place in the window are; it takes no room.
type hashed struct{ info model.Info }

func (n hashed) Info() model.Info { return n.info }

func (n hashed) Score(_ context.Context, b *model.Batch) (model.Logits, error) {
	l := model.Logits{Start: make([]float32, len(b.IDs)), End: make([]float32, len(b.IDs))}
	for k := range len(b.Bounds) - 1 {
		for i := b.Bounds[k]; i < b.Bounds[k+1]; i++ {
			h := uint32(b.IDs[i])*2654435761 + uint32(i-b.Bounds[k])*40503
			l.Start[i], l.End[i] = float32(h%1009)/100, float32(h%2003)/200
		}
	}
	return l, nil
}

// numbered is a text of so many bytes in which no two lines are alike.
func numbered(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "in the year %d the lion of marble, which weighs %d tons, was put up by the harbour. ", i, i*7919%10007)
	}
	return b.String()[:size]
}

func hashedReader(t *testing.T) *Reader {
	words, err := tokenizer.Load(zoo.Models()[0].FS)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(hashed{model.Info{Head: "span"}}, words, "hashed", Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReleasedWindowsAnswerAlike holds Read, which lets go of windows, against Inspect, which keeps them.
func TestReleasedWindowsAnswerAlike(t *testing.T) {
	r := hashedReader(t)
	text := numbered(40_000)
	for _, decoder := range []string{"gap", "hf", "squad"} {
		topK, nBest := 40, 60
		p := Params{Decoder: decoder, TopK: &topK, NBest: &nBest}
		task := ask("What weighs 50 tons?", text, text[10_000:30_000])
		for i, from := range []int{0, 10_000} { // the second passage lies within the first
			task.Hits[i].Passage.Doc, task.Hits[i].Passage.Range = "d", qa.Range{Start: from, End: from + len(task.Hits[i].Passage.Text)}
		}
		got, err := r.ReadEach(context.Background(), []qa.Task{task}, []Params{p})
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := r.Inspect(context.Background(), task, p)
		if err != nil {
			t.Fatal(err)
		}
		got[0].Took, want.Took = 0, 0
		if want.Windows < 40 || len(want.Candidates) < 40 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s: windows that were let go of answer otherwise, or there are too few of them: %d windows, %d candidates", decoder, want.Windows, len(want.Candidates))
		}
	}
}

// TestLongTextMemory holds a text of 20 MB to the room that it may take while it is read: some 30 bytes a token besides
// the text, with what the collector has not taken yet.
func TestLongTextMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a text of 20 MB")
	}
	r := hashedReader(t)
	text := numbered(20 << 20)
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, atomic.Uint64{}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	out, err := r.Read(context.Background(), []qa.Task{ask("What weighs 50 tons?", text)})
	close(done)
	<-ended
	if err != nil || out[0].Err != nil {
		t.Fatal(err, out[0].Err)
	}
	took := most.Load() - before
	t.Logf("%d windows, %d tokens, %d MB at the most, %v", out[0].Windows, out[0].Tokens, took>>20, out[0].Took)
	if took > 500<<20 {
		t.Errorf("reading a text of %d MB took %d MB", len(text)>>20, took>>20)
	}
}
