package doctor

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/model"
)

// words tells whether the embedding was trained with this vocabulary: in every trained embedding, tokens that mean nearly the
// same lie nearer to each other than tokens that do not. With another vocabulary, or the right one in another order, they
// lie anywhere. Pairs of consecutive numbers exist in nearly every language's vocabulary; the others help where letters do.
//
// The cosine of each pair is compared with that of the same tokens paired otherwise. The vocabulary is the model's own if in
// any kind of pair the mean difference is at least 0.05 and six times its standard error. In the built-in models' embedding
// it is 0.3 to 0.7 and more than thirty times; with the vocabulary in another order, 0.02 and five times at most.
func words(_ context.Context, e *exam) findings {
	table, ok := e.embedding()
	if !ok {
		return found(Info, "the embedding was not found by its name")
	}
	var told, seen []string
	for _, kind := range kinds {
		pairs := e.pairs(kind.partner)
		if len(pairs) < fewestPairs {
			continue
		}
		mean, errors, err := table.nearness(pairs)
		if err != nil {
			return found(Fail, "%v", err)
		}
		text := fmt.Sprintf("%s %.2f (%d pairs)", kind.name, mean, len(pairs))
		seen = append(seen, text)
		if mean >= 0.05 && mean >= 6*errors {
			told = append(told, text)
		}
	}
	switch {
	case seen == nil:
		return found(Info, "too few tokens that belong together to tell")
	case told == nil:
		return found(Fail, "the embedding was not trained with this vocabulary: tokens that belong together are no nearer to each other than any two (cosine above chance: %s); "+
			"the vocabulary is another model's or in another order, or the embedding is untrained", strings.Join(seen, ", "))
	}
	return found(Pass, "cosine above chance: %s", strings.Join(seen, ", "))
}

// A kind of pair needs fewestPairs to be judged; of more than mostPairs a part is looked at.
const (
	fewestPairs = 40
	mostPairs   = 500
)

// kinds are the ways in which tokens belong together. partner gives the other word and the mark that it begins with; ok is
// false for words without one.
var kinds = []struct {
	name    string
	partner func(mark, word string) (string, bool)
}{
	{"consecutive numbers", func(mark, word string) (string, bool) {
		n, err := strconv.Atoi(word)
		return mark + strconv.Itoa(n+1), err == nil && n >= 10 && word[0] != '0' && word[0] != '+'
	}},
	{"singular and plural", func(mark, word string) (string, bool) {
		return mark + word + "s", isWord(word)
	}},
	{"capital and small", func(mark, word string) (string, bool) {
		r, size := utf8.DecodeRuneInString(word)
		return mark + string(unicode.ToUpper(r)) + word[size:], isWord(word) && unicode.IsLower(r)
	}},
	{"alone and within a word", func(mark, word string) (string, bool) {
		return word, mark != "" && isWord(word)
	}},
}

// isWord holds for words of at least four letters.
func isWord(s string) bool {
	return utf8.RuneCountInString(s) > 3 && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// marks are what tokens that begin a word (byte-level BPE, SentencePiece) or go on with one (WordPiece) begin with.
var marks = []string{"Ġ", "▁", "##"}

// pairs lists the ids of the tokens that have a partner, in the order of the vocabulary.
func (e *exam) pairs(partner func(mark, word string) (string, bool)) (pairs [][2]int) {
	rows := e.info.VocabSize
	for id := range int32(min(rows, e.tokenizer.VocabSize())) {
		token, mark := e.tokenizer.Token(id), ""
		for _, m := range marks {
			if strings.HasPrefix(token, m) {
				mark = m
			}
		}
		other, ok := partner(mark, token[len(mark):])
		if !ok || other == token {
			continue
		}
		if o, ok := e.tokenizer.ID(other); ok && int(o) < rows && o != id {
			pairs = append(pairs, [2]int{int(id), int(o)})
		}
	}
	if step := len(pairs)/mostPairs + 1; step > 1 {
		for i := range len(pairs) / step {
			pairs[i] = pairs[i*step]
		}
		pairs = pairs[:len(pairs)/step]
	}
	return pairs
}

// table is the embedding of the tokens, (rows, cols), of which few rows are read.
type table struct {
	weights.Tensor
	mean []float32
}

// embedding finds the table by the name that its architecture has for it.
func (e *exam) embedding() (*table, bool) {
	for _, a := range model.Architectures {
		if !slices.Contains(a.Types, e.architecture) {
			continue
		}
		t, ok := e.tensor(a.Anchor)
		if !ok || len(t.Shape) != 2 || t.Shape[0] != e.info.VocabSize || t.Shape[1] < 1 {
			return nil, false
		}
		return &table{Tensor: t}, true
	}
	return nil, false
}

// row gives a row less the mean row, scaled to length 1.
func (t *table) row(i int) ([]float32, error) {
	v := make([]float32, t.Shape[1])
	size := len(t.Data) / t.Shape[0]
	r := weights.Tensor{Name: t.Name, Type: t.Type, Shape: t.Shape[1:], Data: t.Data[i*size : (i+1)*size]}
	if err := r.Float32s(v); err != nil {
		return nil, err
	}
	if t.mean != nil {
		norm := 0.0
		for j := range v {
			v[j] -= t.mean[j]
			norm += float64(v[j]) * float64(v[j])
		}
		for j := range v {
			v[j] /= float32(math.Sqrt(norm) + 1e-9)
		}
	}
	return v, nil
}

// center finds the mean row, of about a thousand.
func (t *table) center() error {
	mean, n := make([]float32, t.Shape[1]), 0
	for i := 0; i < t.Shape[0]; i += t.Shape[0]/1000 + 1 {
		v, err := t.row(i)
		if err != nil {
			return err
		}
		for j, x := range v {
			mean[j] += x
		}
		n++
	}
	for j := range mean {
		mean[j] /= float32(n)
	}
	t.mean = mean
	return nil
}

// nearness is how much greater the cosine of pairs is than that of the same tokens paired otherwise, on average, and the
// standard error of that.
func (t *table) nearness(pairs [][2]int) (mean, stderr float64, err error) {
	if t.mean == nil {
		if err := t.center(); err != nil {
			return 0, 0, err
		}
	}
	first, second := make([][]float32, len(pairs)), make([][]float32, len(pairs))
	for i, p := range pairs {
		if first[i], err = t.row(p[0]); err != nil {
			return 0, 0, err
		}
		if second[i], err = t.row(p[1]); err != nil {
			return 0, 0, err
		}
	}
	var sum, squares float64
	for i := range pairs {
		d := dot(first[i], second[i]) - dot(first[i], second[(i+len(pairs)/2)%len(pairs)])
		sum += d
		squares += d * d
	}
	n := float64(len(pairs))
	mean = sum / n
	return mean, math.Sqrt(max(0, squares/n-mean*mean) / n), nil
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
