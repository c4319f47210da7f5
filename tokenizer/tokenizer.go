package tokenizer

import (
	"fmt"
	"sync"
)

// Tokenizer is a loaded tokenizer. It is safe for concurrent use.
type Tokenizer struct {
	normalizer   normalizer   // nil for none
	preTokenizer preTokenizer // nil for none
	model        model
	added        addedVocabulary
	frames       processor

	class     string
	padRight  bool
	fromLeft  bool // windows are cut from the left
	maxLength int
	cls       int32
	types     bool
	size      int
	blockSize int // bytes that are tokenized at once, about; 0 where a text must not be divided

	scratch sync.Pool // *text
}

// Encoding is a run of tokens. All slices have one entry a token.
type Encoding struct {
	IDs      []int32
	Types    []int32  // token_type_ids
	Offsets  []Offset // bytes of the text of the token's sequence; zero for special tokens
	Words    []int32  // index of the word within its sequence; -1 for special tokens
	Sequence []int8   // 0 for the first sequence, 1 for the second; -1 for special tokens

	text    string
	margins []margin
}

// Offset is a half-open range of bytes.
type Offset struct{ Start, End int }

// Encode tokenizes text by itself, without adding special tokens. Special tokens written in the text are recognised as such.
func (t *Tokenizer) Encode(text string) Encoding {
	e := t.encode(text)
	for range e.IDs {
		e.Types, e.Sequence = append(e.Types, 0), append(e.Sequence, 0)
	}
	if t.frames.trim != nil {
		t.frames.trim.apply(e.Offsets, e.margins, text)
	}
	return e
}

func (t *Tokenizer) encode(s string) Encoding {
	x := t.sequence(s)
	return x.part(0, x.tokens)
}

// Pair is a question and a context that are tokenized, and cut into windows of which each is made when it is asked for.
type Pair struct {
	tokenizer *Tokenizer
	question  Encoding
	context   *sequence
	cuts      []window // of the context
}

// Pair tokenizes question and context together, framed by special tokens, in as many windows of at most maxLen tokens as
// the context needs. Every window has the whole question; neighbours share stride tokens of the context. The question comes
// first unless the tokenizer pads on the left. It is what a transformers fast tokenizer gives with truncation of the context
// only and return_overflowing_tokens.
func (t *Tokenizer) Pair(question, context string, maxLen, stride int) (*Pair, error) {
	if err := t.checkWindow(maxLen, stride); err != nil {
		return nil, err
	}
	p := &Pair{tokenizer: t, question: t.encode(question), context: t.sequence(context)}
	asked, n := len(p.question.IDs), p.context.tokens
	switch room := maxLen - asked - added(t.frames.pair); {
	case n <= room:
		p.cuts = []window{{0, n}}
	case room <= 0:
		return nil, &QuestionTooLongError{Tokens: asked, Special: added(t.frames.pair), MaxLen: maxLen}
	case stride >= room:
		return nil, fmt.Errorf("cut the context into windows: a stride of %d tokens is no less than the %d that a window of %d holds beside the question; use a smaller stride or longer windows", stride, room, maxLen)
	default:
		p.cuts = windows(n, room, stride, t.fromLeft)
	}
	return p, nil
}

// Windows is how many there are.
func (p *Pair) Windows() int { return len(p.cuts) }

// Tokens is how many tokens window i has.
func (p *Pair) Tokens(i int) int {
	return p.cuts[i].hi - p.cuts[i].lo + len(p.question.IDs) + added(p.tokenizer.frames.pair)
}

// Window makes window i.
func (p *Pair) Window(i int) Encoding {
	t, c := p.tokenizer, p.context.part(p.cuts[i].lo, p.cuts[i].hi)
	if t.padRight {
		return t.frame(t.frames.pair, [2]*Encoding{&p.question, &c}, 1, i == 0)
	}
	return t.frame(t.frames.pair, [2]*Encoding{&c, &p.question}, 0, i == 0)
}

// EncodePair is all windows of a Pair.
func (t *Tokenizer) EncodePair(question, context string, maxLen, stride int) ([]Encoding, error) {
	p, err := t.Pair(question, context, maxLen, stride)
	if err != nil {
		return nil, err
	}
	out := make([]Encoding, p.Windows())
	for i := range out {
		out[i] = p.Window(i)
	}
	return out, nil
}

func (t *Tokenizer) checkWindow(maxLen, stride int) error {
	switch room := maxLen - added(t.frames.single); {
	case stride < 0:
		return fmt.Errorf("cut the context into windows: the stride %d is negative", stride)
	case maxLen < added(t.frames.pair):
		return fmt.Errorf("cut the context into windows: %d tokens do not even hold the special tokens; use longer windows", maxLen)
	case room < stride:
		return fmt.Errorf("cut the context into windows: a stride of %d tokens is more than the %d a window of %d holds; use a smaller stride", stride, room, maxLen)
	}
	return nil
}

// QuestionTooLongError says that the question leaves no room for the context.
type QuestionTooLongError struct {
	Tokens  int // of the question
	Special int // special tokens of a pair
	MaxLen  int
}

func (e *QuestionTooLongError) Error() string {
	return fmt.Sprintf("cut the context into windows: the question has %d tokens and %d special ones come with it, which leaves no room in windows of %d; shorten the question or use longer windows", e.Tokens, e.Special, e.MaxLen)
}

// WordSpan is the range of bytes, in the text of a sequence, of the word that has the same index there as the word of a token has
// in its own. It is what token_to_word and word_to_chars give together; ok is false where they give nothing, which is for
// special tokens, and for words of which the window holds no token in that sequence.
func (e *Encoding) WordSpan(token int, sequence int8) (span Offset, ok bool) {
	if token < 0 || token >= len(e.Words) || e.Words[token] < 0 {
		return Offset{}, false
	}
	word := e.Words[token]
	for i, w := range e.Words {
		if e.Sequence[i] != sequence || w != word {
			continue
		}
		if !ok {
			span.Start, ok = e.Offsets[i].Start, true
		}
		span.End = e.Offsets[i].End
	}
	return span, ok
}

// Token is the string of an id, "" when there is none.
func (t *Tokenizer) Token(id int32) string {
	if a, ok := t.added.tokens[id]; ok {
		return a.Content
	}
	return t.model.token(id)
}

// ID is the id of a token.
func (t *Tokenizer) ID(token string) (int32, bool) { return t.added.lookup(t.model, token) }

// VocabSize counts the tokens of the model and those added to it.
func (t *Tokenizer) VocabSize() int { return t.size }

// Kind is the kind of model: "wordpiece", "bpe", "unigram" or "wordlevel".
func (t *Tokenizer) Kind() string { return t.model.kind() }

// Class is the transformers class the tokenizer behaves like, without "Fast"; "PreTrainedTokenizer" for none in particular.
func (t *Tokenizer) Class() string { return t.class }

// PadRight tells that padding would go to the right, and thus that the question comes before the context.
func (t *Tokenizer) PadRight() bool { return t.padRight }

// ModelMaxLength is the most tokens the model takes, 0 when that is not said.
func (t *Tokenizer) ModelMaxLength() int { return t.maxLength }

// CLS is the id of the classification token, -1 when there is none.
func (t *Tokenizer) CLS() int32 { return t.cls }

// UsesTypes tells whether the model is given token_type_ids.
func (t *Tokenizer) UsesTypes() bool { return t.types }
