package tokenizer

import (
	"fmt"
	"slices"
	"unicode"
)

// addedToken is a token found in the text before the model sees it.
type addedToken struct {
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// addedVocabulary are the added tokens. A token added twice keeps its first place in the lists, which say where it is looked
// for, and its last properties, which say how.
type addedVocabulary struct {
	ids      map[string]int32
	tokens   map[int32]addedToken
	specials []addedToken // in the order they came
	others   []addedToken

	raw, normalized matcher // found before and after normalization
	splitSpecials   bool    // special tokens in the text are plain text
}

// add takes tokens in, under the id the model has for them or the next free one.
func (v *addedVocabulary) add(m model, tokens ...addedToken) {
	if v.ids == nil {
		v.ids, v.tokens = map[string]int32{}, map[int32]addedToken{}
	}
	for _, t := range tokens {
		if t.Special && t.Content != "" && !v.special(t.Content) {
			v.specials = append(v.specials, t)
		}
	}
	for _, t := range tokens {
		if t.Content == "" || v.has(t) {
			continue
		}
		id, ok := v.lookup(m, t.Content)
		if !ok {
			id = v.next(m)
		}
		v.ids[t.Content], v.tokens[id] = id, t
		if !v.special(t.Content) {
			v.others = append(v.others, t)
		}
	}
}

func (v *addedVocabulary) lookup(m model, token string) (int32, bool) {
	if id, ok := v.ids[token]; ok {
		return id, true
	}
	return m.lookup(token)
}

func (v *addedVocabulary) next(m model) int32 {
	next := int32(m.size())
	for _, id := range v.ids {
		next = max(next, id+1)
	}
	return next
}

func (v *addedVocabulary) special(content string) bool {
	return slices.ContainsFunc(v.specials, func(t addedToken) bool { return t.Content == content })
}

func (v *addedVocabulary) has(t addedToken) bool {
	id, ok := v.ids[t.Content]
	return ok && v.tokens[id] == t
}

// build makes the matchers, once all tokens are there.
func (v *addedVocabulary) build(n normalizer) error {
	v.raw.trie, v.normalized.trie = newTrie(len(v.specials)+len(v.others)), newTrie(len(v.specials)+len(v.others))
	for _, t := range slices.Concat(v.specials, v.others) {
		id := v.ids[t.Content]
		if !t.Normalized {
			v.raw.insert([]rune(t.Content), id)
			continue
		}
		var scratch text
		scratch.reset(t.Content)
		if n != nil {
			scratch.rewrite(n.normalize)
		}
		content := make([]rune, len(scratch.chars))
		for i, c := range scratch.chars {
			content[i] = c.r
		}
		if len(content) == 0 {
			return fmt.Errorf("nothing is left of the added token %q after normalization", t.Content)
		}
		v.normalized.insert(content, id)
	}
	return nil
}

// matcher finds the leftmost, longest of some strings.
type matcher struct {
	trie  *trie
	ascii [0x80]bool // may a string begin with this character
	wide  bool       // or with another
}

func (m *matcher) insert(content []rune, id int32) {
	if content[0] < 0x80 {
		m.ascii[content[0]] = true
	} else {
		m.wide = true
	}
	if _, taken := m.trie.lookup(string(content)); !taken {
		m.trie.insert(string(content), id)
	}
}

// find is the first match at or after from: its characters and id, or id -1.
func (m *matcher) find(chars []char, from int) (lo, hi int, id int32) {
	for i := from; i < len(chars); i++ {
		if r := chars[i].r; r < 0x80 && !m.ascii[r] || r >= 0x80 && !m.wide {
			continue
		}
		if id, n := m.trie.longest(root, chars[i:]); n > 0 {
			return i, i + n, id
		}
	}
	return 0, 0, -1
}

// extract cuts the added tokens that m knows out of the pieces of t.
func (v *addedVocabulary) extract(t *text, m *matcher) {
	t.each(func(p piece) {
		chars := t.chars[p.lo:p.hi]
		from := 0
		for at := 0; ; {
			lo, hi, id := m.find(chars, at)
			if id < 0 {
				break
			}
			at = hi
			a := v.tokens[id]
			if v.splitSpecials && v.special(a.Content) {
				continue
			}
			if a.SingleWord && (lo > 0 && isWordChar(chars[lo-1].r) || hi < len(chars) && isWordChar(chars[hi].r)) {
				continue
			}
			if a.LStrip {
				start := lo
				for start > 0 && unicode.IsSpace(chars[start-1].r) {
					start--
				}
				lo = max(start, from)
			}
			if a.RStrip {
				hi += spaces(chars[hi:])
			}
			t.cut(p.lo+from, p.lo+lo)
			t.cutToken(p.lo+lo, p.lo+hi, id)
			from = hi
		}
		t.cut(p.lo+from, p.hi)
	})
}

func isWordChar(r rune) bool { return unicode.Is(wordChar, r) }
