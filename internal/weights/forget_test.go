package weights

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

// What is forgotten can still be read.
func TestForget(t *testing.T) {
	s, err := Open(os.DirFS("testdata/safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := map[string][]byte{}
	for _, name := range s.Names() {
		tensor, _ := s.Get(name)
		before[name] = slices.Clone(tensor.Data)
	}
	if len(before) == 0 {
		t.Fatal("testdata/safetensors has no tensors")
	}
	s.Forget()
	for name, want := range before {
		if tensor, _ := s.Get(name); !bytes.Equal(tensor.Data, want) {
			t.Errorf("%s changed", name)
		}
	}
}
