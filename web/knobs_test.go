package web

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

// TestKnobsInABrowser turns the knobs of the other decoders and those that have the model run again, one after the other, and looks at
// what the model is asked with.
func TestKnobsInABrowser(t *testing.T) {
	f, srv := start(t, func(c *Config) {
		c.Precisions = []string{"fp32", "int8"}
		p, err := c.Bench.OpenProject(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for i := range 4 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("lease%d.txt", i)), fmt.Appendf(nil, "Lease %d. %s", i, webtest.Lease), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.Add(t.Context(), []string{dir}, workbench.AddOptions{}, nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/?from=corpus"), chromedp.SendKeys("#q", "When does the lease end?"+kb.Enter))
	says(t, tab, "#answer .says", "31 March 2027")
	for _, c := range []struct {
		knob, value string
		asked       func(a webtest.Asked) bool
	}{
		{"decoder", "hf", func(a webtest.Asked) bool { return a.Params.Decoder == "hf" }},
		{"align_to_words", "false", func(a webtest.Asked) bool { return a.Params.AlignToWords != nil && !*a.Params.AlignToWords }},
		{"align_to_words", "true", func(a webtest.Asked) bool { return a.Params.AlignToWords != nil && *a.Params.AlignToWords }},
		{"decoder", "squad", func(a webtest.Asked) bool { return a.Params.Decoder == "squad" && a.Params.AlignToWords != nil }},
		{"n_best", "7", func(a webtest.Asked) bool { return a.Params.NBest != nil && *a.Params.NBest == 7 }},
		{"v2", "true", func(a webtest.Asked) bool { return a.Params.V2 }},
		{"v2", "false", func(a webtest.Asked) bool { return !a.Params.V2 }},
		{"decoder", "", func(a webtest.Asked) bool { return a.Params.Decoder == "gap" }},
		{"passages", "2", func(a webtest.Asked) bool { return a.Passages == 2 }},
		{"passages", "", func(a webtest.Asked) bool { return a.Passages == 4 }},
		{"precision", "int8", func(a webtest.Asked) bool { return a.Precision == "int8" }},
	} {
		tab.Run(t, chromedp.Evaluate(`(() => { const k = document.getElementById(`+quoted("k-"+c.knob)+`); k.value = `+quoted(c.value)+`; if (k.value !== `+quoted(c.value)+`) throw new Error("it cannot be chosen"); k.dispatchEvent(new Event("input", {bubbles: true})); k.dispatchEvent(new Event("change", {bubbles: true})); })()`, nil))
		end := time.Now().Add(10 * time.Second)
		for !c.asked(f.Last()) {
			if time.Now().After(end) {
				t.Fatalf("%s=%s: the model is asked with %+v", c.knob, c.value, f.Last())
			}
			time.Sleep(10 * time.Millisecond)
		}
		if c.value != "" {
			at(t, tab, c.knob+"="+c.value)
		}
		says(t, tab, "#answer .says", "31 March 2027")
	}
	if opened, _ := f.Opened(webtest.Agrees); opened != 2 {
		t.Errorf("the model was opened %d times, not once for each precision", opened)
	}
	tab.Check(t, srv.URL)
}

// leasePDF is a file of two pages: the first says when the lease begins, the second when it ends.
func leasePDF() []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>")
	for i := range 2 {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents %d 0 R >>", 6+i)
	}
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for _, line := range []string{"This lease begins on a day that nobody remembers.", "It ends on 31 March 2027 unless it is renewed."} {
		draw := "BT /F1 12 Tf 72 720 Td (" + line + ") Tj ET"
		object("<< /Length %d >>\nstream\n%s\nendstream", len(draw), draw)
	}
	from := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, from)
	return b.Bytes()
}

// TestPDFInABrowser: a PDF is dropped on Ask and asked, and added to the corpus and asked there; the page of the answer is named.
func TestPDFInABrowser(t *testing.T) {
	_, srv := start(t, nil)
	file := filepath.Join(t.TempDir(), "lease.pdf")
	if err := os.WriteFile(file, leasePDF(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := workbench.ReadText(t.Context(), bytes.NewReader(leasePDF()), "lease.pdf"); err != nil { // compiles the engine, which takes long with -race
		t.Fatal(err)
	}
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/"), chromedp.SetUploadFiles("#file", []string{file}), chromedp.WaitVisible(".file"))
	says(t, tab, ".file .minor", "2 pages, 19 words")
	tab.Run(t, chromedp.SendKeys("#q", "When does it end?"+kb.Enter))
	says(t, tab, "#answer .says", "31 March 2027")
	says(t, tab, "#answer .passage footer", "page 2")
	tab.Run(t, chromedp.Evaluate(`(() => { const k = document.getElementById("k-threshold"); k.value = "9"; k.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil))
	says(t, tab, "#answer .says", "Not sure enough to answer")
	says(t, tab, "#answer .passage footer", "page 2")
	tab.Run(t, chromedp.Navigate(srv.URL+"/corpus"), chromedp.SetUploadFiles("#files", []string{file}), chromedp.Click(".controls .go"))
	until(t, srv.URL+"/corpus", "1 file added")
	for words, want := range map[string]string{"nobody+remembers": "lease.pdf, page 1 ", "unless+renewed": "lease.pdf, page 2 "} { // both in one passage
		if _, page, _ := call(t, "GET", srv.URL+"/corpus?q="+words, nil, nil); !strings.HasPrefix(text(t, page, ".found"), want) {
			t.Errorf("%s: %s", words, text(t, page, ".found"))
		}
	}
	tab.Run(t, chromedp.Navigate(srv.URL+"/"), chromedp.Click(`[value="corpus"]+span`), chromedp.SendKeys("#q", "When does it end unless renewed?"+kb.Enter))
	says(t, tab, "#answer .says", "31 March 2027")
	var where string
	tab.Run(t, chromedp.Text("#answer .passage footer", &where))
	if !strings.HasSuffix(where, "lease.pdf, page 2") {
		t.Errorf("it stands in %q", where)
	}
	tab.Check(t, srv.URL)
}

// TestSharedInABrowser: the answers of all models are marked in one text; a line is taken away and put back by keyboard alone.
func TestSharedInABrowser(t *testing.T) {
	_, srv := start(t, nil)
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/compare"), chromedp.SetValue("#c", webtest.Lease), chromedp.SendKeys("#q", "When does it end?"+kb.Enter), chromedp.WaitVisible(".shared"))
	says(t, tab, ".shared .passage p", "This lease begins on 1 April 2024 differs 3. It ends on 31 March 2027 agrees 1 agrees-too 2 unless it is renewed. The rent is due on the third day of a month.")
	for i, want := range []string{"1 agrees", "2 agrees-too", "3 differs", "abstains: no answer"} {
		says(t, tab, fmt.Sprintf(".shared-legend li:nth-child(%d)", i+1), want)
	}
	colour := func(n string) (c string) {
		tab.Run(t, chromedp.Evaluate(`getComputedStyle(document.querySelector('.shared .passage .under[data-by="`+n+`"]')).borderBottomColor`, &c))
		return c
	}
	lines := map[string]bool{}
	for _, n := range []string{"1", "2", "3"} {
		lines[colour(n)] = true
	}
	const none = "rgba(0, 0, 0, 0)"
	if len(lines) != 3 || lines[none] {
		t.Errorf("the lines have the colours %v", lines)
	}
	tab.Run(t, chromedp.Focus("#line-2"), chromedp.KeyEvent(" "))
	if colour("2") != none || colour("1") == none {
		t.Errorf("taken away: %s and %s", colour("1"), colour("2"))
	}
	tab.Run(t, chromedp.KeyEvent(" "))
	if colour("2") == none {
		t.Error("it does not come back")
	}
	tab.Check(t, srv.URL)
}
