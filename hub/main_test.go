package hub

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/hub/hubtest"
)

// TestMain turns the test binary into a second process of a pull when a test asks for one.
func TestMain(m *testing.M) {
	syncFile = func(*os.File) error { return nil }
	if os.Getenv("HUB_TEST_PULL") != "" {
		os.Exit(childPull())
	}
	os.Exit(m.Run())
}

// noise is n bytes that are the same every time for a seed.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 7}).Read(b)
	return b
}

// tinyModel is a repository with all that a pull takes, and much that it leaves.
func tinyModel() map[string][]byte {
	return map[string][]byte{
		"config.json":                      []byte(`{"model_type":"bert","architectures":["BertForQuestionAnswering"]}`),
		"tokenizer.json":                   noise(1, 3000),
		"tokenizer_config.json":            []byte(`{"do_lower_case":true}`),
		"vocab.txt":                        []byte("[PAD]\n[UNK]\n"),
		"README.md":                        []byte("---\nlicense: mit\ndatasets:\n- squad_v2\n---\n# a model\n"),
		"model.safetensors":                noise(2, 1<<20+77),
		"pytorch_model.bin":                noise(3, 500),
		"tf_model.h5":                      noise(4, 500),
		"flax_model.msgpack":               noise(5, 500),
		"onnx/model.onnx":                  noise(6, 500),
		"training_args.bin":                noise(7, 500),
		"optimizer.pt":                     noise(8, 500),
		"checkpoint-500/model.safetensors": noise(9, 500),
		".gitattributes":                   []byte("*.bin filter=lfs\n"),
	}
}

var tinyTaken = []string{"README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"}

func startHub(t *testing.T) *hubtest.Server {
	t.Helper()
	s := hubtest.New()
	t.Cleanup(s.Close)
	return s
}

// waits records what a client would have slept.
type waits struct {
	mu sync.Mutex
	d  []time.Duration
}

func (w *waits) all() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Duration(nil), w.d...)
}

// testClient is a client in a hurry: it does not sleep, and its ranges are small.
func testClient(t *testing.T, s *hubtest.Server, dir string, change ...func(*Config)) (*Client, *waits) {
	t.Helper()
	cfg := Config{Endpoint: s.URL(), CacheDir: dir, PartSize: 128 << 10, StallTimeout: 2 * time.Second, MetaTimeout: 2 * time.Second}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := &waits{}
	c.sleep = func(ctx context.Context, d time.Duration) error {
		w.mu.Lock()
		w.d = append(w.d, d)
		w.mu.Unlock()
		return ctx.Err()
	}
	return c, w
}

// recorder keeps events.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) add(e Event) { r.mu.Lock(); r.events = append(r.events, e); r.mu.Unlock() }

func (r *recorder) of(k Kind) []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Event
	for _, e := range r.events {
		if e.Kind == k {
			out = append(out, e)
		}
	}
	return out
}

// diskFiles lists all files and links under dir.
func diskFiles(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	sort.Strings(names)
	return names
}

// checkWhole fails unless the snapshot holds exactly these files with these bytes, every blob is what
// its name says, and nothing unfinished is left.
func checkWhole(t *testing.T, s Snapshot, files map[string][]byte, taken []string) {
	t.Helper()
	var got []string
	for _, name := range diskFiles(t, s.Dir) {
		got = append(got, name)
		data, err := os.ReadFile(filepath.Join(s.Dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if string(data) != string(files[name]) {
			t.Errorf("%s: %d bytes differ from the repository's %d", name, len(data), len(files[name]))
		}
	}
	want := append([]string(nil), taken...)
	sort.Strings(want)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("snapshot holds\n%v, want\n%v", got, want)
	}
	repoDir := filepath.Dir(filepath.Dir(s.Dir))
	for _, name := range diskFiles(t, filepath.Join(repoDir, "blobs")) {
		data, err := os.ReadFile(filepath.Join(repoDir, "blobs", name))
		if err != nil {
			t.Fatal(err)
		}
		if name != hubtest.SHA256(data) && name != hubtest.GitSHA1(data) {
			t.Errorf("blob %s (%d bytes) is not what its name says", name, len(data))
		}
	}
}

func mustPull(t *testing.T, c *Client, id, revision string) Snapshot {
	t.Helper()
	s, err := c.Pull(context.Background(), id, revision, PullOptions{})
	if err != nil {
		t.Fatalf("pull: %v", err)
	}
	return s
}
