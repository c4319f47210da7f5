package corpus

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// tokens counts the words of a text without the punctuation around them, which bidirectional text moves; of scripts without spaces, the
// characters. How signs are composed does not matter.
func tokens(s string) map[string]int {
	count := map[string]int{}
	for _, word := range strings.Fields(norm.NFKC.String(s)) {
		rest := ""
		for _, r := range word {
			switch {
			case unbroken(r):
				count[string(r)]++
			case unicode.Is(unicode.Cf, r): // marks of direction
			default:
				rest += string(r)
			}
		}
		if rest = strings.TrimFunc(rest, unicode.IsPunct); rest != "" {
			count[rest]++
		}
	}
	return count
}

// wordF1 compares two texts as multisets of words.
func wordF1(got, want string) float64 {
	a, b := tokens(got), tokens(want)
	same, all := 0, 0
	for w, n := range a {
		same += min(n, b[w])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 1
	}
	return 2 * float64(same) / float64(all)
}

// differing lists words that only one of two texts has.
func differing(got, want string) string {
	a, b := tokens(got), tokens(want)
	var out []string
	for w, n := range a {
		if n > b[w] {
			out = append(out, "+"+w)
		}
	}
	for w, n := range b {
		if n > a[w] {
			out = append(out, "-"+w)
		}
	}
	if len(out) > 40 {
		out = out[:40]
	}
	return strings.Join(out, " ")
}

// TestAgainstOtherReaders compares documents that programs made with what another program reads in them
// (scripts/reference/corpus.py): pdftotext of PDF, LibreOffice of the others.
func TestAgainstOtherReaders(t *testing.T) {
	for _, format := range []string{"pdf", "docx", "odt"} {
		files, err := filepath.Glob(filepath.Join("testdata", format, "*."+format+".txt"))
		if err != nil || len(files) < 4 {
			t.Fatalf("%s: only %v (%v); run scripts/reference/corpus.py", format, files, err)
		}
		for _, expected := range files {
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			path := strings.TrimSuffix(expected, ".txt")
			if source := madeOf[filepath.Base(path)]; source != "" { // the text itself is a better witness than another reader
				if want, err = os.ReadFile(filepath.Join("testdata", "odt", source)); err != nil {
					t.Fatal(err)
				}
			}
			r, err := ReadFile(context.Background(), path, "", Limits{})
			if err != nil {
				t.Error(err)
				continue
			}
			got := r.Documents[0].Text
			f1 := wordF1(got, string(want))
			t.Logf("%s: word F1 %.4f, %d words, %d warnings", path, f1, len(strings.Fields(got)), len(r.Warnings))
			if f1 < 0.98 || len(r.Documents) != 1 || r.Format != format || len(r.Warnings) > 0 {
				t.Errorf("%s: word F1 %.4f, %s, %q: %s", path, f1, r.Format, r.Warnings, differing(got, string(want)))
			}
			checkPassages(t, r.Documents[0], Passages(r.Documents[0], PassageOptions{Words: 50}), 50)
		}
	}
}

// madeOf names, for PDF documents whose letters pdftotext puts in another order, the text that they were made of.
var madeOf = map[string]string{
	"arabic.pdf": "arabic.odt.txt", "hebrew.pdf": "hebrew.odt.txt", "chromium-hebrew.pdf": "hebrew.odt.txt", "chinese.pdf": "chinese.odt.txt", "chromium-chinese.pdf": "chinese.odt.txt",
}

// TestScriptsOfTheWorld holds PDF documents to the text that they were made of to the last sign.
func TestScriptsOfTheWorld(t *testing.T) {
	for pdf, source := range madeOf {
		r, err := ReadFile(context.Background(), filepath.Join("testdata", "pdf", pdf), "", Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		text, err := os.ReadFile(filepath.Join("testdata", "odt", source))
		if err != nil {
			t.Fatal(err)
		}
		got, want := strings.Join(strings.Fields(r.Documents[0].Text), " "), strings.Join(strings.Fields(string(text)), " ")
		if got != want {
			t.Errorf("%s: %q, made of %q", pdf, got, want)
		}
	}
}

// TestPDFsAtOnce reads more PDF documents at once than the engine has instances, one of them hopeless.
func TestPDFsAtOnce(t *testing.T) {
	names := []string{"arabic", "cairo", "chinese", "chromium", "ghostscript", "libreoffice", "input", "password"}
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			name := names[i%len(names)]
			r, err := ReadFile(context.Background(), filepath.Join("testdata", "pdf", name+".pdf"), "", Limits{})
			if (err != nil) != (name == "password") || err == nil && len(r.Documents) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	group.Wait()
}

// TestParagraphsOfPDFs: paragraphs that were wrapped over lines are one line again, and nothing else is.
func TestParagraphsOfPDFs(t *testing.T) {
	text, err := os.ReadFile("testdata/odt/libreoffice.odt.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"libreoffice", "latex", "chromium", "cairo", "ghostscript"} {
		r, err := ReadFile(context.Background(), filepath.Join("testdata", "pdf", name+".pdf"), "", Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		have := map[string]bool{}
		for line := range strings.Lines(r.Documents[0].Text) {
			have[letterKey(line)] = true
		}
		found, all := 0, 0
		for line := range strings.Lines(string(text)) {
			if len(strings.Fields(line)) < 15 {
				continue
			}
			if all++; have[letterKey(line)] {
				found++
			}
		}
		t.Logf("%s: %d of %d paragraphs", name, found, all)
		if all < 10 || found*10 < all*8 { // the others run over a page's end or begin with a sign of their own
			t.Errorf("%s: only %d of %d paragraphs are whole", name, found, all)
		}
	}
}

// letterKey is a line's letters and digits.
func letterKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFKC.String(s))
}
