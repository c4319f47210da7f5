package workbench

import (
	"strings"
	"testing"
)

func TestReadText(t *testing.T) {
	for _, c := range []struct{ name, raw, want, err string }{
		{"plain", "Bonjour.\n", "Bonjour.\n", ""},
		{"mark", "\xef\xbb\xbfhé", "hé", ""},
		{"utf-16 le", "\xff\xfeh\x00\xe9\x00", "hé", ""},
		{"utf-16 be", "\xfe\xff\x00h\x00\xe9", "hé", ""},
		{"utf-16 odd", "\xff\xfeh\x00\xe9", "", "half a character"},
		{"utf-32", "\xff\xfe\x00\x00h\x00\x00\x00", "", "NUL"},
		{"latin-1", "Der Fluss heißt Spree und die Stadt \xdcber\xe4ll.", "Der Fluss heißt Spree und die Stadt \xdcber\xe4ll.", ""},
		{"empty", "", "", "is empty"},
		{"only a mark", "\xef\xbb\xbf", "", "is empty"},
		{"nul", "text\x00text", "", "byte 4 is NUL"},
		{"pdf", "%PDF-1.7\nabc", "", "PDF"},
		{"gzip", "\x1f\x8b\x08abc", "", "gzip"},
		{"noise", strings.Repeat("\x01\x90\xff ", 100), "", "not text"},
	} {
		got, err := ReadText(strings.NewReader(c.raw), "notes.txt")
		if c.err == "" && (err != nil || got.Text != c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, got.Text, err, c.want)
		}
		if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), "notes.txt")) {
			t.Errorf("%s: error %v; want one with %q and the file's name", c.name, err, c.err)
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
	if _, err := ReadText(endless{}, "-"); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Fatalf("error %v; want one that names the limit", err)
	}
}
