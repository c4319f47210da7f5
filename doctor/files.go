package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
)

// vocabularies are the files that a tokenizer is made of; of each row all are needed, and one row is enough.
var vocabularies = [][]string{
	{"tokenizer.json"}, {"vocab.txt"}, {"vocab.json", "merges.txt"},
	{"spiece.model"}, {"sentencepiece.bpe.model"}, {"spm.model"}, {"sentencepiece.model"},
}

// files looks for what is needed and whether it is there in substance.
func files(_ context.Context, e *exam) findings {
	var f findings
	check := func(name string, needed bool) (there bool) {
		err := sound(e.FS, name)
		switch {
		case err == nil:
			return true
		case errors.Is(err, fs.ErrNotExist) && !needed:
		case errors.Is(err, fs.ErrNotExist):
			f.add(Fail, "%s is missing", name)
		default:
			f.add(Fail, "%v", err)
		}
		return false
	}
	check("config.json", true)
	if !check("tokenizer_config.json", false) && len(f) == 0 {
		f.add(Info, "there is no tokenizer_config.json: case and lengths are those that the tokenizer's class has by default")
	}
	check("special_tokens_map.json", false)
	check("added_tokens.json", false)

	before, tokens := len(f), false
	for _, row := range vocabularies {
		whole := true
		for _, name := range row {
			whole = check(name, false) && whole
		}
		tokens = tokens || whole
	}
	if !tokens && len(f) == before {
		f.add(Fail, "there is no tokenizer: tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece file is needed")
	}

	names, err := weightFiles(e.FS)
	if err != nil {
		f.add(Fail, "%v", err)
		e.lost = true
	}
	for _, name := range names {
		if !check(name, true) {
			e.lost = true
		}
	}
	if f.check("").OK {
		f.add(Pass, "%d weight files and all that goes with them", len(names))
	}
	return f
}

// sound says whether a file has contents: not none, and not the few lines that git puts in the place of a large file.
func sound(fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) && listed(fsys, name) {
		return fmt.Errorf("%s is a link to a file that is not there", name)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 64)
	n, err := io.ReadFull(f, start)
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s is empty", name)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("read %s: %w", name, err)
	case bytes.HasPrefix(start[:n], []byte("version https://git-lfs.github.com/spec/")):
		return fmt.Errorf("%s is a git-lfs pointer: the file itself was not downloaded (git lfs pull brings it)", name)
	}
	return nil
}

// listed says whether the top folder has an entry of that name.
func listed(fsys fs.FS, name string) bool {
	entries, _ := fs.ReadDir(fsys, ".")
	return slices.ContainsFunc(entries, func(d fs.DirEntry) bool { return d.Name() == name })
}

// weightFiles names the files that the weights would be read from: the first form that is there, and its shards.
func weightFiles(fsys fs.FS) ([]string, error) {
	for _, name := range []string{"model.safetensors", "pytorch_model.bin"} {
		if listed(fsys, name) {
			return []string{name}, nil
		}
		index := name + ".index.json"
		if !listed(fsys, index) {
			continue
		}
		data, err := readSmall(fsys, index, 64<<20)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", index, err)
		}
		var doc struct {
			WeightMap map[string]string `json:"weight_map"`
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			return nil, fmt.Errorf("read %s: %w", index, err)
		}
		return slices.Compact(slices.Sorted(maps.Values(doc.WeightMap))), nil
	}
	return nil, errors.New("there are no weights: model.safetensors or pytorch_model.bin, or their shards with an index, is needed")
}

// hashes compares the files with the hashes that name them in the cache.
func hashes(ctx context.Context, e *exam) findings {
	switch {
	case e.Builtin:
		return found(Pass, "the files are part of the program")
	case e.Snapshot == nil:
		return found(Info, "nothing is known to compare the files with: they did not come from a Hub's cache")
	}
	checks, err := e.Snapshot.Verify(ctx, nil)
	if err != nil {
		return found(Fail, "%v", err)
	}
	var f findings
	known := 0
	for _, c := range checks {
		if c.Err != nil {
			f.add(Fail, "%v", c.Err)
		} else if !c.Digest.IsZero() {
			known++
		}
	}
	if f != nil {
		f.add(Fail, "pull it again to put that right")
		return f
	}
	if known < len(checks) {
		return found(Info, "%d of %d files are right; of the others no hash is known", known, len(checks))
	}
	return found(Pass, "all %d files are right", known)
}
