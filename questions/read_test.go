package questions

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

func packed(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(text)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackedFilesAreTheSame(t *testing.T) {
	text := []byte("question,answer\na,b\n")
	plain := mustRead(t, "x.csv", string(text))
	path := filepath.Join(t.TempDir(), "x.csv.gz")
	if err := os.WriteFile(path, packed(t, text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ReadFile(t.Context(), path)
	if err != nil || s.Format != "csv" || s.Digest != plain.Digest || s.Name != "x.csv.gz" || len(s.Digest) != len("sha256:")+64 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	cut := packed(t, []byte("Who is it? Why? Where?\n"))
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"latin1.csv": {[]byte("question,answer\nWho?,Zo\xeb\n"), "line 2: the byte 0xeb is not UTF-8"},
		"utf16.csv":  {[]byte("\xff\xfeq\x00"), "UTF-16"},
		"sheet.csv":  {[]byte("PK\x03\x04..."), "save it as CSV"},
		"paper.txt":  {[]byte("%PDF-1.7\n"), "it is a PDF"},
		"zero.txt":   {[]byte("a\nb\x00"), "line 2: there is a zero byte"},
		"cut.gz":     {cut[:len(cut)-9], "unpack"},
		"head.gz":    {[]byte("\x1f\x8bxxxxxxxxxxxx"), "unpack"},
		"brace":      {[]byte("{what\nis this"), "none of the formats"},
	} {
		_, err := Read(t.Context(), bytes.NewReader(c.text), name)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), name) || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%s: %v (%s), want %q", name, err, qa.CodeOf(err), c.want)
		}
	}
	if _, err := ReadFile(t.Context(), "testdata/there is none"); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("%v", err)
	}
	if _, err := ReadFile(t.Context(), "testdata"); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("%v", err)
	}
}

func TestFilesHaveLimits(t *testing.T) {
	text := bytes.Repeat([]byte("Who?\n"), 1<<20) // 5.2 MB, packed about 5 kB
	for name, c := range map[string]struct {
		of   limits
		text []byte
		want string
	}{
		"plain":           {limits{bytes: 5e6}, text, "more than 5.0 MB of text"},
		"plain, fits":     {limits{bytes: 6e6}, text, ""},
		"packed":          {limits{bytes: 5e6, grow: 6e6}, packed(t, text), "more than 5.0 MB of text"},
		"grows too much":  {limits{bytes: 6e6, grow: 1e6, growth: 100}, packed(t, text), "MB of text in it"},
		"grows enough":    {limits{bytes: 6e6, grow: 1e6, growth: 5000}, packed(t, text), ""},
		"small, may grow": {limits{bytes: 6e6, grow: 6e6, growth: 1}, packed(t, text), ""},
	} {
		got, err := c.of.unpack(t.Context(), bytes.NewReader(c.text))
		if c.want == "" && (err != nil || !bytes.Equal(got, text)) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %d bytes, %v, want %q", name, len(got), err, c.want)
		}
	}
}

func TestReadingStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, strings.NewReader("Who?"), "x.txt"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, name := range []string{"x.csv", "x.txt", "x.jsonl", "x.tsv", "-"} {
		if s := mustRead(t, name, "\n"); len(s.Items) != 0 || len(s.Warnings) != 1 || s.Warnings[0] != "there are no questions in it" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// Nothing crashes a reader, and what was read can be written and read again.
func FuzzRead(f *testing.F) {
	names := []string{"x.json", "x.jsonl", "x.csv", "x.tsv", "x.txt", "-"}
	for _, format := range Formats {
		files, _ := filepath.Glob(filepath.Join("testdata", format.Name, "input.*"))
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			for i, name := range names {
				if filepath.Ext(name) == filepath.Ext(path) || name == "-" {
					f.Add(uint8(i), string(text))
				}
			}
		}
	}
	f.Add(uint8(0), odd)
	for i, text := range []string{
		`{"data":[{"paragraphs":[{"context":"a b","qas":[{"id":1,"question":"?","answers":[{"text":"b","answer_start":2}]}]}]}]}`,
		`{"question":"a?","answers":{"text":["b"],"answer_start":[2]},"context":"a b","x":1}`, "question,answer,no_answer\na,b,\n\"c\n\",,true\n", "a\t\"b\"\tc\n", "a\n#b\n", "question|answer\na|[\"b\"]",
	} {
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, which uint8, input string) {
		name, text := names[int(which)%len(names)], []byte(input)
		s, err := Read(t.Context(), bytes.NewReader(text), name)
		if err != nil {
			return
		}
		if _, _, err := s.Dataset(); err == nil && len(s.Items) == 0 {
			t.Error("a data set of nothing")
		}
		if _, err := s.Locate(t.Context(), nil); err != nil {
			t.Error(err)
		}
		var b bytes.Buffer
		if err := WriteJSONL(&b, s); err != nil {
			t.Fatal(err)
		}
		if s.Format != "squad" && len(s.Items) > 0 {
			back, err := Read(t.Context(), bytes.NewReader(b.Bytes()), "x.jsonl")
			if err != nil || len(back.Items) != len(s.Items) {
				t.Fatalf("%v of %q", err, b.String())
			}
			for i := range s.Items {
				if s.Items[i].Text != back.Items[i].Text || strings.Join(s.Items[i].Texts(), "\x00") != strings.Join(back.Items[i].Texts(), "\x00") {
					t.Fatalf("%+v became %+v", s.Items[i], back.Items[i])
				}
			}
		}
		b.Reset()
		if err := WriteSQuAD(&b, s); err != nil {
			return
		}
		back, err := Read(t.Context(), bytes.NewReader(b.Bytes()), "x.json")
		if err != nil || len(back.Items) != len(s.Items) {
			t.Fatalf("%v of %q", err, b.String())
		}
		again := bytes.Buffer{}
		if err := WriteSQuAD(&again, back); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
			t.Fatalf("%q became %q, %v", b.String(), again.String(), err)
		}
	})
}
