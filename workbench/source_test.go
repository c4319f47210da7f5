package workbench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

// TestReadText: what package corpus reads is a context, with its headings and what has to be said.
func TestReadText(t *testing.T) {
	for _, c := range []struct{ name, raw, text, heading, warning, err string }{
		{name: "a.txt", raw: "Bonjour.\n", text: "Bonjour.\n"},
		{name: "a.txt", raw: "\xef\xbb\xbfhé", text: "hé", warning: "byte order mark"},
		{name: "a.txt", raw: "\xff\xfeh\x00\xe9\x00", text: "hé", warning: "UTF-16"},
		{name: "a.md", raw: "# Rivers\n\nThe Spree.\n", text: "Rivers\n\nThe Spree.", heading: "Rivers"},
		{name: "a.csv", raw: "title,text\nOne,The first.\nTwo,The second.\n", text: "The first.\n\nThe second.", heading: "Two"},
		{name: "a.txt", raw: "", err: "is empty"},
		{name: "a.txt", raw: "text\x00text", err: "NUL"},
		{name: "a.bin", raw: "\x1f\x8b\x08abc", err: "gzip"},
	} {
		file := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(file, []byte(c.raw), 0o600); err != nil {
			t.Fatal(err)
		}
		fromFile, err := ReadTextFile(t.Context(), file)
		fromStream, streamErr := ReadText(t.Context(), strings.NewReader(c.raw), c.name)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || streamErr == nil || !strings.Contains(streamErr.Error(), c.name) {
				t.Errorf("%q: errors %v and %v, want one with %q", c.raw, err, streamErr, c.err)
			}
			continue
		}
		if err != nil || streamErr != nil || strings.TrimSpace(fromFile.Text) != strings.TrimSpace(c.text) || fromStream.Text != fromFile.Text {
			t.Errorf("%q: %q, %v and %q, %v; want %q", c.raw, fromFile.Text, err, fromStream.Text, streamErr, c.text)
		}
		if got := qa.Label(fromFile.Marks, qa.MarkHeading, len(fromFile.Text)-1); got != c.heading {
			t.Errorf("%q: heading %q, want %q", c.raw, got, c.heading)
		}
		if !strings.Contains(strings.Join(fromFile.Warnings, " "), c.warning) {
			t.Errorf("%q: warnings %q, want %q", c.raw, fromFile.Warnings, c.warning)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestReadTextStopsAtItsLimit(t *testing.T) {
	if _, err := ReadText(t.Context(), endless{}, "-"); err == nil || !strings.Contains(err.Error(), "MiB") {
		t.Fatalf("error %v; want one that names the limit", err)
	}
}
