package weights

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// readTorchZip reads the form that torch.save has written since 1.6: a zip archive of stored, not compressed, entries
// NAME/data.pkl, NAME/data/KEY for each storage, and NAME/byteorder since 2.1.
func readTorchZip(b *blob) (any, error) {
	z, err := openArchive(b)
	if err != nil {
		return nil, err
	}
	if order, ok, err := z.entry("byteorder"); err != nil {
		return nil, err
	} else if ok && strings.TrimSpace(string(order)) != "little" {
		return nil, unsupported("was written with byte order %q; only little is supported", printable(string(order[:min(len(order), 20)])))
	}
	pkl, ok, err := z.entry("data.pkl")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New("no data.pkl in it")
	}
	u := newUnpickler(pkl, len(b.data))
	top, err := u.next()
	if err != nil {
		return nil, err
	}
	for key, s := range u.storages {
		data, ok, err := z.entry("data/" + key)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("storage %s is not there", printable(key))
		}
		if want := s.numel * s.dtype.Size(); len(data) != want {
			return nil, fmt.Errorf("storage %s has %d bytes, %d of %s need %d", printable(key), len(data), s.numel, s.dtype, want)
		}
		s.data = data
	}
	return top, nil
}

// archive is the entries below the one folder of a PyTorch zip.
type archive struct {
	data   []byte
	folder string
	files  map[string]*zip.File
}

func openArchive(b *blob) (*archive, error) {
	r, err := zip.NewReader(bytes.NewReader(b.data), int64(len(b.data)))
	if err != nil { // the table of contents is at the end
		return nil, fmt.Errorf("%w, or it is cut off", err)
	}
	z := &archive{data: b.data, files: make(map[string]*zip.File, len(r.File))}
	for _, f := range r.File {
		if z.files[f.Name] != nil {
			return nil, fmt.Errorf("entry %q is there twice", printable(f.Name))
		}
		z.files[f.Name] = f
		folder, ok := strings.CutSuffix(f.Name, "/data.pkl")
		if !ok {
			continue
		}
		if z.folder != "" {
			return nil, fmt.Errorf("it has two data.pkl, in %q and %q", printable(z.folder), printable(folder))
		}
		z.folder = folder
	}
	return z, nil
}

// entry is the bytes of one entry, a part of the file itself.
func (z *archive) entry(name string) ([]byte, bool, error) {
	f := z.files[z.folder+"/"+name]
	if f == nil {
		return nil, false, nil
	}
	if f.Method != zip.Store || f.Flags&1 != 0 || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, false, unsupported("has a compressed or encrypted entry %q, which torch.save does not write: refused", printable(name))
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, false, fmt.Errorf("entry %q: %w", printable(name), err)
	}
	if size := uint64(len(z.data)); at < 0 || uint64(at) > size || f.CompressedSize64 > size-uint64(at) {
		return nil, false, fmt.Errorf("entry %q is cut off: %w", printable(name), errCut)
	}
	from, to := int(at), int(at)+int(f.CompressedSize64)
	return z.data[from:to:to], true, nil
}
