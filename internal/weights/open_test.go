package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func isUnsupported(err error) bool {
	var u *Unsupported
	return errors.As(err, &u)
}

// one is a file with one tensor of two floats.
func one(name string) []byte {
	return file(fmt.Sprintf(`{%q:{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, name), 8)
}

func TestOpenRefuses(t *testing.T) {
	const index = "model.safetensors.index.json"
	shards := func(entries string) string { return `{"metadata":{"total_size":16},"weight_map":{` + entries + `}}` }
	for name, c := range map[string]struct {
		fsys        fs.FS
		want        string
		unsupported bool
	}{
		"empty folder": {folder("config.json", "{}"), "no weights: model.safetensors or pytorch_model.bin", true},
		"other formats": {folder("tf_model.h5", "x", "flax_model.msgpack", "x", "onnx/model.onnx", "x", "q.gguf", "x"),
			"found flax_model.msgpack (Flax), onnx/, q.gguf (llama.cpp), tf_model.h5 (TensorFlow); model.safetensors", true},
		"pointer": {folder("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
			"model.safetensors is a git-lfs pointer: the file itself was not downloaded", false},
		"pointer shard": {folder(index, shards(`"a":"s"`), "s", "version https://git-lfs.github.com/spec/v1\n"), "s is a git-lfs pointer", false},
		"folder":        {folder("model.safetensors/x", "x"), "not a regular file", false},
		"index no map":  {folder(index, `{"metadata":{}}`), "weight_map", false},
		"index no json": {folder(index, `hello`), "invalid character", false},
		"index cut":     {folder(index, `{"weight_map":{"a":"s"`), "unexpected EOF", false},
		"index null":    {folder(index, shards(`"a":null`)), "null", false},
		"index twice":   {folder(index, shards(`"a":"s","a":"s"`)), `"a" is there twice`, false},
		"shard missing": {folder(index, shards(`"a":"s"`)), "lists s, which is not there", false},
		"tensor missing": {folder(index, shards(`"a":"s","b":"s"`), "s", one("a")),
			`tensor "b" in s, but it is not there`, false},
		"tensor elsewhere": {folder(index, shards(`"a":"s","b":"s"`), "s", one("b"), "t", one("a")), `"a" in s`, false},
		"tensor twice":     {folder(index, shards(`"a":"s","b":"t"`), "s", one("a"), "t", one("a")), `"a" is both in s and in t`, false},
		"climbs":           {folder(index, shards(`"a":"../s"`)), "no file of this folder", false},
		"absolute":         {folder(index, shards(`"a":"/etc/passwd"`)), "no file of this folder", false},
		"backslash":        {folder(index, shards(`"a":"..\\s"`)), "no file of this folder", false},
		"drive":            {folder(index, shards(`"a":"C:s"`)), "no file of this folder", false},
		"itself":           {folder(index, shards(`"a":"."`)), "no file of this folder", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.fsys)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if isUnsupported(err) != c.unsupported {
				t.Errorf("%v: unsupported is %t", err, !c.unsupported)
			}
		})
	}
}

func TestOpenShards(t *testing.T) {
	s, err := Open(folder(
		"model.safetensors.index.json", `{"metadata":{"total_size":16},"weight_map":{"b":"deep/t","a":"s"}}`,
		"s", one("a"), "deep/t", one("b"), "pytorch_model.bin", "never read"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := fmt.Sprint(s.Names(), s.Files()); got != "[a b] [deep/t s]" {
		t.Error(got)
	}
	if b, _ := s.Get("b"); b.File != "deep/t" {
		t.Error(b.File)
	}
}

// TestOpenMaps opens the same folder on disk, where files are mapped, also after they are closed and unlinked.
func TestOpenMaps(t *testing.T) {
	dir := t.TempDir()
	data := one("a")
	binary.LittleEndian.PutUint32(data[len(data)-4:], math.Float32bits(1.5))
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if s.files[0].m == nil {
		t.Error("a file on disk was not mapped")
	}
	a, _ := s.Get("a")
	got := make([]float32, 2)
	if err := a.Float32s(got); err != nil || got[1] != 1.5 {
		t.Error(got, err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("empty file: error %v", err)
	}
}

func TestOpenDanglingLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("../../blobs/0", filepath.Join(dir, "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), "link to a file that is not there") {
		t.Errorf("error %v", err)
	}
}

type lending struct {
	fstest.MapFS
	data []byte
}

func (l lending) Open(name string) (fs.File, error) {
	f, err := l.MapFS.Open(name)
	return lent{f, l.data}, err
}

type lent struct {
	fs.File
	data []byte
}

func (l lent) Bytes() []byte { return l.data }

func TestOpenBorrows(t *testing.T) {
	data := one("a")
	s, err := Open(lending{folder("model.safetensors", data).(fstest.MapFS), data})
	if err != nil {
		t.Fatal(err)
	}
	a, _ := s.Get("a")
	data[len(data)-1] = 7
	if !bytes.Equal(a.Data[4:], []byte{0, 0, 0, 7}) {
		t.Error("the bytes were copied")
	}
}
