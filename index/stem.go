package index

import "strings"

// stem cuts the endings of an English word (Porter, "An algorithm for suffix stripping", Program 14(3), 1980).
// Words that are not of the letters a to z, or are shorter
// than three, stay as they are. The reference is the snowball project's "porter".
func stem(w string) string {
	if len(w) < 3 || strings.IndexFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 {
		return w
	}
	w = plural(w)
	w = past(w)
	if n := len(w) - 1; w[n] == 'y' && vowelIn(w[:n]) {
		w = w[:n] + "i"
	}
	w = replaceEnd(w, step2, 0)
	w = replaceEnd(w, step3, 0)
	w = dropEnd(w)
	return tidy(w)
}

// consonant says whether letter i is one; y is one at the beginning and after a vowel.
func consonant(w string, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return false
	case 'y':
		return i == 0 || !consonant(w, i-1)
	}
	return true
}

// measure is the number of times that vowels are followed by consonants, the paper's m.
func measure(w string) int {
	m, before := 0, true
	for i := range len(w) {
		c := consonant(w, i)
		if c && !before {
			m++
		}
		before = c
	}
	return m
}

func vowelIn(w string) bool {
	for i := range len(w) {
		if !consonant(w, i) {
			return true
		}
	}
	return false
}

func doubled(w string) bool {
	n := len(w)
	return n >= 2 && w[n-1] == w[n-2] && consonant(w, n-1)
}

// short is the paper's *o: consonant, vowel, consonant at the end, the last not w, x or y.
func short(w string) bool {
	n := len(w)
	return n >= 3 && consonant(w, n-3) && !consonant(w, n-2) && consonant(w, n-1) && !strings.ContainsRune("wxy", rune(w[n-1]))
}

// plural is step 1a.
func plural(w string) string {
	switch {
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "ies"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "ss"):
		return w
	}
	return strings.TrimSuffix(w, "s")
}

// past is step 1b.
func past(w string) string {
	if s, ok := strings.CutSuffix(w, "eed"); ok {
		if measure(s) > 0 {
			return w[:len(w)-1]
		}
		return w
	}
	s, ok := strings.CutSuffix(w, "ed")
	if !ok {
		s, ok = strings.CutSuffix(w, "ing")
	}
	switch {
	case !ok || !vowelIn(s):
		return w
	case strings.HasSuffix(s, "at"), strings.HasSuffix(s, "bl"), strings.HasSuffix(s, "iz"):
		return s + "e"
	case doubled(s) && !strings.ContainsRune("lsz", rune(s[len(s)-1])):
		return s[:len(s)-1]
	case measure(s) == 1 && short(s):
		return s + "e"
	}
	return s
}

// ending is replaced when what stands before it is long enough. Of several that fit, the longest counts, whether it is
// replaced or not; the tables have longer ones first where one ends with another.
type ending struct{ from, to string }

var step2 = []ending{
	{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"}, {"abli", "able"}, {"alli", "al"},
	{"entli", "ent"}, {"eli", "e"}, {"ousli", "ous"}, {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"}, {"alism", "al"},
	{"iveness", "ive"}, {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"},
}

var step3 = []ending{
	{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""},
}

var step4 = []ending{
	{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""}, {"able", ""}, {"ible", ""}, {"ant", ""}, {"ement", ""}, {"ment", ""},
	{"ent", ""}, {"sion", "s"}, {"tion", "t"}, {"ou", ""}, {"ism", ""}, {"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""},
}

// replaceEnd replaces the first ending that fits, if what is left before it has a measure above m.
func replaceEnd(w string, endings []ending, m int) string {
	for _, e := range endings {
		if s, ok := strings.CutSuffix(w, e.from); ok {
			if measure(s+e.to[:kept(e)]) > m {
				return s + e.to
			}
			return w
		}
	}
	return w
}

// kept is how much of an ending belongs to the stem that is measured: the s and t of sion and tion.
func kept(e ending) int {
	if strings.HasSuffix(e.from, "ion") && len(e.from) == 4 {
		return 1
	}
	return 0
}

// dropEnd is step 4.
func dropEnd(w string) string { return replaceEnd(w, step4, 1) }

// tidy is step 5.
func tidy(w string) string {
	if s, ok := strings.CutSuffix(w, "e"); ok {
		if m := measure(s); m > 1 || m == 1 && !short(s) {
			w = s
		}
	}
	if strings.HasSuffix(w, "ll") && measure(w) > 1 {
		w = w[:len(w)-1]
	}
	return w
}
