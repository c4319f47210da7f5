package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tryall/tryall/tokenizer"
)

func loadTokenizer(_ context.Context, e *exam) findings {
	t, err := tokenizer.Load(e.FS)
	if err != nil {
		return found(Fail, "%v", err)
	}
	if e.special, err = tokenizer.SpecialTokens(e.FS); err != nil {
		return found(Fail, "%v", err)
	}
	e.tokenizer = t
	return found(Pass, "%s, as %s", t.Kind(), t.Class())
}

// vocabulary compares the tokens with the rows of the embedding, and reads some English with them.
func vocabulary(_ context.Context, e *exam) findings {
	size, rows := e.tokenizer.VocabSize(), e.info.VocabSize
	var f findings
	if beyond := e.beyond(rows, size); beyond != nil {
		level, what := Fail, "the vocabulary is not this model's"
		if len(beyond) <= 8 && !e.frames(rows) {
			level, what = Warn, "a text that holds one of them cannot be read"
		}
		f.add(level, "the embedding has %d rows and the tokenizer %d tokens; without a row are %s: %s", rows, size, named(beyond), what)
	} else if spare := rows - size; spare*100 > rows {
		f.add(Warn, "the embedding has %d rows, but the tokenizer only %d tokens: it may be the vocabulary of another model", rows, size)
	}
	if e.language() == "" {
		unknown, all := 0, 0
		unk, ok := e.id("unk_token")
		for _, p := range passages {
			ids := e.tokenizer.Encode(p.text).IDs
			all += len(ids)
			for _, id := range ids {
				if ok && id == unk {
					unknown++
				}
			}
		}
		switch {
		case all == 0:
			f.add(Fail, "the tokenizer makes no tokens of plain English")
		case unknown*10 > all:
			f.add(Warn, "%d of %d tokens of plain English are unknown to it (%s)", unknown, all, quoted(e.special["unk_token"]))
		}
	}
	if f == nil {
		f.add(Pass, "%d tokens, %d rows in the embedding", size, rows)
	}
	return f
}

// beyond names the tokens whose ids have no row.
func (e *exam) beyond(rows, size int) (tokens []string) {
	for id := rows; id < max(rows, size)+1024; id++ {
		if t := e.tokenizer.Token(int32(id)); t != "" {
			tokens = append(tokens, fmt.Sprintf("%s (%d)", quoted(t), id))
		}
	}
	if tokens == nil && size > rows { // their ids are further away still
		tokens = append(tokens, fmt.Sprintf("%d tokens with ids far above", size-rows))
	}
	return tokens
}

// frames says whether a token without a row is put around question and text, so that nothing can be read.
func (e *exam) frames(rows int) bool {
	windows, err := e.pair(1 << 20)
	return err == nil && slices.ContainsFunc(windows[0].IDs, func(id int32) bool { return int(id) >= rows })
}

// pair is a question with a text as the model is given it, in windows of some tokens.
func (e *exam) pair(tokens int) ([]tokenizer.Encoding, error) {
	return e.tokenizer.EncodePair(passages[0].known[0].question, passages[0].text, tokens, 0)
}

// id is the id of a special token.
func (e *exam) id(attribute string) (int32, bool) {
	token, ok := e.special[attribute]
	if !ok {
		return 0, false
	}
	return e.tokenizer.ID(token)
}

// specialTokens looks at the tokens that are not of the text: whether they are there, where config.json has them, and what is
// put around question and text.
func specialTokens(_ context.Context, e *exam) findings {
	var f findings
	for _, attribute := range []string{"cls_token", "sep_token", "pad_token", "unk_token"} {
		token, named := e.special[attribute]
		if _, ok := e.id(attribute); ok {
			continue
		}
		switch needed := attribute == "cls_token" || attribute == "sep_token"; {
		case named:
			f.add(Fail, "the %s %s is not in the vocabulary", attribute, quoted(token))
		case needed:
			f.add(Warn, "there is no %s", attribute)
		default:
			f.add(Info, "there is no %s", attribute)
		}
	}
	for _, attribute := range []string{"cls_token", "sep_token", "pad_token", "bos_token", "eos_token"} {
		var want *int32
		if json.Unmarshal(e.config[attribute+"_id"], &want) != nil || want == nil {
			continue
		}
		level := Fail
		if attribute == "bos_token" || attribute == "eos_token" {
			level = Warn // of no use here, and often wrong in files
		}
		if have, ok := e.id(attribute); ok && have != *want {
			f.add(level, "the %s %s has id %d, but config.json's %s_id is %d, which is %s: the vocabulary may be another model's or in another order",
				attribute, quoted(e.special[attribute]), have, attribute, *want, quoted(e.tokenizer.Token(*want)))
		}
	}
	f = append(f, e.framing()...)
	if f == nil {
		f.add(Pass, "all there, with the ids of config.json")
	}
	return f
}

