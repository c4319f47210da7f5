package doctor

import (
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tryall/tryall/zoo"
)

// quickest is the built-in model that is examined fastest.
const quickest = "tryall/minilm-l3-squad2"

// repository is a model in memory whose files lend their contents, so that planting a defect copies one file.
type repository struct{ fstest.MapFS }

func (r repository) Open(name string) (fs.File, error) {
	f, err := r.MapFS.Open(name)
	if m := r.MapFS[name]; err == nil && m != nil {
		return lending{f, m.Data}, nil
	}
	return f, err
}

type lending struct {
	fs.File
	data []byte
}

func (l lending) Bytes() []byte { return l.data }

// builtin gives a built-in model as a repository that can be changed.
func builtin(t testing.TB, name string) repository {
	t.Helper()
	for _, m := range zoo.Models() {
		if m.Name != name {
			continue
		}
		r := repository{fstest.MapFS{}}
		entries, err := fs.ReadDir(m.FS, ".")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			f, err := m.FS.Open(e.Name())
			if err != nil {
				t.Fatal(err)
			}
			r.put(e.Name(), f.(interface{ Bytes() []byte }).Bytes())
		}
		return r
	}
	t.Fatalf("there is no built-in model %s", name)
	return repository{}
}

func (r repository) put(name string, data []byte) { r.MapFS[name] = &fstest.MapFile{Data: data} }

func (r repository) remove(names ...string) {
	for _, name := range names {
		delete(r.MapFS, name)
	}
}

// edit changes a JSON file.
func (r repository) edit(t testing.TB, name string, change func(map[string]any)) {
	t.Helper()
	doc := map[string]any{}
	if f, ok := r.MapFS[name]; ok {
		if err := json.Unmarshal(f.Data, &doc); err != nil {
			t.Fatal(err)
		}
	}
	change(doc)
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	r.put(name, data)
}

// shard is the file that holds all weights of a built-in but its embeddings.
const shard = "model-00002-of-00002.safetensors"

// stored is a tensor's entry in a safetensors header.
type stored struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// tensors changes the tensors of the shard: their entries, and their bytes, which are a copy.
func (r repository) tensors(t testing.TB, change func(header map[string]json.RawMessage, bytesOf func(name string) []byte)) {
	t.Helper()
	data := r.MapFS[shard].Data
	n := binary.LittleEndian.Uint64(data)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	body := append([]byte(nil), data[8+n:]...)
	change(header, func(name string) []byte {
		var s stored
		if err := json.Unmarshal(header[name], &s); err != nil {
			t.Fatalf("tensor %s: %v", name, err)
		}
		return body[s.Offsets[0]:s.Offsets[1]]
	})
	head, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	r.put(shard, append(append(out, head...), body...))
}

// rename gives a tensor another name, in the index too.
func (r repository) rename(t testing.TB, from, to string) {
	r.tensors(t, func(header map[string]json.RawMessage, _ func(string) []byte) {
		header[to] = header[from]
		delete(header, from)
	})
	r.edit(t, "model.safetensors.index.json", func(doc map[string]any) {
		where := doc["weight_map"].(map[string]any)
		where[to] = where[from]
		delete(where, from)
	})
}

// fill writes numbers into the bytes of an F16 tensor.
func fill(b []byte, next func() float64) {
	for ; len(b) >= 2; b = b[2:] {
		binary.LittleEndian.PutUint16(b, half(next()))
	}
}

// half rounds a number of usual size to F16, towards zero.
func half(v float64) uint16 {
	bits := math.Float64bits(v)
	sign := uint16(bits >> 48 & 0x8000)
	exponent := int(bits>>52&0x7FF) - 1023 + 15
	if exponent <= 0 {
		return sign
	}
	return sign | uint16(exponent)<<10 | uint16(bits>>42&0x3FF)
}

// normal gives numbers of a normal distribution, always the same.
func normal(deviation float64) func() float64 {
	r := rand.New(rand.NewPCG(1, 2))
	return func() float64 { return deviation * r.NormFloat64() }
}

func zero() float64 { return 0 }

// vocabulary replaces the tokenizer by the vocabulary file it was made of, changed.
func (r repository) vocabulary(change func(words []string) []string) {
	words := strings.Split(strings.TrimSpace(string(r.MapFS["vocab.txt"].Data)), "\n")
	r.put("vocab.txt", []byte(strings.Join(change(words), "\n")+"\n"))
	r.remove("tokenizer.json")
}

// patient is the repository with what its tryall.json says.
func (r repository) patient(t testing.TB, id string) Patient {
	t.Helper()
	p := Patient{ID: id, FS: r, Builtin: true}
	var s struct{ Threshold *float64 }
	if err := json.Unmarshal(r.MapFS["tryall.json"].Data, &s); err != nil {
		t.Fatal(err)
	}
	p.Threshold = s.Threshold
	return p
}
