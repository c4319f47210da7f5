package corpus

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/qa"
)

// zipOf makes an archive: name, content, name, content ...
func zipOf(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pdfOf makes a PDF of one page with a compressed content stream; /X is an object that may follow.
func pdfOf(content string, object ...string) []byte { return pdfPages([]string{content}, object...) }

// pdfPages makes a PDF of pages with compressed content streams.
func pdfPages(contents []string, object ...string) []byte {
	n := len(contents)
	all := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	kids := ""
	for i, content := range contents {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		_, _ = io.WriteString(z, content)
		z.Close()
		kids += fmt.Sprintf("%d 0 R ", 4+2*i)
		all = append(all, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R /Resources << /Font << /F 3 0 R >> /XObject << /X %d 0 R >> >> >>", 5+2*i, 4+2*n),
			fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", packed.Len(), packed.String()))
	}
	all[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, n)
	all = append(all, object...)
	out := "%PDF-1.4\n"
	var offsets []int
	for i, o := range all {
		offsets = append(offsets, len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := len(out)
	out += fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, at := range offsets {
		out += fmt.Sprintf("%010d 00000 n \n", at)
	}
	return []byte(out + fmt.Sprintf("trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF", len(all)+1, xref))
}

const docxBody = `<w:document xmlns:w="w"><w:body>`

func TestHostileFilesGiveErrors(t *testing.T) {
	container := `<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>`
	many := []string{"word/document.xml", docxBody + "</w:body></w:document>"}
	for i := range 300 {
		many = append(many, fmt.Sprint(i), "")
	}
	laughs := `<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + docxBody + "<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
	columns := strings.Repeat("a,", 1_000_000) + "a\n"
	password, err := os.ReadFile("testdata/pdf/password.pdf")
	if err != nil {
		t.Fatal(err)
	}
	scanned, err := os.ReadFile("testdata/pdf/scanned.pdf")
	if err != nil {
		t.Fatal(err)
	}
	locked := zipOf(t, "word/document.xml", docxBody+"<w:p/>")
	for i := range len(locked) - 10 { // the flag that says encrypted, in both headers
		if bytes.HasPrefix(locked[i:], []byte("PK\x03\x04")) {
			locked[i+6] |= 1
		}
		if bytes.HasPrefix(locked[i:], []byte("PK\x01\x02")) {
			locked[i+8] |= 1
		}
	}
	for name, c := range map[string]struct {
		file, data, want string
		limits           Limits
	}{
		"zip bomb in DOCX":     {"a.docx", string(zipOf(t, "word/document.xml", docxBody+strings.Repeat(" ", 50<<20))), "expands to more than 4 MiB", Limits{Expanded: 4 << 20}},
		"zip bomb in ODT":      {"a.odt", string(zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<a>"+strings.Repeat("<b/>", 10<<20))), "expands to more than 4 MiB", Limits{Expanded: 4 << 20}},
		"zip bomb in EPUB":     {"a.epub", string(zipOf(t, "mimetype", "application/epub+zip", "META-INF/container.xml", container, "b.opf", strings.Repeat("<x>", 10<<20))), "", Limits{Expanded: 4 << 20}},
		"many entries":         {"a.docx", string(zipOf(t, many...)), "301 entries, more than the limit of 100", Limits{Entries: 100}},
		"billion laughs":       {"a.docx", string(zipOf(t, "word/document.xml", laughs)), "invalid character entity &b;", Limits{}},
		"deep XML":             {"a.docx", string(zipOf(t, "word/document.xml", strings.Repeat("<a>", 100_000))), "nested more than 1000 deep", Limits{}},
		"locked archive":       {"a.docx", string(locked), "protected by a password", Limits{}},
		"no content":           {"a.docx", string(zipOf(t, "word/other.xml", "<a/>")), "an Office document without its main part", Limits{}},
		"empty document":       {"a.docx", string(zipOf(t, "word/document.xml", docxBody+"</w:body></w:document>")), "there is no text in it", Limits{}},
		"spreadsheet":          {"a.xlsx", string(zipOf(t, "xl/workbook.xml", "<a/>")), "a spreadsheet, not text; save its sheets as CSV", Limits{}},
		"presentation":         {"a.pptx", string(zipOf(t, "ppt/presentation.xml", "<a/>")), "a presentation, not text; export it as PDF", Limits{}},
		"plain archive":        {"a.zip", string(zipOf(t, "a.txt", "hello")), "a ZIP archive (or an Office document), not text; unpack it", Limits{}},
		"cut archive":          {"a.docx", string(zipOf(t, "word/document.xml", docxBody))[:60], "damaged", Limits{}},
		"protected EPUB":       {"a.epub", string(zipOf(t, "mimetype", "application/epub+zip", "META-INF/container.xml", container, "META-INF/encryption.xml", `<EncryptedData><CipherReference URI="OEBPS/a.xhtml"/></EncryptedData>`)), "copy protected", Limits{}},
		"deep JSON":            {"a.json", strings.Repeat("[", 100_000), "nested more than 500 deep", Limits{}},
		"deep JSON objects":    {"a.json", strings.Repeat(`{"a":`, 100_000), "nested more than 500 deep", Limits{}},
		"cut JSON":             {"a.json", `{"a": ["b", `, "ends too early", Limits{}},
		"broken JSON":          {"a.json", `{"a": b}`, "no valid JSON at byte", Limits{}},
		"million columns":      {"a.csv", columns, "1000001 columns, more than the limit of 10000", Limits{}},
		"too large":            {"a.txt", strings.Repeat("a ", 600), "larger than 1024 bytes", Limits{Bytes: 1024}},
		"too much text":        {"a.txt", strings.Repeat("a ", 600), "its text is larger than 1000 bytes", Limits{Text: 1000}},
		"too many documents":   {"a.jsonl", strings.Repeat("\"a\"\n\"b\"\n\"c\"\n", 2), "more than 2 documents", Limits{Documents: 2}},
		"only scripts":         {"a.html", "<html><script>x</script></html>", "no visible text", Limits{}},
		"PDF with a password":  {"a.pdf", string(password), "protected by a password; save a copy without one", Limits{}},
		"scanned PDF":          {"a.pdf", string(scanned), "no text layer (scanned pages?); run text recognition", Limits{}},
		"PDF of many pages":    {"a.pdf", string(readTest(t, "pdf/input.pdf")), "2 pages, more than the limit of 1", Limits{Pages: 1}},
		"PDF that is none":     {"a.pdf", "%PDF-1.7\n" + strings.Repeat("rubbish ", 1000), "damaged", Limits{}},
		"PDF that takes long":  {"a.pdf", string(pdfOf(strings.Repeat("BT /F 1 Tf (abc) Tj ET ", 1<<20))), "page 1", Limits{PageTime: 300 * time.Millisecond}},
		"PDF without time":     {"a.pdf", string(pdfOf("BT /F 9 Tf (abc) Tj ET")), "", Limits{PageTime: time.Nanosecond}},
		"PDF bomb":             {"a.pdf", "", "", Limits{PageTime: 10 * time.Second}},
		"PDF calling itself":   {"a.pdf", string(pdfOf("/X Do", "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >> /Length 5 >>\nstream\n/X Do\nendstream")), "", Limits{PageTime: 10 * time.Second}},
		"PDF of nested arrays": {"a.pdf", string(pdfOf(strings.Repeat("[", 1<<20))), "", Limits{PageTime: 10 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "PDF bomb" && os.Getenv("TRYALL_TEST_ALL") != "1" {
				t.Skip("it inflates 600 MiB; TRYALL_TEST_ALL=1 runs it")
			}
			data := []byte(c.data)
			if name == "PDF bomb" {
				data = pdfOf(strings.Repeat(" ", 600<<20))
			}
			start := time.Now()
			r, err := Read(context.Background(), Input{Name: c.file, Data: data, Limits: c.limits})
			if took := time.Since(start); took > 60*time.Second {
				t.Errorf("it took %v", took)
			}
			if err == nil {
				t.Fatalf("it was read: %.200q %q", r.Documents[0].Text, r.Warnings)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read "+c.file+": ") || qa.CodeOf(err) == qa.Internal {
				t.Errorf("%s: %v", qa.CodeOf(err), err)
			}
			t.Log(err)
		})
	}
}

func readTest(t testing.TB, p string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(p)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTangledFilesAreRead gives what would exhaust a stack or take quadratic time; all of it is text in the end.
func TestTangledFilesAreRead(t *testing.T) {
	for name, c := range map[string]struct{ file, data string }{
		"deep HTML":              {"a.html", "<html><body>" + strings.Repeat("<div>", 100_000) + "needle in it"},
		"deep inline HTML":       {"a.html", "<html><body>" + strings.Repeat("<b><i>", 100_000) + "needle in it"},
		"many attributes":        {"a.html", "<html><body><p " + strings.Repeat("a=b ", 200_000) + ">needle in it"},
		"unclosed tables":        {"a.html", "<html><body>" + strings.Repeat("<table><tr><td>", 20_000) + "needle in it"},
		"formatting elements":    {"a.html", "<html><body>" + strings.Repeat("<p><b><a href=x>", 5_000) + "needle in it"},
		"many paragraphs":        {"a.html", "<html><body><p>needle in it" + strings.Repeat("<p>some words that an article, perhaps, would have in it", 60_000)},
		"deep quotations":        {"a.md", strings.Repeat(">", 50_000) + "needle in it"},
		"deep spaced quotations": {"a.md", strings.Repeat("> ", 50_000) + "needle in it"},
		"deep lists":             {"a.md", strings.Repeat("- ", 20_000) + "needle in it"},
		"growing lists":          {"a.md", indented(2_000) + "needle in it"},
		"brackets":               {"a.md", strings.Repeat("[", 100_000) + "needle in it"},
		"closed brackets":        {"a.md", strings.Repeat("[a](", 50_000) + "needle in it"},
		"stars":                  {"a.md", strings.Repeat("*a **b ", 50_000) + "needle in it"},
		"backticks":              {"a.md", backticks(1_000) + "needle in it"},
		"brackets in lines":      {"a.md", strings.Repeat("[[[[[[[[[[ *a _b `\n", 10_000) + "needle in it"},
		"open comments":          {"a.md", strings.Repeat("a <!-- <a <? ", 20_000) + "needle in it"},
		"pipes":                  {"a.md", strings.Repeat("|", 50_000) + "\n" + strings.Repeat("-|", 50_000) + "\nneedle in it"},
		"references":             {"a.md", strings.Repeat("[a]: x\n", 50_000) + "\n" + strings.Repeat("[a] ", 50_000) + "needle in it"},
		"YAML aliases":           {"a.md", "---\na: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c]\ntitle: [*d,*d,*d,*d,*d,*d,*d,*d]\n---\nneedle in it"},
		"quotes":                 {"a.csv", strings.Repeat("\"a\"b,", 9000) + "\nneedle in it"},
		"one long line":          {"a.txt", strings.Repeat("a", 5<<20) + " needle in it"},
		"accents":                {"a.txt", "e" + strings.Repeat("\u0301", 1<<20) + " needle in it"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			r, err := Read(context.Background(), Input{Name: c.file, Data: []byte(c.data)})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.Documents[0].Text, "needle in it") {
				t.Errorf("%d bytes, without the text", len(r.Documents[0].Text))
			}
			read := time.Since(start)
			Passages(r.Documents[0], PassageOptions{})
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v, of which %v to read", took, read)
			} else {
				t.Log(took, r.Warnings)
			}
		})
	}
}

func indented(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return out.String()
}

func backticks(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.Repeat("`", i) + "a ")
	}
	return out.String()
}

// TestDamagedFiles cuts and alters the goldens: whatever comes of it, it is a result or an error in time.
func TestDamagedFiles(t *testing.T) {
	for _, f := range Formats {
		inputs, err := filepath.Glob(filepath.Join("testdata", f.Name, "input.*"))
		if err != nil || len(inputs) != 1 {
			t.Fatal(inputs, err)
		}
		whole, err := os.ReadFile(inputs[0])
		if err != nil {
			t.Fatal(err)
		}
		steps := 60
		for i := range steps {
			for _, data := range [][]byte{whole[:len(whole)*i/steps], altered(whole, i)} {
				r, err := Read(context.Background(), Input{Name: inputs[0], Data: data, Limits: Limits{PageTime: 5 * time.Second}})
				if (r == nil) == (err == nil) {
					t.Fatalf("%s: %v %v", inputs[0], r, err)
				}
				if qa.CodeOf(err) == qa.Internal {
					t.Errorf("%s, %d: %v", inputs[0], i, err)
				}
			}
		}
	}
}

func altered(data []byte, seed int) []byte {
	out := bytes.Clone(data)
	x := uint32(seed)*2654435761 + 1
	for range 8 {
		x = x*1664525 + 1013904223
		out[int(x>>8)%len(out)] ^= byte(x >> 24)
	}
	return out
}

func TestReadHonoursItsContext(t *testing.T) {
	cause := fmt.Errorf("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	for _, f := range []string{"pdf/latex.pdf", "docx/input.docx", "html/input.html", "text/input.txt"} {
		if r, err := ReadFile(ctx, filepath.Join("testdata", filepath.FromSlash(f)), "", Limits{}); r != nil || err == nil {
			t.Errorf("%s: %v %v", f, r, err)
		}
	}
	data := pdfOf(strings.Repeat("BT /F 1 Tf (abc) Tj ET ", 1<<20))
	if _, err := pdfPool(context.Background()); err != nil {
		t.Fatal(err)
	}
	slow, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	before := runtime.NumGoroutine()
	start := time.Now()
	_, err := Read(slow, Input{Name: "slow.pdf", Data: data})
	if took := time.Since(start); err == nil || took > 10*time.Second {
		t.Errorf("%v after %v", err, took)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
