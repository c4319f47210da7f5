package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/tokenizer"
)

// exam is what the tests of one examination hand on. A field is set when the test that fills it passed.
type exam struct {
	Patient
	options Options
	card    hub.Card
	cardErr error

	lost         bool                       // files: some of the weights are not there
	architecture string                     // config
	config       map[string]json.RawMessage // config
	set          *weights.Set               // weights
	info         model.Info                 // tensors
	shapeErr     error                      // tensors
	tokenizer    *tokenizer.Tokenizer       // tokenizer
	special      map[string]string          // tokenizer: special tokens by attribute
	answers      []answered                 // logits
}

func newExam(p Patient, o Options) *exam {
	e := &exam{Patient: p, options: o}
	readme, err := readSmall(p.FS, "README.md", 8<<20)
	if err == nil {
		e.card, err = hub.ParseCard(readme)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.cardErr = err
	}
	if e.Abstains == "" {
		e.Abstains, _ = hub.JudgeAbstains(p.ID, e.card.Datasets)
	}
	return e
}

func (e *exam) close() {
	if e.set != nil {
		e.set.Close()
	}
}

// language says why the model may not know English, "" when it should.
func (e *exam) language() string {
	english := func(l string) bool {
		base, _, _ := strings.Cut(strings.ToLower(l), "-")
		return base == "en" || base == "eng" || base == "english"
	}
	switch langs := e.card.Languages; {
	case len(langs) > 1 || slices.Contains(langs, "multilingual"):
		return fmt.Sprintf("its card names several languages (%s)", named(langs))
	case len(langs) == 1 && !english(langs[0]):
		return fmt.Sprintf("its card names the language %q", langs[0])
	case len(langs) == 1:
		return ""
	}
	if slices.Contains([]string{"xlm-roberta", "xlm-roberta-xl", "camembert", "xmod"}, e.architecture) {
		return "models of type " + e.architecture + " are not for English alone"
	}
	for _, name := range append([]string{e.ID}, e.card.BaseModels...) {
		if strings.Contains(strings.ToLower(name), "multilingual") {
			return "it is multilingual by the name " + name
		}
	}
	return ""
}

// tensor finds the tensor of which the file may have more in front of the name.
func (e *exam) tensor(name string) (weights.Tensor, bool) {
	for _, n := range e.set.Names() {
		if rest, ok := strings.CutSuffix(n, name); ok && (rest == "" || strings.HasSuffix(rest, ".")) {
			return e.set.Get(n)
		}
	}
	return weights.Tensor{}, false
}

// readSmall reads a file of at most limit bytes.
func readSmall(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return data, err
}
