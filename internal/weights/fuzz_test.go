package weights

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// checkOpen opens a folder with one hostile file of n bytes: no panic, little memory, and tensors that can be used.
func checkOpen(t *testing.T, fsys fs.FS, n int) {
	t.Helper()
	var s *Set
	var err error
	if allocated := measure(func() { s, err = Open(fsys) }); allocated > allowance(n) {
		t.Fatalf("%d bytes allocated for a file of %d, more than %d", allocated, n, allowance(n))
	}
	if err != nil {
		return
	}
	for _, name := range s.Names() {
		x, ok := s.Get(name)
		if !ok || x.Name != name {
			t.Fatalf("tensor %q is listed and not there", name)
		}
		if size := x.Type.Size(); size > 0 && len(x.Data) != x.Len()*size {
			t.Fatalf("tensor %q: %d bytes for shape %v of %s", name, len(x.Data), x.Shape, x.Type)
		}
		if x.Len() < 1<<20 {
			_ = x.Float32s(make([]float32, x.Len()))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// seed adds the golden files of a pattern.
func seed(f *testing.F, pattern string) {
	f.Helper()
	files, _ := filepath.Glob(pattern)
	if len(files) == 0 {
		f.Fatalf("no file matches %s", pattern)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzSafetensors(f *testing.F) {
	seed(f, "testdata/safetensors*/*.safetensors")
	f.Add(one("a"))
	f.Add(file(`{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[1,0],"data_offsets":[0,0]}}  `, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkOpen(t, folder("model.safetensors", data), len(data))
	})
}

// FuzzPickle takes its input as a whole file and, if it is not one, as the pickle of a state dict in either form.
func FuzzPickle(f *testing.F) {
	seed(f, "testdata/zip-*/*.bin")
	seed(f, "testdata/legacy-*/*.bin")
	f.Add([]byte(one2() + "."))
	f.Add([]byte("ccollections\nOrderedDict\n](]U\x01a" + tensor("K\x01", "))", "") + "ee\x85R."))
	f.Add([]byte("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94Ns."))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkOpen(t, folder("pytorch_model.bin", data), len(data))
		if len(data) > 0 && data[0] == 'P' {
			return
		}
		for _, whole := range [][]byte{
			[]byte(legacyHead + string(data) + keys0 + data2),
			stored(t, "x/data.pkl", string(data), "x/data/0", data2[8:]),
		} {
			checkOpen(t, folder("pytorch_model.bin", whole), len(whole))
		}
	})
}

func FuzzIndex(f *testing.F) {
	seed(f, "testdata/*/*.index.json")
	f.Add([]byte(`{"weight_map":{"a":"s"}}`))
	f.Add([]byte(`{"metadata":null,"weight_map":{"a":"../s"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkOpen(t, folder("model.safetensors.index.json", data, "s", one("a"), "t/s", one("b")), len(data))
	})
}
