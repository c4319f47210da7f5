package model

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/nn"
)

// Converted is a folder where the layers of models in narrow types are kept, packed as they are multiplied: a model that is
// loaded again maps them and does not read the weights that they were made of. Whatever is in the folder can be deleted at
// any time, several processes may use it at once, and where nothing can be written models are converted at each load.
type Converted struct {
	Dir  string
	Most int64 // bytes that it may take; what was unused for longest goes first. 0: MostConverted
}

// MostConverted is how many bytes of converted weights are kept.
const MostConverted = 8 << 30

// Remove deletes what was made of the files of the Hub's cache that have these names in its folder blobs, and returns how
// many bytes that were.
func (c Converted) Remove(blobs []string) (int64, error) {
	gone := map[string]bool{}
	for _, name := range blobs {
		gone[weights.BlobSource(name)] = true
	}
	return c.folder().Remove(func(source string) bool { return gone[source] })
}

func (c Converted) folder() weights.ConvertedFolder {
	if c.Most == 0 {
		c.Most = MostConverted
	}
	return weights.ConvertedFolder{Dir: c.Dir, Most: c.Most}
}

// keeper gets the layers of one load from the folder of converted weights, and puts them there.
type keeper struct {
	folder    weights.ConvertedFolder
	sources   []string
	file, key string
	from      *weights.Converted // nil if there is nothing to get
	layers    []keptLayer
	fresh     atomic.Int64 // layers that were converted because there was nothing good to get
}

// keptLayer is a layer and how it is called in the file.
type keptLayer struct {
	name  string
	layer *nn.Linear
}

// keep finds out whether the layers of this load can be kept, and opens what an earlier load kept.
func (c *checkpoint) keep(o Options, p nn.Precision) {
	if o.Converted.Dir == "" || o.only != nil || p == nn.FP32 {
		return
	}
	sources, state, ok := c.set.Origin()
	if !ok {
		return
	}
	maker := p.String() + " " + nn.Layout()
	k := &keeper{folder: o.Converted.folder(), sources: sources}
	k.file, k.key = k.folder.File(maker, sources), maker+"\n"+state
	if from, err := k.folder.Open(k.file, k.key); err == nil { // whatever is wrong with it, it will be written anew
		k.from = from
		c.set.Sparsely(true)
	}
	c.kept = k
}

// get fills a layer with what was kept, and tells whether it could. A nil keeper has nothing.
func (k *keeper) get(l *nn.Linear, p nn.Precision, parts []part) bool {
	if k == nil || p == nn.FP32 {
		return false
	}
	if k.from != nil {
		out := 0
		for _, p := range parts {
			out += p.out
		}
		if b, err := k.from.Section(sectionName(parts)); err == nil {
			if saved, err := nn.Saved(p, out, parts[0].in, b); err == nil {
				*l = *saved
				return true
			}
		}
	}
	k.fresh.Add(1)
	return false
}

// sectionName is what a layer made of parts is called.
func sectionName(parts []part) string {
	var names []string
	for _, p := range parts {
		names = append(names, p.weight.Name)
	}
	return strings.Join(names, " + ")
}

// store writes all layers if there is one that did not come from the file.
func (k *keeper) store() error {
	if k == nil || k.fresh.Load() == 0 {
		return nil
	}
	sections := make([]weights.Section, len(k.layers))
	for i, l := range k.layers {
		sections[i] = weights.Section{Name: l.name, Pieces: l.layer.Save()}
	}
	if err := k.folder.Write(k.file, k.key, k.sources, sections); err != nil {
		return fmt.Errorf("keep converted weights: %w", err)
	}
	return nil
}

// close unmaps what was kept, after the layers in it.
func (k *keeper) close() error {
	if k == nil || k.from == nil {
		return nil
	}
	return k.from.Close()
}

// conversion says how the layers came to be, for Info.
func (k *keeper) conversion(err error) string {
	switch {
	case k == nil:
		return ""
	case err != nil:
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return "not kept: " + err.Error()
	case k.fresh.Load() > 0:
		return "kept"
	}
	return "mapped"
}