// framing says what is wrong with the tokens around question and text.
func (e *exam) framing() (f findings) {
	windows, err := e.pair(1 << 20)
	if err != nil {
		return found(Fail, "%v", err)
	}
	pair, frame := windows[0], 0
	var strange []string
	for i, id := range pair.IDs {
		if pair.Sequence[i] >= 0 {
			continue
		}
		frame++
		known := false
		for attribute := range e.special {
			own, ok := e.id(attribute)
			known = known || ok && own == id
		}
		if !known {
			strange = append(strange, fmt.Sprintf("%d, which is %s", id, quoted(e.tokenizer.Token(id))))
		}
	}
	switch {
	case frame == 0:
		f.add(Fail, "question and text are given to the model without any special token between or around them: the tokenizer has no post-processor")
	case strange != nil:
		f.add(Fail, "around question and text it puts id %s, which is none of its special tokens", named(slices.Compact(strange)))
	}
	if highest, types := e.highestType(), int32(e.number("type_vocab_size", 2)); highest >= types && types > 0 {
		f.add(Fail, "the tokenizer gives token types up to %d, but config.json's type_vocab_size is %d; leave token_type_ids out of model_input_names in tokenizer_config.json",
			highest, types)
	}
	return f
}

// highestType is the highest token type that the model is given, 0 when it is given none.
func (e *exam) highestType() (highest int32) {
	if !e.tokenizer.UsesTypes() {
		return 0
	}
	windows, _ := e.pair(uselessLength) // several: in later ones the types can be others
	for _, w := range windows {
		for _, t := range w.Types {
			highest = max(highest, t)
		}
	}
	return highest
}

// letterCase compares what the tokenizer does to capitals with what the vocabulary has.
func letterCase(_ context.Context, e *exam) findings {
	letters, capitals := 0, 0
	for id := range int32(e.tokenizer.VocabSize()) {
		token := e.tokenizer.Token(id)
		upper := strings.ContainsFunc(token, unicode.IsUpper)
		switch {
		case upper && e.isSpecial(token):
		case upper:
			letters++
			capitals++
		case strings.ContainsFunc(token, unicode.IsLower):
			letters++
		}
	}
	const text = "Marta Keller, NASA, London"
	lowers := slices.Equal(e.tokenizer.Encode(text).IDs, e.tokenizer.Encode(strings.ToLower(text)).IDs)
	cased := capitals*50 > letters
	unk, known := e.id("unk_token")
	switch {
	case letters < 100:
		return found(Info, "too few tokens with letters to tell")
	case lowers && cased:
		return found(Warn, "the tokenizer lower-cases the text, but the vocabulary is cased (%d of %d tokens with letters have capitals): answers will be worse; set do_lower_case to false in tokenizer_config.json",
			capitals, letters)
	case !lowers && !cased && known && slices.Contains(e.tokenizer.Encode(text).IDs, unk):
		return found(Fail, "the tokenizer keeps capitals, but the vocabulary has none, so that names become %s; set do_lower_case to true in tokenizer_config.json", quoted(e.special["unk_token"]))
	case cased:
		return found(Pass, "cased")
	case lowers:
		return found(Pass, "lower-cased")
	}
	return found(Info, "capitals are kept, though the vocabulary has few")
}

// isSpecial says whether a token stands for no text: [CLS], <s>, [unused7].
func (e *exam) isSpecial(token string) bool {
	for _, own := range e.special {
		if token == own {
			return true
		}
	}
	return len(token) > 2 && (token[0] == '[' && token[len(token)-1] == ']' || token[0] == '<' && token[len(token)-1] == '>')
}
