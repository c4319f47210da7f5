package workbench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// poolBench has models of one size, counts what is open, and can hold a load back.
type poolBench struct {
	*Workbench
	mu          sync.Mutex
	opens, open int
	most        int
	hold        chan struct{}
}

type pooledReader struct {
	*fakeReader
	b *poolBench
}

func (r pooledReader) Close() error {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	r.b.open--
	return nil
}

func newPoolBench() *poolBench {
	b := &poolBench{}
	b.Workbench = &Workbench{
		OpenReader: func(ctx context.Context, m Model, p Params, _ Cache) (Reader, error) {
			if b.hold != nil {
				<-b.hold
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if m.ID == "broken" {
				return nil, qa.Errorf(qa.BrokenModel, "it is broken")
			}
			b.opens++
			b.open++
			b.most = max(b.most, b.open)
			return pooledReader{&fakeReader{params: p}, b}, nil
		},
		CheckModel: func(Model, bool) (Info, error) { return Info{Parameters: 1_000_000}, nil },
		Data:       func() (string, error) { return "", errors.New("none") },
		Cache:      func() (hub.Cache, error) { return hub.Cache{}, nil },
	}
	return b
}

func poolModel(id string) Model {
	return Model{Name: id, ID: id, Revision: "1", Precision: "fp32", Settings: Settings{Abstains: hub.AbstainsYes}}
}

// room is for so many models of newPoolBench.
func room(models int64) int64 { return models * EstimateMemory(1_000_000) }

func TestPoolKeepsWhatFits(t *testing.T) {
	b := newPoolBench()
	l := b.NewPool(room(2), nil)
	use := func(id string) {
		t.Helper()
		s, release, err := l.Use(t.Context(), poolModel(id), Params{})
		if err != nil || s.Model.ID != id {
			t.Fatal(err)
		}
		release()
		release() // twice is once
	}
	for _, id := range []string{"a", "b", "a", "c", "a"} { // c drives out b, which was not used for longest
		use(id)
	}
	if got := l.Open(); !slices.Equal(got, []string{"a@1:fp32", "c@1:fp32"}) || b.opens != 3 || b.most > 3 {
		t.Errorf("%v, %d opened, %d at once", got, b.opens, b.most)
	}
	l.Close()
	if b.open != 0 {
		t.Errorf("%d are open", b.open)
	}
	if _, _, err := l.Use(t.Context(), poolModel("a"), Params{}); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("a closed pool: %v", err)
	}
}

// TestPoolWaitsForRoom: a model that does not fit beside one in use waits for it, and gives up with its context.
func TestPoolWaitsForRoom(t *testing.T) {
	b := newPoolBench()
	l := b.NewPool(room(1), nil)
	defer l.Close()
	_, release, err := l.Use(t.Context(), poolModel("a"), Params{})
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := l.Use(short, poolModel("b"), Params{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("it did not wait: %v", err)
	}
	got := make(chan error)
	go func() {
		_, done, err := l.Use(t.Context(), poolModel("b"), Params{})
		if err == nil {
			done()
		}
		got <- err
	}()
	time.Sleep(5 * time.Millisecond)
	release()
	if err := <-got; err != nil || b.most != 1 {
		t.Errorf("%v, %d at once", err, b.most)
	}
}

// TestPoolLoadsOnce: many who ask at once share a load, which goes on when they leave.
func TestPoolLoadsOnce(t *testing.T) {
	b := newPoolBench()
	b.hold = make(chan struct{})
	l := b.NewPool(0, nil)
	defer l.Close()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.Use(gone, poolModel("a"), Params{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			s, release, err := l.Use(t.Context(), poolModel("a"), Params{Decoder: "hf"})
			if err != nil || s.Params.Decoder != "hf" {
				t.Errorf("%v", err)
				return
			}
			release()
		})
	}
	close(b.hold)
	all.Wait()
	if b.opens != 1 {
		t.Errorf("opened %d times", b.opens)
	}
	for range 2 {
		if _, _, err := l.Use(t.Context(), poolModel("broken"), Params{}); qa.CodeOf(err) != qa.BrokenModel {
			t.Errorf("a broken model: %v", err)
		}
	}
}

// TestPoolSettings: a setting that is changed counts from the next question on, and what is open with the old one closes.
func TestPoolSettings(t *testing.T) {
	b := newPoolBench()
	l := b.NewPool(0, nil)
	defer l.Close()
	changed := poolModel("a")
	changed.Settings.Abstains = hub.AbstainsNo
	use := func(m Model) (says bool, release func()) {
		t.Helper()
		s, release, err := l.Use(t.Context(), m, Params{})
		if err != nil {
			t.Fatal(err)
		}
		return *s.Params.NoAnswer, release
	}
	says, before := use(poolModel("a"))
	if !says {
		t.Error("it does not abstain")
	}
	says, after := use(changed)
	if says || b.open != 2 {
		t.Errorf("it abstains: %v; %d are open", says, b.open)
	}
	before()
	if got := l.Open(); len(got) != 1 || b.open != 1 {
		t.Errorf("%v are open, %d in all", got, b.open)
	}
	after()
	_, again := use(poolModel("a"))
	if again(); b.open != 1 || b.opens != 3 {
		t.Errorf("%d open, %d opened", b.open, b.opens)
	}
}

// TestPoolLeavesWhatLoads: a model that nobody waits for any more is not closed before it is open, and makes room then.
func TestPoolLeavesWhatLoads(t *testing.T) {
	b := newPoolBench()
	b.hold = make(chan struct{})
	l := b.NewPool(room(1), nil)
	defer l.Close()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.Use(gone, poolModel("a"), Params{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() {
		_, done, err := l.Use(t.Context(), poolModel("b"), Params{})
		if err == nil {
			done()
		}
		got <- err
	}()
	time.Sleep(5 * time.Millisecond)
	close(b.hold)
	if err := <-got; err != nil || b.most != 1 {
		t.Errorf("%v, %d at once", err, b.most)
	}
}

func TestMemoryCache(t *testing.T) {
	c := NewMemoryCache(3 * (perValue + 10))
	key := func(i byte) [][32]byte { return [][32]byte{{i}} }
	ctx, n := CountLookups(t.Context())
	for i := range byte(4) {
		if i == 3 {
			c.Get(ctx, key(0)) // so that 1 was not used for longest
		}
		c.Put(ctx, key(i), [][]byte{make([]byte, 10)})
	}
	for i, want := range []bool{true, false, true, true} {
		if got, _ := c.Get(ctx, key(byte(i))); (got[0] != nil) != want {
			t.Errorf("value %d is there: %v", i, !want)
		}
	}
	if c.Size() != 3*(perValue+10) || n.Found != 4 || n.Missing != 1 {
		t.Errorf("%d bytes, %+v", c.Size(), n)
	}
}
