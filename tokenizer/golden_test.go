package tokenizer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"
)

// golden is a line of a cases.jsonl. Offsets are code points there.
type golden struct {
	Text    *string  `json:"text"`
	IDs     []int32  `json:"ids"`
	Offsets [][2]int `json:"offsets"`
	Words   []int32  `json:"words"`

	Question string         `json:"question"`
	Context  string         `json:"context"`
	MaxLen   int            `json:"max_len"`
	Stride   int            `json:"stride"`
	Windows  []goldenWindow `json:"windows"`

	Versions  map[string]string `json:"versions"`
	CLS       *string           `json:"cls"`
	Right     bool              `json:"right"`
	Types     bool              `json:"types"`
	Size      int               `json:"size"`
	MaxLength int               `json:"max_length"`
}

type goldenWindow struct {
	IDs      []int32   `json:"ids"`
	Types    []int32   `json:"types"`
	Offsets  [][2]int  `json:"offsets"`
	Sequence []int8    `json:"sequence"`
	Words    []int32   `json:"words"`
	Spans    []*[2]int `json:"spans"`
}

const regenerate = "if the reference changed, run scripts/reference/tokenizer.py tokenizer/testdata"

// goldenDirs are the folders of testdata with cases.
func goldenDirs(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*/cases.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata/*/cases.jsonl (%v); run scripts/reference/tokenizer.py tokenizer/testdata", err)
	}
	dirs := make([]string, len(files))
	for i, f := range files {
		dirs[i] = filepath.Dir(f)
	}
	return dirs
}

func loadDir(t testing.TB, dir string) *Tokenizer {
	tok, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func readGolden(t testing.TB, dir string) []golden {
	f, err := os.Open(filepath.Join(dir, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	var all []golden
	for lines.Scan() {
		var g golden
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	if lines.Err() != nil || len(all) < 2 {
		t.Fatalf("%s/cases.jsonl: %d lines, %v", dir, len(all), lines.Err())
	}
	return all
}

// points converts a byte range of text to code points.
func points(text string, o Offset) [2]int {
	return [2]int{utf8.RuneCountInString(text[:o.Start]), utf8.RuneCountInString(text[:o.End])}
}

func TestGolden(t *testing.T) {
	for _, dir := range goldenDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			tok, cases := loadDir(t, dir), readGolden(t, dir)
			checkHead(t, tok, cases[0])
			bad := 0
			for _, g := range cases[1:] {
				problem := ""
				if g.Text != nil {
					problem = checkText(tok, g)
				} else {
					problem = checkPair(tok, g)
				}
				if problem == "" {
					continue
				}
				if bad++; bad == 1 {
					t.Error(problem)
				}
			}
			if bad > 0 {
				t.Errorf("%d of %d cases differ; %s", bad, len(cases)-1, regenerate)
			}
		})
	}
}

func checkHead(t *testing.T, tok *Tokenizer, g golden) {
	cls := int32(-1)
	if g.CLS != nil {
		cls, _ = tok.ID(*g.CLS)
	}
	if tok.CLS() != cls || tok.PadRight() != g.Right || tok.UsesTypes() != g.Types || tok.VocabSize() != g.Size || tok.ModelMaxLength() != g.MaxLength {
		t.Errorf("cls %d, right %t, types %t, size %d, max length %d; want %d %t %t %d %d", tok.CLS(), tok.PadRight(), tok.UsesTypes(), tok.VocabSize(), tok.ModelMaxLength(),
			cls, g.Right, g.Types, g.Size, g.MaxLength)
	}
}

func checkText(tok *Tokenizer, g golden) (problem string) {
	e := tok.Encode(*g.Text)
	offsets := [][2]int{}
	for _, o := range e.Offsets {
		offsets = append(offsets, points(*g.Text, o))
	}
	if equal(e.IDs, g.IDs) && equal(offsets, g.Offsets) && equal(e.Words, g.Words) {
		return ""
	}
	return fmt.Sprintf("%+q:\n got ids %v offsets %v words %v\nwant ids %v offsets %v words %v", *g.Text, e.IDs, offsets, e.Words, g.IDs, g.Offsets, g.Words)
}

func equal[T any](a, b []T) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

func checkPair(tok *Tokenizer, g golden) (problem string) {
	es, err := tok.EncodePair(g.Question, g.Context, g.MaxLen, g.Stride)
	if err != nil || len(es) != len(g.Windows) {
		return fmt.Sprintf("%q: %d windows, %v; want %d", g.Question, len(es), err, len(g.Windows))
	}
	for i := range es {
		if w := describe(tok, &es[i], g); !reflect.DeepEqual(w, g.Windows[i]) {
			got, _ := json.Marshal(w)
			want, _ := json.Marshal(g.Windows[i])
			return fmt.Sprintf("%q, window %d:\n got %s\nwant %s", g.Question, i, got, want)
		}
	}
	return ""
}

// describe writes a window as cases.jsonl has it.
func describe(tok *Tokenizer, e *Encoding, g golden) goldenWindow {
	texts, context := [2]string{g.Question, g.Context}, int8(1)
	if !tok.PadRight() {
		texts, context = [2]string{g.Context, g.Question}, 0
	}
	w := goldenWindow{IDs: e.IDs, Types: e.Types, Sequence: e.Sequence, Words: e.Words}
	for k, o := range e.Offsets {
		at := [2]int{}
		if e.Sequence[k] >= 0 {
			at = points(texts[e.Sequence[k]], o)
		}
		w.Offsets = append(w.Offsets, at)
		var span *[2]int
		if s, ok := e.WordSpan(k, context); ok {
			p := points(g.Context, s)
			span = &p
		}
		w.Spans = append(w.Spans, span)
	}
	return w
}

// TestCodePoints compares what the normalizers make of every code point that may be assigned with the reference's digests.
func TestCodePoints(t *testing.T) {
	data, err := os.ReadFile("testdata/codepoints.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ SHA256 map[string]string }
	if err := json.Unmarshal(data, &want); err != nil || len(want.SHA256) == 0 {
		t.Fatal("codepoints.json has no digests", err)
	}
	for name, digest := range want.SHA256 {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := parseNormalizer(`{"type": "` + name + `"}`)
			if err != nil {
				t.Fatal(err)
			}
			h := sha256.New()
			var x text
			var out bytes.Buffer
			for r := rune(0); r < 0xE0200; r++ {
				if r == 0x33480 {
					r = 0xE0000
				}
				if !utf8.ValidRune(r) {
					continue
				}
				x.reset("a" + string(r) + "\u0316\u0301b")
				x.rewrite(n.normalize)
				out.Reset()
				for _, c := range x.chars {
					out.WriteRune(c.r)
				}
				out.WriteByte('\n')
				h.Write(out.Bytes())
			}
			if got := hex.EncodeToString(h.Sum(nil)); got != digest {
				t.Errorf("digest %s, want %s; %s, and unicode_tables.py", got, digest, regenerate)
			}
		})
	}
}
