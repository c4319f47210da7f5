package index

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// TestStem compares with the reference, word by word.
func TestStem(t *testing.T) {
	f, err := os.Open("testdata/stems.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		word, want, ok := strings.Cut(s.Text(), " ")
		if !ok || word == "#" {
			continue
		}
		n++
		if got := stem(word); got != want {
			t.Errorf("stem(%s) = %s, the reference says %s", word, got, want)
		}
	}
	if n < 1000 {
		t.Errorf("only %d words: regenerate with scripts/reference/stemmer.py", n)
	}
}
