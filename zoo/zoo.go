// Package zoo is what the program carries with it: four small question answering models, as folders in Hub layout, and
// sample questions with their texts. They make the first start work without a network, and they show the choices that
// models differ in: able to abstain or not, small or smaller, general or made for one subject.
package zoo

import (
	"embed"
	"io/fs"
	"maps"
)

// Model is one built-in model.
type Model struct {
	Name     string // "tryall/minilm-l6-squad2", as a repository on the Hub would be named
	Revision string // 40 hex digits that change with any of its files
	About    string // one sentence
	// FS is the repository: config.json, tokenizer, weights in two shards, README.md (its card), tryall.json. Its files
	// have a method Bytes() []byte, which lends their contents without a copy; those must not be written to.
	FS fs.FS
}

// models in the order people see them; the first is the one to start with.
var models = []Model{
	{Name: "tryall/minilm-l6-squad2", About: "general text; can say \"no answer\""},
	{Name: "tryall/minilm-l3-squad2", About: "half the layers, twice the speed, fewer right answers; can say \"no answer\""},
	{Name: "tryall/minilm-l6-squad1", About: "general text; always answers"},
	{Name: "tryall/minilm-l6-covid", About: "papers about COVID-19 and its kin; always answers"},
}

// Models gives the built-in models, the one to start with first.
func Models() []Model {
	ms := make([]Model, len(models))
	for i, m := range models {
		m.Revision = revisions[m.Name]
		m.FS = repository{folders: [2]string{m.Name[len("tryall/"):], "common"}}
		ms[i] = m
	}
	return ms
}

// The weights are variables of their own, because an embed.FS gives its files' contents only as copies. The first shard,
// the embeddings, is the same for all models, as is the tokenizer.
var (
	//go:embed common/model-00001-of-00002.safetensors
	embeddings []byte
	//go:embed minilm-l6-squad2/model-00002-of-00002.safetensors
	l6squad2 []byte
	//go:embed minilm-l3-squad2/model-00002-of-00002.safetensors
	l3squad2 []byte
	//go:embed minilm-l6-squad1/model-00002-of-00002.safetensors
	l6squad1 []byte
	//go:embed minilm-l6-covid/model-00002-of-00002.safetensors
	l6covid []byte

	//go:embed common/*.json common/vocab.txt minilm-*/*.json minilm-*/README.md
	small embed.FS
)

// large are the files that are not in small.
var large = map[string][]byte{
	"common/model-00001-of-00002.safetensors":           embeddings,
	"minilm-l6-squad2/model-00002-of-00002.safetensors": l6squad2,
	"minilm-l3-squad2/model-00002-of-00002.safetensors": l3squad2,
	"minilm-l6-squad1/model-00002-of-00002.safetensors": l6squad1,
	"minilm-l6-covid/model-00002-of-00002.safetensors":  l6covid,
}

// find gives the contents of a file of the source tree.
func find(path string) ([]byte, error) {
	if data, ok := large[path]; ok {
		return data, nil
	}
	return small.ReadFile(path)
}

// list gives the paths of all embedded files below a folder of the source tree.
func list(folder string) []string {
	paths, _ := fs.Glob(small, folder+"/*") // the pattern is sound
	for path := range maps.Keys(large) {
		if len(path) > len(folder) && path[:len(folder)+1] == folder+"/" {
			paths = append(paths, path)
		}
	}
	return paths
}
