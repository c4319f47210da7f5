package weights

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func originOf(t *testing.T, dir string) (sources []string, state string, ok bool) {
	t.Helper()
	s, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Origin()
}

func TestOrigin(t *testing.T) {
	content, err := os.ReadFile("testdata/safetensors/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "model.safetensors")
	write := func(age time.Duration) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(file, then, then); err != nil {
			t.Fatal(err)
		}
	}
	write(0)
	if _, _, ok := originOf(t, dir); ok {
		t.Error("a file that was written just now is known")
	}
	write(time.Hour)
	sources, state, ok := originOf(t, dir)
	if !ok || len(sources) != 1 || sources[0] != file {
		t.Errorf("sources are %v, %t", sources, ok)
	}
	if again, s, _ := originOf(t, dir); !slices.Equal(again, sources) || s != state {
		t.Errorf("the same file is %q, was %q", s, state)
	}
	write(2 * time.Hour)
	if _, s, _ := originOf(t, dir); s == state {
		t.Errorf("a file that was written again is still %q", s)
	}

	// The Hub's cache: the name says what the contents are.
	name := strings.Repeat("0123456789abcdef", 4)
	snapshot := filepath.Join(dir, "snapshots", "main")
	for _, d := range []string{snapshot, filepath.Join(dir, "blobs")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "blobs", name), content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..", "..", "blobs", name), filepath.Join(snapshot, "model.safetensors")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if sources, _, ok := originOf(t, snapshot); !ok || !slices.Equal(sources, []string{BlobSource(name)}) {
		t.Errorf("a file of the Hub's cache has sources %v, %t", sources, ok)
	}

	s, err := Open(fstest.MapFS{"model.safetensors": {Data: content}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.Origin(); ok {
		t.Error("what is no file is known")
	}
	if _, _, ok := NewSet().Origin(); ok {
		t.Error("nothing is known")
	}
}

// A part can be forgotten and read again, in a file and elsewhere; the memory beside it stays.
func TestForgetTensor(t *testing.T) {
	data := make([]byte, 3*4*4096)
	for i := range data {
		data[i] = byte(i%251 + 1)
	}
	dir := t.TempDir()
	header := `{"a":{"dtype":"F32","shape":[4096],"data_offsets":[0,16384]},"b":{"dtype":"F32","shape":[8192],"data_offsets":[16384,49152]}}`
	file := append([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}, header...)
	file = append(file, data...)
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), file, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	heap := Tensor{Data: slices.Clone(data)}
	s.Sparsely(true)
	for _, name := range s.Names() {
		tensor, _ := s.Get(name)
		s.ForgetTensor(tensor)
	}
	s.ForgetTensor(heap)
	s.ForgetTensor(Tensor{})
	s.Sparsely(false)
	a, _ := s.Get("a")
	b, _ := s.Get("b")
	if got := slices.Concat(a.Data, b.Data); !slices.Equal(got, data) || !slices.Equal(heap.Data, data) {
		t.Error("something changed")
	}
}
