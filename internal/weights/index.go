package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// shardIndex is model.safetensors.index.json or pytorch_model.bin.index.json: which file holds which tensor.
type shardIndex struct {
	file   string            // of the index itself
	shards []string          // sorted
	where  map[string]string // tensor name to shard
}

func readIndex(b *blob) (*shardIndex, error) {
	x := &shardIndex{file: b.name, where: map[string]string{}}
	dec, err := objectDecoder(b.data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	seen := map[string]bool{}
	err = object(dec, func(key string) error {
		if seen[key] {
			return fmt.Errorf("%q is there twice", key)
		}
		seen[key] = true
		if key != "weight_map" { // "metadata": total sizes and the like, of no use for reading
			return decode(dec, new(json.RawMessage))
		}
		return object(dec, func(name string) error {
			var shard string
			if err := decode(dec, &shard); err != nil {
				return err
			}
			return x.put(name, shard)
		})
	})
	if err == nil {
		err = end(dec)
	}
	if err == nil && len(x.where) == 0 {
		err = errors.New(`no "weight_map"`)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.name, err)
	}
	for _, shard := range x.where {
		x.shards = append(x.shards, shard)
	}
	slices.Sort(x.shards)
	x.shards = slices.Compact(x.shards)
	return x, nil
}

// put notes one tensor. The shard must be a file in or below the folder of the index.
func (x *shardIndex) put(name, shard string) error {
	if _, ok := x.where[name]; ok {
		return fmt.Errorf("tensor %q is there twice", name)
	}
	if !fs.ValidPath(shard) || shard == "." || !filepath.IsLocal(filepath.FromSlash(shard)) || strings.ContainsAny(shard, "\\:\x00") {
		return fmt.Errorf("tensor %q is said to be in %q, which is no file of this folder", name, shard)
	}
	x.where[name] = shard
	return nil
}

// check makes sure that each tensor is where the index has it.
func (x *shardIndex) check(s *Set) error {
	for name, shard := range x.where {
		t, ok := s.Get(name)
		if !ok {
			return fmt.Errorf("%s has tensor %q in %s, but it is not there", x.file, name, shard)
		}
		if t.File != shard {
			return fmt.Errorf("%s has tensor %q in %s, but it is in %s", x.file, name, shard, t.File)
		}
	}
	return nil
}
