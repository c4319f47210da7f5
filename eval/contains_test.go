package eval

import "testing"

func TestGoldsAreFound(t *testing.T) {
	for _, c := range []struct {
		gold, text string
		want       bool
	}{
		{"Denver Broncos", "the DENVER, Broncos won", true},
		{"Broncos", "the Bronco's", true}, // as in scores, what stands in the middle of words does not count
		{"an", "banana", false},
		{"Zoë", "by Zoë.", true},
		{"Zoë", "by Zoe.", false},
		{"1990", "from 1990–2000", true}, // letter for letter
		{"1990", "in 19905", false},
		{"U.S.", "in the US now", true},
		{"東京", "首都は東京である", true}, // no spaces between words
		{"東都", "首都は東京である", false},
		{"?", "what?", true}, // has no word, but stands there
		{"the", "in the end", true},
		{"the cat", "cats", false},
		{"ÉTÉ", "l'été dernier", true},
		{"e", "e\u0301", false}, // cuts a letter from its accent
		{"", "anything", false},
	} {
		if got := FindGolds([]string{c.gold}).In(c.text); got != c.want {
			t.Errorf("%q in %q: %v", c.gold, c.text, got)
		}
	}
	if !FindGolds([]string{"x", "b"}).In("a b c") || FindGolds(nil).In("a") {
		t.Error("several answers, or none")
	}
	if !IsV2(" SQuAD-v2.0 ") || IsV2("1.1") {
		t.Error("versions")
	}
}
