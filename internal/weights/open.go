package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// form is one way in which a repository holds its weights.
type form struct {
	file string
	read func(*blob) ([]Tensor, string, error) // the tensors of one file and what it turned out to be
}

// forms in order of preference. Each may be one file, or shards that file + ".index.json" lists.
var forms = []form{
	{"model.safetensors", func(b *blob) ([]Tensor, string, error) {
		ts, err := readSafetensors(b)
		b.sparsely(false)
		return ts, "safetensors", err
	}},
	{"pytorch_model.bin", readTorch},
}

// Open reads the weights of a folder in Hub layout: model.safetensors, else the shards of model.safetensors.index.json,
// else pytorch_model.bin (as torch.save writes it now or wrote it before 1.6), else the shards of
// pytorch_model.bin.index.json. A file that is an *os.File is mapped; one with a method Bytes() []byte lends those; any
// other is read. Tensors keep the names they have in the file.
func Open(fsys fs.FS) (*Set, error) {
	for _, f := range forms {
		b, err := find(fsys, f.file)
		if err != nil {
			return nil, err
		}
		if b != nil {
			return f.open([]*blob{b})
		}
		x, err := find(fsys, f.file+".index.json")
		if err != nil {
			return nil, err
		}
		if x != nil {
			defer x.Close()
			return f.openShards(fsys, x)
		}
	}
	return nil, nothingToRead(fsys)
}

// find gives a file's bytes, nil when it is not there.
func find(fsys fs.FS, name string) (*blob, error) {
	b, err := readBlob(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		// A link into the Hub's cache whose target is gone is not the same as no file.
		if entries, lsErr := fs.ReadDir(fsys, path.Dir(name)); lsErr == nil {
			for _, e := range entries {
				if e.Name() == path.Base(name) {
					return nil, fmt.Errorf("%s is a link to a file that is not there", name)
				}
			}
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b.data, []byte("version https://git-lfs.github.com/spec/")) {
		b.Close()
		return nil, fmt.Errorf("%s is a git-lfs pointer: the file itself was not downloaded", name)
	}
	return b, nil
}

// open reads the given files into one set, which owns them from here on.
func (f form) open(blobs []*blob) (_ *Set, err error) {
	s := &Set{tensors: map[string]Tensor{}, files: blobs}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	for _, b := range blobs {
		ts, format, err := f.read(b)
		if err != nil {
			return nil, err
		}
		s.format = format
		if err := s.add(ts); err != nil {
			return nil, err
		}
	}
	s.sort()
	return s, nil
}

func (f form) openShards(fsys fs.FS, indexFile *blob) (*Set, error) {
	x, err := readIndex(indexFile)
	if err != nil {
		return nil, err
	}
	var blobs []*blob
	for _, name := range x.shards {
		b, err := find(fsys, name)
		if err == nil && b == nil {
			err = fmt.Errorf("%s lists %s, which is not there", x.file, name)
		}
		if err != nil {
			for _, b := range blobs {
				b.Close()
			}
			return nil, err
		}
		blobs = append(blobs, b)
	}
	s, err := f.open(blobs)
	if err != nil {
		return nil, err
	}
	if err := x.check(s); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// others are the weight formats of other programs, by the end of the file's name.
var others = []struct{ suffix, is string }{
	{".h5", "TensorFlow"},
	{".index", "TensorFlow 1"},
	{".msgpack", "Flax"},
	{".onnx", "ONNX"},
	{".gguf", "llama.cpp"},
	{".ot", "rust-bert"},
	{".mlmodel", "Core ML"},
	{".tflite", "TensorFlow Lite"},
	{".safetensors", "safetensors under another name"},
	{".bin", "PyTorch under another name"},
	{".pt", "PyTorch under another name"},
	{".pth", "PyTorch under another name"},
	{".ckpt", "PyTorch or TensorFlow under another name"},
}

// nothingToRead says which weights were found instead of those that can be read.
func nothingToRead(fsys fs.FS) error {
	const need = "model.safetensors or pytorch_model.bin (or their shards with an index) is needed"
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return err
	}
	var found []string
	for _, e := range entries {
		for _, o := range others {
			if !e.IsDir() && strings.HasSuffix(e.Name(), o.suffix) {
				found = append(found, fmt.Sprintf("%s (%s)", e.Name(), o.is))
				break
			}
		}
		if e.IsDir() && (e.Name() == "onnx" || e.Name() == "openvino") {
			found = append(found, e.Name()+"/")
		}
	}
	if found == nil {
		return unsupported("no weights: %s", need)
	}
	return unsupported("no weights that can be read: found %s; %s", strings.Join(found, ", "), need)
}
