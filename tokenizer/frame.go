package tokenizer

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// slot is a place in a frame: a sequence or a special token.
type slot struct {
	sequence int8 // 0 or 1; -1 for special tokens
	kind     int32
	ids      []int32
}

// processor puts sequences into their frame of special tokens.
type processor struct {
	single, pair []slot
	trim         *trim
	// uniform frames give every window the frame's types. In the others the sequence that is cut has them in the first window
	// only, and in further ones 0 if it is the first sequence and 1 if it is the second. The reference's template does that.
	uniform bool
}

// trim takes the spaces at the ends of a token out of its offsets.
type trim struct{ prefixSpace bool }

// plain is the frame without special tokens.
func plain() processor {
	return processor{single: []slot{{sequence: 0}}, pair: []slot{{sequence: 0}, {sequence: 1, kind: 1}}}
}

// added counts the special tokens of a frame.
func added(slots []slot) (n int) {
	for _, s := range slots {
		n += len(s.ids)
	}
	return n
}

// validate checks that the frames hold each sequence once.
func (p *processor) validate() error {
	for name, slots := range map[string][]slot{"single": p.single, "pair": p.pair} {
		var seen [2]int
		for _, s := range slots {
			if s.sequence >= 0 {
				seen[s.sequence]++
			}
		}
		if seen[0] != 1 || name == "single" && seen[1] != 0 || name == "pair" && seen[1] != 1 {
			return fmt.Errorf("the %s template does not hold each sequence once", name)
		}
	}
	return nil
}

// window is the part [lo, hi) of a sequence's tokens.
type window struct{ lo, hi int }

// windows cuts n tokens into windows of at most size, neighbours sharing stride tokens.
func windows(n, size, stride int, fromLeft bool) []window {
	if n <= size {
		return []window{{0, n}}
	}
	var out []window
	if fromLeft {
		for lo := 0; ; lo += size - stride {
			hi := min(lo+size, n)
			out = append(out, window{lo, hi})
			if hi == n {
				return out
			}
		}
	}
	for hi := n; ; hi -= size - stride {
		lo := max(hi-size, 0)
		out = append(out, window{lo, hi})
		if lo == 0 {
			return out
		}
	}
}

// frame builds one window of two sequences, of which long is cut. first says whether it is the first one.
func (t *Tokenizer) frame(slots []slot, seqs [2]*Encoding, long int8, first bool) Encoding {
	n := added(slots) + len(seqs[0].IDs) + len(seqs[1].IDs)
	e := Encoding{IDs: make([]int32, 0, n), Types: make([]int32, 0, n), Offsets: make([]Offset, 0, n), Words: make([]int32, 0, n), Sequence: make([]int8, 0, n)}
	for _, s := range slots {
		if s.sequence < 0 {
			for _, id := range s.ids {
				e.IDs, e.Types, e.Offsets = append(e.IDs, id), append(e.Types, s.kind), append(e.Offsets, Offset{})
				e.Words, e.Sequence = append(e.Words, -1), append(e.Sequence, -1)
			}
			continue
		}
		kind := s.kind
		if !first && !t.frames.uniform && s.sequence == long {
			kind = int32(s.sequence)
		}
		from := seqs[s.sequence]
		e.IDs = append(e.IDs, from.IDs...)
		e.Words = append(e.Words, from.Words...)
		e.Offsets = append(e.Offsets, from.Offsets...)
		for range from.IDs {
			e.Types, e.Sequence = append(e.Types, kind), append(e.Sequence, s.sequence)
		}
		if t.frames.trim != nil {
			t.frames.trim.apply(e.Offsets[len(e.Offsets)-len(from.IDs):], from.margins, from.text)
		}
	}
	return e
}

// margin is how many spaces a token begins and ends with.
type margin struct{ left, right int32 }

// margins measures the tokens of t.
func (t *Tokenizer) margins(x *text) []margin {
	out := make([]margin, len(x.tokens))
	for i, k := range x.tokens {
		if t.model.kind() == "unigram" || x.pieces[k.word].id >= 0 {
			out[i] = marginOf(x.chars[k.lo:k.hi], func(c char) rune { return c.r })
			continue
		}
		out[i] = marginOf([]rune(t.model.token(k.id)), func(r rune) rune { return r })
	}
	return out
}

func marginOf[T any](s []T, runeOf func(T) rune) (m margin) {
	blank := func(x T) bool { r := runeOf(x); return r == byteChars[' '] || unicode.IsSpace(r) }
	for int(m.left) < len(s) && blank(s[m.left]) {
		m.left++
	}
	for int(m.right) < len(s) && blank(s[len(s)-1-int(m.right)]) {
		m.right++
	}
	return m
}

// apply trims the offsets of one sequence in one window. With a prefix space, a single leading space of the first token of the
// window or the text is taken for that one, which is not the text's, and stays.
func (c *trim) apply(offsets []Offset, margins []margin, text string) {
	for i := range offsets {
		o, m := &offsets[i], margins[i]
		if m.left > 0 && !(m.left == 1 && c.prefixSpace && (i == 0 || o.Start == 0)) {
			for n := m.left; n > 0 && o.Start < o.End; n-- {
				_, size := utf8.DecodeRuneInString(text[o.Start:])
				o.Start = min(o.Start+size, o.End)
			}
		}
		if m.right > 0 {
			end := o.End
			n := m.right
			for ; n > 0 && end > 0; n-- {
				_, size := utf8.DecodeLastRuneInString(text[:end])
				end -= size
			}
			if n == 0 {
				o.End = max(end, o.Start)
			}
		}
	}
}
