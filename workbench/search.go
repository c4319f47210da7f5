package workbench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tryall/tryall/hub"
)

// SearchQuery says which models of the Hub to look for.
type SearchQuery struct {
	hub.Query
	Limit   int   // most models to give
	MaxSize int64 // most bytes of weights; 0 = any. A model whose size is not known is left out.
}

// SearchOrders are what one can sort by, with the Hub's names for that.
var SearchOrders = map[string]string{"downloads": "downloads", "likes": "likes", "modified": "lastModified", "created": "createdAt", "trending": "trendingScore"}

// Found is a model of the Hub with what it takes to run it here.
type Found struct {
	ID           string       `json:"id"`
	Revision     string       `json:"revision"`
	Downloads    int64        `json:"downloads"` // last 30 days
	Likes        int64        `json:"likes"`
	Architecture string       `json:"architecture"`
	Parameters   int64        `json:"parameters"`   // 0 = the Hub does not tell
	SizeBytes    int64        `json:"size_bytes"`   // of the weights; 0 = the Hub does not tell
	MemoryBytes  int64        `json:"memory_bytes"` // estimate; 0 = the Hub does not tell
	License      string       `json:"license"`
	Languages    []string     `json:"languages"`
	Datasets     []string     `json:"datasets"`
	Gated        string       `json:"gated,omitempty"`
	Modified     time.Time    `json:"modified,omitzero"`
	Abstains     hub.Abstains `json:"abstains"`
	AbstainsWhy  string       `json:"abstains_why"`
	Runnable     bool         `json:"runnable"` // as far as the Hub's page tells
	Reason       string       `json:"reason,omitempty"`
	Here         bool         `json:"here"` // at some revision, whole
}

// Search is what a search gave.
type Search struct {
	Models      []Found   `json:"models"`
	TooLarge    int       `json:"too_large"`    // left out
	UnknownSize int       `json:"unknown_size"` // left out
	More        bool      `json:"more"`         // the Hub has more than were looked at
	At          time.Time `json:"at"`           // when the Hub said so
	Cached      bool      `json:"cached"`       // from an earlier search on this machine
}

// maxSearchPages bounds how far a search goes for models that are small enough.
const maxSearchPages = 20

// Search looks for models on the Hub, best first, and judges for each whether it would run here.
func (w *Workbench) Search(ctx context.Context, q SearchQuery) (Search, error) {
	c, err := w.Hub()
	if err != nil {
		return Search{}, ofHub(err)
	}
	defer c.Close()
	q.Query.Limit = min(max(q.Limit, 1), 1000)
	if q.MaxSize > 0 {
		q.Query.Limit = max(q.Query.Limit, 100)
	}
	out := Search{Models: []Found{}}
	here := w.wholeIDs()
	for page := 0; ; page++ {
		r, err := c.Search(ctx, q.Query)
		if err != nil {
			return Search{}, ofHub(err)
		}
		if out.Cached = out.Cached || r.Cached; page == 0 || r.At.Before(out.At) {
			out.At = r.At
		}
		for _, m := range r.Models {
			if len(out.Models) == q.Limit {
				out.More = true
				break
			}
			w.take(&out, m, q.MaxSize, here[m.ID])
		}
		if q.Cursor = r.Next; r.Next == "" || len(out.Models) == q.Limit || page+1 == maxSearchPages {
			out.More = out.More || r.Next != ""
			return out, nil
		}
	}
}

// take adds a model, or counts it among those left out.
func (w *Workbench) take(out *Search, m hub.Model, maxSize int64, here bool) {
	switch {
	case maxSize > 0 && m.WeightBytes == 0:
		out.UnknownSize++
	case maxSize > 0 && m.WeightBytes > maxSize:
		out.TooLarge++
	default:
		f := w.judge(m)
		f.Here = here
		out.Models = append(out.Models, f)
	}
}

// wholeIDs are the models of which a revision is in the cache. What is damaged there does not concern a search.
func (w *Workbench) wholeIDs() map[string]bool {
	ids := map[string]bool{}
	models, _, _ := w.allCached()
	for _, m := range models {
		ids[m.ID] = ids[m.ID] || m.Snapshot.Complete() == nil
	}
	return ids
}

func (w *Workbench) judge(m hub.Model) Found {
	f := Found{ID: m.ID, Revision: m.Commit, Downloads: m.Downloads, Likes: m.Likes, Architecture: m.ModelType, Parameters: m.Parameters,
		SizeBytes: m.WeightBytes, MemoryBytes: EstimateMemory(m.Parameters), License: m.License, Languages: list(m.Languages),
		Datasets: list(m.Datasets), Gated: m.Gated, Modified: m.Modified, Abstains: m.Abstains, AbstainsWhy: m.AbstainsWhy}
	f.Reason = w.Obstacle(m)
	f.Runnable = f.Reason == ""
	return f
}

// Obstacle says why a model of the Hub would not run here, as far as its page tells; empty when nothing speaks against it.
func (w *Workbench) Obstacle(m hub.Model) string {
	if err := w.Supports(m.ModelType, m.Architectures); err != nil {
		return err.Error()
	}
	free := w.FreeMemory()
	switch need := EstimateMemory(m.Parameters); {
	case m.Disabled:
		return "the Hub has disabled it"
	case len(m.Formats) == 0 && len(m.Files) > 0:
		return "no weights in a format that is read" + otherFormats(m.Files)
	case free > 0 && need > free:
		return fmt.Sprintf("needs about %.1f GB of memory; %.1f GB are free", float64(need)/1e9, float64(free)/1e9)
	}
	return ""
}

// otherFormats names what a repository has instead of weights that can be read.
func otherFormats(files []string) string {
	for _, other := range []struct{ ext, name string }{{".h5", "TensorFlow"}, {".msgpack", "Flax"}, {".onnx", "ONNX"}, {".gguf", "GGUF"}, {".ot", "Rust"}} {
		for _, f := range files {
			if strings.HasSuffix(f, other.ext) {
				return ", only " + other.name
			}
		}
	}
	return ""
}

// EstimateMemory is about how many bytes a model of so many parameters takes at most while it is loaded and answers; 0 when
// they are not known. Measured as the peak of whole processes: 0.67 GB for 110 million, 1.87 GB for 335 million parameters.
func EstimateMemory(parameters int64) int64 {
	if parameters <= 0 {
		return 0
	}
	const working = 120 << 20
	return parameters*21/4 + working
}
