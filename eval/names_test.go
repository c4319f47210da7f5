package eval

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNames: each contestant has the shortest name that no other has, and sentences are written with those.
func TestNames(t *testing.T) {
	for _, c := range []struct{ full, want []string }{
		{[]string{"a/m@r1:fp32", "b/n@r1:fp32"}, []string{"m", "n"}},
		{[]string{"a/m@r1:fp32", "a/m@r1:int8", "b/n@r1:fp32"}, []string{"m fp32", "m int8", "n fp32"}},
		{[]string{"b/n@r1:fp32", "c/n@r1:fp32", "./twin:fp32"}, []string{"b/n", "c/n", "twin"}},
		{[]string{"d/o@1111111119:fp32", "d/o@2222222229:fp32", "d/p@2222222229:fp32"}, []string{"d/o@1111111", "d/o@2222222", "p"}},
		{[]string{"d/o@11111111a:fp32", "d/o@11111111b:fp32"}, []string{"d/o@11111111a:fp32", "d/o@11111111b:fp32"}},
		{[]string{"plain", "/home/me@work/model:fp32", "C:/models/x"}, []string{"plain", "model fp32", "x"}},
		{[]string{"a/m\u202e@r:fp32", "a/m\u202d@r:fp32"}, []string{"a/m\uFFFD@r:fp32 (1)", "a/m\uFFFD@r:fp32 (2)"}},
	} {
		n := NewNames(append(c.full, c.full[0])) // one that comes again is the same
		for i, full := range c.full {
			if got := n.Short(full); got != c.want[i] {
				t.Errorf("%q is called %q, want %q", full, got, c.want[i])
			}
			if k, ok := n.Number(full); !ok || k != i {
				t.Errorf("%q has number %d, %v", full, k, ok)
			}
		}
	}
	n := NewNames([]string{"a/m@r1:fp32", "a/m@r1:fp32x", "word"})
	if got := n.In("a/m@r1:fp32 beats a/m@r1:fp32x, a word\u202e and x/y@r:fp32"); got != "m fp32 beats m fp32x, a word\uFFFD and x/y@r:fp32" {
		t.Errorf("%q", got)
	}
	if got := n.Short("x/y@r:int8"); got != "y" {
		t.Errorf("a stranger is called %q", got)
	}
	s := "deepset/roberta@adc3b06:fp32 is best, 7.5 points before tryall/mini@0123456:int8 (see https://example.org/a@b)."
	if got := NamesIn(s).In(s); got != "roberta fp32 is best, 7.5 points before mini int8 (see https://example.org/a@b)." {
		t.Errorf("%q", got)
	}
}

// TestNamesOf: numbers are those of the Spec, whoever is first on the leaderboard.
func TestNamesOf(t *testing.T) {
	entrant := func(c string) Entrant { return Entrant{Standing: Standing{Contestant: c}} }
	b := &Bakeoff{Spec: Spec{Models: []string{"a/one:fp32", "a/two:fp32", "a/three:fp32"}}, Round: Round{Models: []Entrant{entrant("a/three:fp32"), entrant("a/one:fp32")}},
		Also: []Round{{Models: []Entrant{entrant("a/two:fp32"), entrant("a/four:fp32")}}}}
	if got := NamesOf(b).Full(); !slices.Equal(got, []string{"a/one:fp32", "a/two:fp32", "a/three:fp32", "a/four:fp32"}) {
		t.Error(got)
	}
	b.Round, b.Also = Round{}, nil
	if got := NamesOf(b).Full(); len(got) != 3 {
		t.Errorf("without a round: %v", got)
	}
}

// TestNamesDiffer: no two contestants have one name, whatever theirs are.
func TestNamesDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`([ab\x{202e}\x00]{0,2}/)?[ab\x{202e}\x{202d} ]{0,2}(@[12]{0,9})?(:(fp32|int8))?`)
		all := rapid.SliceOfNDistinct(name, 1, 12, rapid.ID[string]).Draw(t, "names")
		n, seen := NewNames(all), map[string]bool{}
		for _, c := range all {
			if s := n.Short(c); s == "" || seen[s] {
				t.Fatalf("%q is called %q, as another is, of %q", c, s, all)
			} else {
				seen[s] = true
			}
		}
	})
}
