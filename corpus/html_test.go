package corpus

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func readString(t *testing.T, name, data string) *Result {
	t.Helper()
	r, err := Read(context.Background(), Input{Name: name, Data: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPagesDeclareTheirEncoding(t *testing.T) {
	for _, c := range []struct {
		language, head string
		enc            encoding.Encoding
	}{
		{"Russian", `<meta charset="windows-1251">`, charmap.Windows1251},
		{"Russian", `<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">`, charmap.KOI8R},
		{"German", `<meta charset=iso-8859-1>`, charmap.Windows1252},
		{"Japanese", `<meta charset="shift_jis">`, japanese.ShiftJIS},
		{"Japanese", "", japanese.EUCJP}, // guessed
		{"Arabic", `<meta charset="utf-8">`, unicode.UTF8},
		{"Hebrew", "", unicode.UTF8},
		{"Chinese", `<meta charset="windows-1251">`, unicode.UTF8BOM}, // the mark wins
		{"Thai", `<meta charset="utf-8">`, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	} {
		raw, err := c.enc.NewEncoder().String("<!DOCTYPE html><html><head>" + c.head + "</head><body><p>" + letters[c.language] + "</p></body></html>")
		if err != nil {
			t.Fatal(err)
		}
		r := readString(t, "a.html", raw)
		if got := r.Documents[0].Text; got != letters[c.language] {
			t.Errorf("%s, %s: %q %q", c.language, c.head, got, r.Warnings)
		}
	}
}

func TestArticlesWithoutWhatStandsAround(t *testing.T) {
	var article, links strings.Builder
	for i := range 30 {
		fmt.Fprintf(&article, "<p>Paragraph %d of the article says, at some length, what the tenants of the house, all of them, have to pay for heat and water, and when the owner may come to read the meters.</p>", i)
		fmt.Fprintf(&links, `<li><a href="/%d">Other story number %d about something else</a></li>`, i, i)
	}
	page := `<html><head><title>Heat and water</title></head><body><div class="sidebar"><ul>` + links.String() + `</ul></div><div id="content" class="article"><h1>Heat and water</h1>` +
		article.String() + `</div><div class="footer"><p>Copyright, imprint, terms</p></div></body></html>`
	r := readString(t, "a.html", page)
	d := r.Documents[0]
	if strings.Contains(d.Text, "Other story") || !strings.Contains(d.Text, "Paragraph 0 of") || !strings.Contains(d.Text, "Paragraph 29 of") || d.Title != "Heat and water" {
		t.Errorf("%q: %.300q", d.Title, d.Text)
	}
	if w := strings.Join(r.Warnings, ""); !strings.Contains(w, "stand outside the article and were left out") {
		t.Errorf("what was left out is not said: %q", w)
	}

	// Where the article is less than half of what is to be seen, all is read.
	lists := strings.Repeat(`<table><tr><td>Flat 12, Long Street, third floor left</td><td>1,200 euros a month and heat</td></tr></table>`, 100)
	r = readString(t, "a.html", "<html><body><article>"+article.String()+"</article><section>"+lists+"</section></body></html>")
	if d := r.Documents[0]; strings.Count(d.Text, "Flat 12, Long Street, third floor left | 1,200 euros a month and heat") != 100 || !strings.Contains(d.Text, "Paragraph 29 of") || len(r.Warnings) > 0 {
		t.Errorf("%d bytes, %q", len(d.Text), r.Warnings)
	}
}

func TestScriptsOfTheWorldInText(t *testing.T) {
	for language, text := range letters {
		for _, c := range []struct{ name, data, want string }{
			{"a.txt", text, text},
			{"a.md", "# T\n\n" + text + "\n", "T\n\n" + text},
			{"a.html", "<html><h1>T</h1><p>" + text + "</p></html>", "T\n\n" + text},
			{"a.json", `{"text": "` + text + `"}`, text},
			{"a.docx", string(zipOf(t, "word/document.xml", docxBody+"<w:p><w:r><w:t>"+text+"</w:t></w:r></w:p></w:body></w:document>")), text},
		} {
			r := readString(t, c.name, c.data)
			if d := r.Documents[0]; d.Text != c.want {
				t.Errorf("%s, %s: %q", language, c.name, d.Text)
			}
			checkPassages(t, r.Documents[0], Passages(r.Documents[0], PassageOptions{Words: 5}), 5)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	text := prose(200, 6)
	var records strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&records, `{"title": "T", "text": "some words of document %d"}`+"\n", i)
	}
	for name, data := range map[string]string{
		"a.txt": text, "a.md": "# T\n\n" + text, "a.html": "<html><body><p>" + strings.ReplaceAll(text, "\n\n", "</p><p>") + "</p></body></html>",
		"a.docx":   string(zipOf(b, "word/document.xml", docxBody+"<w:p><w:r><w:t>"+strings.ReplaceAll(text, "\n\n", "</w:t></w:r></w:p><w:p><w:r><w:t>")+"</w:t></w:r></w:p></w:body></w:document>")),
		"a.jsonl":  records.String(),
		"pdf.pdf":  string(readTest(b, "pdf/latex.pdf")),
		"pdf2.pdf": string(readTest(b, "pdf/ghostscript.pdf")),
	} {
		b.Run(name, func(b *testing.B) {
			passages := 0
			for b.Loop() {
				r, err := Read(context.Background(), Input{Name: name, Data: []byte(data)})
				if err != nil {
					b.Fatal(err)
				}
				for _, d := range r.Documents {
					passages += len(Passages(d, PassageOptions{}))
				}
			}
			b.ReportMetric(float64(passages)/b.Elapsed().Seconds(), "passages/s")
		})
	}
}

// TestFlatHTML: what the parser refuses is read between its tags.
func TestFlatHTML(t *testing.T) {
	r := readString(t, "a.html", "<html><head><style>no {}</style><script>if (a < b) no()</script></head><body>"+strings.Repeat("<div>", 600)+"<p>One &amp; two.</p><p>Three <b>four</b><br>five.</p>")
	if got := r.Documents[0].Text; got != "One & two.\nThree four\nfive." || len(r.Warnings) != 1 {
		t.Errorf("%q %q", got, r.Warnings)
	}
}
