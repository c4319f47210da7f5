package corpus

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/qa"
)

// fuzz reads whatever the fuzzer makes of a format's goldens. There is a document or an error, never a crash, and what is read can be cut.
func fuzz(f *testing.F, format, name string) {
	f.Helper()
	inputs, err := filepath.Glob(filepath.Join("testdata", format, "*"+filepath.Ext(name)))
	if err != nil || len(inputs) == 0 {
		f.Fatal("no files to begin with", err)
	}
	for _, p := range inputs {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 20_000 {
			f.Add(data)
		}
	}
	limits := Limits{Bytes: 1 << 20, Text: 1 << 20, Expanded: 1 << 20, Entries: 100, Pages: 10, PageTime: 2 * time.Second, FileTime: 5 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		r, err := Read(context.Background(), Input{Name: name, Data: data, Limits: limits})
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
		if err != nil {
			if qa.CodeOf(err) == qa.Internal || !strings.HasPrefix(err.Error(), "read "+name+": ") {
				t.Errorf("%s: %v", qa.CodeOf(err), err)
			}
			return
		}
		for _, d := range r.Documents {
			for i, m := range d.Marks {
				if m.At < 0 || m.At > len(d.Text) || i > 0 && m.At < d.Marks[i-1].At {
					t.Errorf("marks %v of %d bytes", d.Marks, len(d.Text))
				}
			}
			checkPassages(t, d, Passages(d, PassageOptions{Words: 20}), 20)
		}
	})
}

func FuzzPDF(f *testing.F)      { fuzz(f, "pdf", "f.pdf") }
func FuzzDOCX(f *testing.F)     { fuzz(f, "docx", "f.docx") }
func FuzzODT(f *testing.F)      { fuzz(f, "odt", "f.odt") }
func FuzzEPUB(f *testing.F)     { fuzz(f, "epub", "f.epub") }
func FuzzSQuAD(f *testing.F)    { fuzz(f, "squad", "f.json") }
func FuzzJSONL(f *testing.F)    { fuzz(f, "jsonl", "f.jsonl") }
func FuzzJSON(f *testing.F)     { fuzz(f, "json", "f.json") }
func FuzzCSV(f *testing.F)      { fuzz(f, "csv", "f.csv") }
func FuzzTSV(f *testing.F)      { fuzz(f, "tsv", "f.tsv") }
func FuzzHTML(f *testing.F)     { fuzz(f, "html", "f.html") }
func FuzzMarkdown(f *testing.F) { fuzz(f, "markdown", "f.md") }
func FuzzText(f *testing.F)     { fuzz(f, "text", "f.txt") }

// FuzzDOCXParts goes past the archive: the fuzzer writes the XML.
func FuzzDOCXParts(f *testing.F) {
	f.Add(docxBody+"<w:p><w:r><w:t>a</w:t></w:r></w:p></w:body></w:document>", "<w:styles/>")
	f.Fuzz(func(t *testing.T, document, styles string) {
		data := zipOf(t, "word/document.xml", document, "word/styles.xml", styles, "word/footnotes.xml", document)
		if r, err := Read(context.Background(), Input{Name: "f.docx", Data: data}); err == nil {
			checkPassages(t, r.Documents[0], Passages(r.Documents[0], PassageOptions{Words: 20}), 20)
		} else if qa.CodeOf(err) == qa.Internal {
			t.Error(err)
		}
	})
}

// FuzzODTParts likewise.
func FuzzODTParts(f *testing.F) {
	f.Add(`<a xmlns:text="t" xmlns:table="b"><text:h>a</text:h><text:p>b<text:note><text:p>c</text:p></text:note></text:p><text:list><text:list-item><text:p>d</text:p></text:list-item></text:list></a>`)
	f.Fuzz(func(t *testing.T, content string) {
		data := zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", content)
		if r, err := Read(context.Background(), Input{Name: "f.odt", Data: data}); err == nil {
			checkPassages(t, r.Documents[0], Passages(r.Documents[0], PassageOptions{Words: 20}), 20)
		} else if qa.CodeOf(err) == qa.Internal {
			t.Error(err)
		}
	})
}
