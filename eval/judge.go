package eval

import "slices"

// judge scores one predicted text by the rules of SQuAD 1.1 or 2.0: exact match (0 or 1) and F1 (0 to 1),
// each the best over the gold answers. Version 1.1 needs a gold; in version 2.0 none means that "" is right.
func judge(golds []string, text string, v2 bool) (exact, f1 float64) {
	return judgeBy(words, golds, text, v2)
}

// judgeBy is judge with the units that texts are compared in as split makes them.
func judgeBy(split func(string) []string, golds []string, text string, v2 bool) (exact, f1 float64) {
	predicted := split(text)
	lists := make([][]string, 0, len(golds))
	for _, g := range golds {
		// Version 2.0 drops golds without a word; when none is left the empty answer is the right one.
		if w := split(g); len(w) > 0 || !v2 {
			lists = append(lists, w)
		}
	}
	if len(lists) == 0 && v2 {
		lists = append(lists, nil)
	}
	for _, gold := range lists {
		exact = max(exact, same(gold, predicted))
		if v2 && (len(gold) == 0 || len(predicted) == 0) {
			f1 = max(f1, same(gold, predicted))
		} else {
			f1 = max(f1, overlap(gold, predicted))
		}
	}
	return exact, f1
}

func same(a, b []string) float64 {
	if slices.Equal(a, b) {
		return 1
	}
	return 0
}

// overlap is the F1 of two multisets of words; 0 when they share none, even if both are empty.
func overlap(gold, predicted []string) float64 {
	left := make(map[string]int, len(gold))
	for _, w := range gold {
		left[w]++
	}
	shared := 0
	for _, w := range predicted {
		if left[w] > 0 {
			left[w]--
			shared++
		}
	}
	if shared == 0 {
		return 0
	}
	precision := float64(shared) / float64(len(predicted))
	recall := float64(shared) / float64(len(gold))
	return 2 * precision * recall / (precision + recall)
}
