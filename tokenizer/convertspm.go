package tokenizer

import (
	"cmp"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// spmWith converts a sentencepiece file. vocab lists the tokens by id, given the file's; unk is the id of the unknown token, -1
// for the file's own. finish sets what differs further.
func spmWith(vocab func(p *sentencePiece) []scored, unk int64, finish func(b *builder, p *sentencePiece) error) converter {
	return func(b *builder) error {
		data, err := readFile(b.fsys, b.class.file)
		if err != nil {
			return err
		}
		p, err := parseSentencePiece(data)
		if err != nil {
			return err
		}
		if unk < 0 {
			unk = p.unkID
		}
		if b.model, err = p.model(vocab(p), unk); err != nil {
			return err
		}
		for _, x := range p.pieces {
			if x.kind == pieceControl || x.kind == pieceUserDefined {
				b.tokens = append(b.tokens, addedToken{Content: x.text, Special: x.kind == pieceControl})
			}
		}
		b.preTokenizer = `{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}`
		return finish(b, p)
	}
}

// model builds the model that the file was trained for.
func (p *sentencePiece) model(pieces []scored, unk int64) (model, error) {
	switch p.modelType {
	case 1:
		return newUnigram(pieces, unk, false)
	case 2:
		entries := make([]entry, len(pieces))
		for i, x := range pieces {
			entries[i] = entry{x.token, int64(i)}
		}
		return newBPE(entries, p.merges(pieces), &p.unkPiece, bpeOptions{fuseUnk: true}, false)
	}
	return nil, fmt.Errorf("the model type %d of the sentencepiece file is not supported; 1 (unigram) and 2 (bpe) are", p.modelType)
}

// merges lists every way to join two tokens to a third, the most probable result first.
func (p *sentencePiece) merges(pieces []scored) [][2]string {
	ids := map[string]int{}
	for i, x := range p.pieces {
		ids[x.text] = i
	}
	scores := map[string]float64{}
	for _, x := range pieces {
		scores[x.token] = x.score
	}
	type candidate struct {
		a, b       string
		score      float64
		lenA, lenB int
		idA, idB   int
	}
	var all []candidate
	seen := map[string]bool{}
	for _, x := range pieces {
		if seen[x.token] {
			continue
		}
		seen[x.token] = true
		from := len(all)
		for i := range x.token {
			if i == 0 {
				continue
			}
			a, b := x.token[:i], x.token[i:]
			idA, okA := ids[a]
			idB, okB := ids[b]
			if okA && okB {
				all = append(all, candidate{a, b, scores[x.token], utf8.RuneCountInString(a), utf8.RuneCountInString(b), idA, idB})
			}
		}
		slices.SortStableFunc(all[from:], func(x, y candidate) int { return cmp.Or(cmp.Compare(x.idA, y.idA), cmp.Compare(x.idB, y.idB)) })
	}
	slices.SortStableFunc(all, func(x, y candidate) int {
		return -cmp.Or(cmp.Compare(x.score, y.score), cmp.Compare(x.lenA, y.lenA), cmp.Compare(x.lenB, y.lenB))
	})
	merges := make([][2]string, len(all))
	for i, c := range all {
		merges[i] = [2]string{c.a, c.b}
	}
	return merges
}

func (p *sentencePiece) plainVocab() []scored {
	out := make([]scored, len(p.pieces))
	for i, x := range p.pieces {
		out[i] = scored{x.text, float64(x.score)}
	}
	return out
}

// numberCommaVocab makes tokens that end in a digit and a comma improbable, so that numbers and commas are kept apart.
func (p *sentencePiece) numberCommaVocab() []scored {
	out := p.plainVocab()
	for i, x := range out {
		if numberComma(x.token) {
			out[i].score -= 100
		}
	}
	return out
}

func numberComma(token string) bool {
	before, ok := cutComma(token)
	if !ok || before == "" {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.Is(pythonDigits, r)
}

func cutComma(s string) (string, bool) {
	if s == "" || s[len(s)-1] != ',' {
		return s, false
	}
	return s[:len(s)-1], true
}

// after is the file's vocabulary from the n-th token on, between tokens that the file does not have in these places.
func (p *sentencePiece) after(first []scored, n int, last ...scored) []scored {
	pieces := p.plainVocab()
	return slices.Concat(first, pieces[min(n, len(pieces)):], last)
}

func fairseqVocab(p *sentencePiece) []scored {
	return p.after([]scored{{"<s>", 0}, {"<pad>", 0}, {"</s>", 0}, {"<unk>", 0}}, 3, scored{"<mask>", 0})
}

func camembertVocab(p *sentencePiece) []scored {
	return p.after([]scored{{"<s>NOTUSED", 0}, {"<pad>", 0}, {"</s>NOTUSED", 0}, {"<unk>", 0}, {"<unk>NOTUSED", -100}}, 1, scored{"<mask>", 0})
}

var (
	convertXLMRoberta = spmWith(fairseqVocab, 3, func(b *builder, p *sentencePiece) error { return first(b.slashed(), b.plainNormalizers(p)) })
	convertCamembert  = spmWith(camembertVocab, 3, func(b *builder, p *sentencePiece) error { return first(b.slashed(), b.plainNormalizers(p)) })
	convertBigBird    = spmWith((*sentencePiece).plainVocab, -1, func(b *builder, p *sentencePiece) error { return first(b.bracketed(), b.plainNormalizers(p)) })
	convertAlbert     = spmWith((*sentencePiece).numberCommaVocab, -1, func(b *builder, p *sentencePiece) error {
		return first(b.bracketed(), b.quoteNormalizers(p, true))
	})
	convertXLNet = spmWith((*sentencePiece).numberCommaVocab, -1, func(b *builder, p *sentencePiece) (err error) {
		b.processor, err = template(b.id, []place{{"$A", 0}, {"<sep>", 0}, {"<cls>", 2}},
			[]place{{"$A", 0}, {"<sep>", 0}, {"$B", 1}, {"<sep>", 1}, {"<cls>", 2}})
		return first(err, b.quoteNormalizers(p, true))
	})
	convertRemBERT = spmWith((*sentencePiece).plainVocab, -1, func(b *builder, p *sentencePiece) error {
		return first(b.bracketed(), b.quoteNormalizers(p, false))
	})
	convertDebertaV2 = spmWith((*sentencePiece).plainVocab, -1, finishDebertaV2)
)

// first is the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) plainNormalizers(p *sentencePiece) error {
	return b.setNormalizers(append(precompiled(p), stripSides(false, true), replaceSpaces("▁"))...)
}

// quoteNormalizers are ALBERT's and XLNet's; RemBERT's join spaces before anything else.
func (b *builder) quoteNormalizers(p *sentencePiece, spacesLast bool) error {
	keepAccents, err := b.flag("keep_accents", b.class.slowOnly.keepAccents)
	if err != nil {
		return err
	}
	lower, err := b.flag("do_lower_case", b.class.lower && !b.class.slowOnly.cased)
	if err != nil {
		return err
	}
	parts := []map[string]any{replaceString("``", `"`), replaceString("''", `"`)}
	if !spacesLast {
		parts = append(parts, replaceSpaces(" "))
	}
	if !keepAccents {
		parts = append(parts, simple("NFKD"), simple("StripAccents"))
	}
	if lower {
		parts = append(parts, simple("Lowercase"))
	}
	parts = append(parts, precompiled(p)...)
	if spacesLast {
		parts = append(parts, replaceSpaces(" "))
	}
	return b.setNormalizers(parts...)
}

func finishDebertaV2(b *builder, p *sentencePiece) error {
	lower, err := b.flag("do_lower_case", false)
	if err != nil {
		return err
	}
	byPunct, err := b.flag("split_by_punct", false)
	if err != nil {
		return err
	}
	var parts []map[string]any
	if lower {
		parts = append(parts, simple("Lowercase"))
	}
	parts = append(parts, stripSides(true, true))
	parts = append(append(parts, precompiled(p)...), replaceSpaces(" "))
	if byPunct {
		b.preTokenizer = `{"type": "Sequence", "pretokenizers": [{"type": "Punctuation", "behavior": "Isolated"}, ` + b.preTokenizer + `]}`
	}
	return first(b.setNormalizers(parts...), b.bracketed())
}
