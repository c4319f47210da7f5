package eval

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names are what the contestants of a run are called where room is short, the same in the terminal, on pages and in reports, and their
// numbers, which pick hue and shape. They know nothing of figures, so that a contestant has its name from the first moment of a run on.
type Names struct {
	full     []string
	number   map[string]int
	short    map[string]string
	replacer *strings.Replacer
}

// revisionShown is how many characters of a revision are enough for people.
const revisionShown = 7

// NewNames names contestants, each by the shortest of these that no other has: the last part of its id, the id, the id with the
// beginning of its revision, its full name; with the precision where there are several. Contestants are given in the order of the
// run's Spec; one that comes again is the same. Characters that could turn the direction of writing, or cannot be seen, are signs in
// short names.
func NewNames(contestants []string) *Names {
	n := &Names{number: map[string]int{}, short: map[string]string{}}
	precisions := map[string]bool{}
	for _, c := range contestants {
		if _, there := n.number[c]; there {
			continue
		}
		n.number[c] = len(n.full)
		n.full = append(n.full, c)
		_, _, precision := CutContestant(c)
		precisions[precision] = true
	}
	taken := map[string]bool{}
	for _, form := range nameForms(len(precisions) > 1) {
		same := map[string]int{}
		for _, c := range n.full {
			same[form(c)]++
		}
		for _, c := range n.full {
			if s := form(c); n.short[c] == "" && same[s] == 1 && s != "" && !taken[s] {
				n.short[c], taken[s] = s, true
			}
		}
	}
	for _, c := range n.full { // full names that look alike, since what makes the difference cannot be seen
		for k := 1; n.short[c] == ""; k++ {
			if s := fmt.Sprintf("%s (%d)", legible(c), k); !taken[s] {
				n.short[c], taken[s] = s, true
			}
		}
	}
	n.replacer = n.replace()
	return n
}

// nameForms are the ways of naming a contestant, the shortest first.
func nameForms(precisions bool) []func(string) string {
	with := func(id func(id, revision string) string) func(string) string {
		return func(c string) string {
			at, revision, precision := CutContestant(c)
			s := id(at, revision)
			if precisions && precision != "" {
				s += " " + precision
			}
			return legible(s)
		}
	}
	return []func(string) string{
		with(func(id, _ string) string { return path.Base(id) }),
		with(func(id, _ string) string { return id }),
		with(func(id, revision string) string { return fmt.Sprintf("%s@%.*s", id, revisionShown, revision) }),
		legible,
	}
}

// replace prepares sentences. Full names have a colon, an at sign or a slash; others stay as they are, for a word might look like them.
func (n *Names) replace() *strings.Replacer {
	names := slices.DeleteFunc(slices.Clone(n.full), func(c string) bool { return !strings.ContainsAny(c, ":@/") })
	slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) }) // the longest that fits wins
	var pairs []string
	for _, c := range names {
		pairs = append(pairs, c, n.short[c])
	}
	return strings.NewReplacer(pairs...)
}

// Short is what a contestant is called; the last part of its id where it is none of these.
func (n *Names) Short(contestant string) string {
	if s := n.short[contestant]; s != "" {
		return s
	}
	id, _, _ := CutContestant(contestant)
	return legible(path.Base(id))
}

// In is a sentence with short names in place of full ones.
func (n *Names) In(sentence string) string { return legible(n.replacer.Replace(sentence)) }

// Number is a contestant's place in the order given; ok is false where it is none of these.
func (n *Names) Number(contestant string) (number int, ok bool) {
	number, ok = n.number[contestant]
	return number, ok
}

// Full are the full names in the order of their numbers.
func (n *Names) Full() []string { return n.full }

// NamesOf names the contestants of a bake-off: in the order of its Spec, then those that only its rounds have.
func NamesOf(b *Bakeoff) *Names {
	all := slices.Clone(b.Spec.Models)
	for _, r := range b.Rounds() {
		for i := range r.Models {
			all = append(all, r.Models[i].Contestant)
		}
	}
	// A Spec may name models as they were asked for; a contestant is what took part.
	if took := took(b); len(took) > 0 {
		all = slices.DeleteFunc(all, func(c string) bool { return !took[c] })
	}
	return NewNames(all)
}

// took are the contestants of all rounds.
func took(b *Bakeoff) map[string]bool {
	out := map[string]bool{}
	for _, r := range b.Rounds() {
		for i := range r.Models {
			out[r.Models[i].Contestant] = true
		}
	}
	return out
}

// Rounds are all of a bake-off, that of the first mode in front.
func (b *Bakeoff) Rounds() []*Round {
	out := []*Round{&b.Round}
	for i := range b.Also {
		out = append(out, &b.Also[i])
	}
	return out
}

// CutContestant parts a contestant's full name, id@revision:precision; what it lacks is empty.
func CutContestant(name string) (id, revision, precision string) {
	id = name
	if i := strings.LastIndexByte(id, ':'); i > 0 && !strings.Contains(id[i:], "/") {
		id, precision = id[:i], id[i+1:]
	}
	if i := strings.LastIndexByte(id, '@'); i > 0 && !strings.Contains(id[i:], "/") {
		id, revision = id[:i], id[i+1:]
	}
	return id, revision, precision
}

// fullName is a contestant's full name as a sentence has it.
var fullName = regexp.MustCompile(`[^\s/]+/[^\s/@]+@[0-9A-Za-z]+:[a-z0-9]+`)

// NamesIn names the contestants that a sentence speaks of, where nothing else is known of its run.
func NamesIn(sentence string) *Names { return NewNames(fullName.FindAllString(sentence, -1)) }

// legible is text without characters that turn the direction of writing, with which a name could look like another, and with signs
// for those that cannot be seen. Lines stay lines.
func legible(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, unseen) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case !unseen(r):
			return r
		case r < 0x20:
			return 0x2400 + r // the picture of that control character
		}
		return unicode.ReplacementChar
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func unseen(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF')
}
