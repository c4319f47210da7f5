package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestDecision: what was decided stands in the page, the text and the JSON, with its lines, and nothing in it is markup.
func TestDecision(t *testing.T) {
	in := bakeoff(t, plan{models: 2, questions: 40, seed: 1})
	write := func(f func(*bytes.Buffer) error) string {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	html := func() string { return write(func(b *bytes.Buffer) error { return HTML(b, in) }) }
	text := func() string { return write(func(b *bytes.Buffer) error { return Markdown(b, in) }) }
	in.Title = "of the project"
	in.Decision = &Decision{Title: "Only a <title>"}
	if page := html(); strings.Contains(page, `id="decision"`) || !strings.Contains(page, "<title>Only a &lt;title&gt;</title>") || strings.Contains(page, "of the project") {
		t.Error("a title alone is no decision, and heads the report")
	}
	in.Decision = &Decision{Decision: "We take *b* <script>alert(1)</script>", Who: "Ann\u202e", Notes: "It is cheap.\r\n\r\n# And good.\n", When: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)}
	page := html()
	for _, want := range []string{`<p class="decided"><bdi>We take *b* &lt;script&gt;alert(1)&lt;/script&gt;</bdi></p>`, "<p><bdi>It is cheap.</bdi></p>\n<p><bdi># And good.</bdi></p>", "Ann\uFFFD, 14 March 2026", "<h1><bdi>of the project</bdi>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	for _, want := range []string{"## Decision\n\n**We take \\*b\\* &lt;script&gt;alert(1)&lt;/script&gt;**\n\nIt is cheap.\n\n\\# And good.\n\nAnn\uFFFD, 14 March 2026\n"} {
		if !strings.Contains(text(), want) {
			t.Errorf("the text does not have %q", want)
		}
	}
	var d Document
	if err := json.Unmarshal([]byte(write(func(b *bytes.Buffer) error { return JSON(b, in) })), &d); err != nil || d.Decision == nil || *d.Decision != *in.Decision {
		t.Errorf("%+v, %v", d.Decision, err)
	}
}
