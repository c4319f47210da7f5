package corpus

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tryall/tryall/qa"
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

// TestOneBadPage: a page that takes too long costs itself only; too many of them cost the file.
func TestOneBadPage(t *testing.T) {
	slow := strings.Repeat("BT /F 1 Tf (abc) Tj ET ", 1<<19)
	page := func(s string) string { return "BT /F 12 Tf 50 700 Td (" + s + ") Tj ET" }
	limits := Limits{PageTime: 500 * time.Millisecond}
	r, err := Read(context.Background(), Input{Name: "a.pdf", Data: pdfPages([]string{page("First page."), slow, page("Third page."), "", page("Fifth.")}), Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	d := r.Documents[0]
	if d.Text != "First page.\n\nThird page.\n\nFifth." {
		t.Errorf("%q", d.Text)
	}
	for word, want := range map[string]string{"First": "1", "Third": "3", "Fifth": "5"} {
		if got := qa.Label(d.Marks, qa.MarkPage, strings.Index(d.Text, word)); got != want {
			t.Errorf("%s is on page %s, want %s", word, got, want)
		}
	}
	w := strings.Join(r.Warnings, "\n")
	if !strings.Contains(w, "page 2 could not be read and is left out: it took too long") || !strings.Contains(w, "1 of its 5 pages have no text (blank or scanned): 4") {
		t.Error(w)
	}
	_, err = Read(context.Background(), Input{Name: "a.pdf", Data: pdfPages([]string{page("One."), slow, slow, slow, slow, page("Six.")}), Limits: limits})
	if err == nil || !strings.Contains(err.Error(), "4 of its first 5 pages cannot be read") {
		t.Error(err)
	}
}

// TestLinesOfAPage holds the rules for line ends to a page each, drawn by hand: x, y and width of lines of ten points.
func TestLinesOfAPage(t *testing.T) {
	line := func(x, y, width float64, text string) pdfLine {
		return pdfLine{text: text, left: x, right: x + width, base: y, height: 10, placed: true}
	}
	broken := func(l pdfLine) pdfLine { l.hyphen = true; return l }
	large := func(l pdfLine) pdfLine { l.height = 16; return l }
	for name, c := range map[string]struct {
		lines []pdfLine
		want  string
	}{
		"wrapped":                     {[]pdfLine{line(50, 700, 200, "The lease ends when the"), line(50, 688, 198, "year ends, and the keys"), line(50, 676, 60, "go back.")}, "The lease ends when the year ends, and the keys go back."},
		"hyphen":                      {[]pdfLine{broken(line(50, 700, 200, "The lease ends in Decem")), line(50, 688, 100, "ber of the year.")}, "The lease ends in December of the year."},
		"hyphen of its own":           {[]pdfLine{line(50, 700, 200, "The lease ends in Decem-"), line(50, 688, 100, "ber of the year.")}, "The lease ends in December of the year."},
		"compound":                    {[]pdfLine{broken(line(50, 700, 200, "It is the Anglo")), line(50, 688, 100, "American way of it.")}, "It is the Anglo-American way of it."},
		"dash":                        {[]pdfLine{line(50, 700, 200, "It ends in December -"), line(50, 688, 198, "at the latest by law.")}, "It ends in December - at the latest by law."},
		"hyphen at the end":           {[]pdfLine{broken(line(50, 700, 200, "It ends in Decem"))}, "It ends in Decem-"},
		"gap":                         {[]pdfLine{line(50, 700, 200, "The lease ends when the"), line(50, 688, 200, "year ends, and the keys"), line(50, 668, 200, "Go back to where they"), line(50, 656, 200, "were given.")}, "The lease ends when the year ends, and the keys\n\nGo back to where they were given."},
		"indent":                      {[]pdfLine{line(50, 700, 200, "The lease ends when the"), line(50, 688, 200, "year ends, says the house."), line(65, 676, 185, "Keys go back to where they"), line(50, 664, 200, "were given.")}, "The lease ends when the year ends, says the house.\n\nKeys go back to where they were given."},
		"short line ends a paragraph": {[]pdfLine{line(50, 700, 200, "The lease ends when the"), line(50, 688, 80, "year ends."), line(50, 676, 200, "Keys go back to where they")}, "The lease ends when the year ends.\n\nKeys go back to where they"},
		"verse":                       {[]pdfLine{line(50, 700, 80, "Short lines"), line(50, 688, 90, "that were meant"), line(50, 676, 200, "and then a longer one of them all")}, "Short lines\nthat were meant\nand then a longer one of them all"},
		"heading":                     {[]pdfLine{large(line(50, 700, 80, "Keys")), line(50, 680, 200, "The lease ends when the"), line(50, 668, 200, "year ends.")}, "Keys\n\nThe lease ends when the year ends."},
		"next column goes on":         {[]pdfLine{line(50, 700, 200, "The lease ends when the"), line(50, 688, 200, "year ends, and the keys"), line(300, 700, 200, "go back to where they were"), line(300, 688, 200, "given to whom.")}, "The lease ends when the year ends, and the keys go back to where they were given to whom."},
		"next column begins anew":     {[]pdfLine{line(50, 700, 200, "The lease ends when the"), line(50, 688, 200, "year ends."), line(300, 700, 200, "Keys go back to where they"), line(300, 688, 200, "were given to whom.")}, "The lease ends when the year ends.\n\nKeys go back to where they were given to whom."},
		"list":                        {[]pdfLine{line(50, 700, 200, "What is to be given back:"), line(50, 688, 60, "• keys"), line(50, 676, 60, "• lamps"), line(50, 664, 60, "1. rugs"), line(50, 652, 70, "(2) curtains")}, "What is to be given back:\n• keys\n• lamps\n1. rugs\n(2) curtains"},
		"cells":                       {[]pdfLine{line(50, 700, 40, "Kitchen"), line(200, 700, 30, "200"), line(50, 688, 30, "Bath"), line(200, 688, 30, "100")}, "Kitchen | 200\nBath | 100"},
		"Chinese":                     {[]pdfLine{line(50, 700, 200, "租约将于十二月三十一日到期在此之前租户必"), line(50, 688, 200, "须搬出房间并把钥匙还给房东")}, "租约将于十二月三十一日到期在此之前租户必须搬出房间并把钥匙还给房东"},
		"right to left":               {[]pdfLine{line(50, 700, 200, "חוזה השכירות מסתיים בשלושים"), line(55, 688, 195, "ואחד בדצמבר ועד אז על השוכר"), line(150, 676, 100, "לפנות את הדירה.")}, "חוזה השכירות מסתיים בשלושים ואחד בדצמבר ועד אז על השוכר לפנות את הדירה."},
	} {
		if got := strings.Join(pdfBlocks(c.lines), "\n\n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// cacheVariable names the folder of the compiled engine to a second process of the tests.
const cacheVariable = "TRYALL_TEST_PDF_CACHE"

// TestMain has the compiled engine kept for this run of the tests.
func TestMain(m *testing.M) {
	dir := os.Getenv(cacheVariable)
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "corpus"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
	}
	CachePDF(dir)
	m.Run()
}

// TestCachedEngine: the compiled engine is where it was told to be, and another process takes it from there.
func TestCachedEngine(t *testing.T) {
	start := time.Now()
	if _, err := ReadFile(context.Background(), "testdata/pdf/input.pdf", "", Limits{}); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	if os.Getenv(cacheVariable) != "" {
		t.Logf("started in %v", took)
		return
	}
	dir := pdfEngine.cache
	state := func() (out []string) {
		_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, _ error) error {
			if info, err := d.Info(); err == nil && !d.IsDir() {
				out = append(out, p+info.ModTime().String())
			}
			return nil
		})
		return out
	}
	before := state()
	if len(before) != 1 {
		t.Fatalf("%d files in the cache", len(before))
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestCachedEngine$", "-test.v")
	cmd.Env = append(os.Environ(), cacheVariable+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if after := state(); !slices.Equal(before, after) {
		t.Errorf("compiled again: %q, before %q", after, before)
	}
	t.Logf("%s", out)
}
