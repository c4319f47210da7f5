package hub

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseRef(t *testing.T) {
	commit := strings.Repeat("0123456789", 4)
	for s, want := range map[string]Ref{
		"tryall/minilm-l6-squad2":               {ID: "tryall/minilm-l6-squad2"},
		"deepset/roberta-base-squad2":           {ID: "deepset/roberta-base-squad2"},
		"distilbert-base-cased-distilled-squad": {ID: "distilbert-base-cased-distilled-squad"},
		"a/b@" + commit:                         {ID: "a/b", Revision: commit},
		"a/b@refs/pr/1":                         {ID: "a/b", Revision: "refs/pr/1"},
		"a/b:int8":                              {ID: "a/b", Precision: "int8"},
		"a/b@v1.0:bf16":                         {ID: "a/b", Revision: "v1.0", Precision: "bf16"},
		"models":                                {ID: "models"},
		"./models":                              {Dir: "models"},
		"./models/":                             {Dir: "models"},
		"./models:fp16":                         {Dir: "models", Precision: "fp16"},
		"./a@b":                                 {Dir: "a@b"},
		"./a:b/":                                {Dir: "a:b"},
		"./a:b:fp32":                            {Dir: "a:b", Precision: "fp32"},
		"./a:b/c":                               {Dir: "a:b/c"},
		"../m:int8":                             {Dir: "../m", Precision: "int8"},
		".":                                     {Dir: "."},
		"..":                                    {Dir: ".."},
		"/srv/models/m":                         {Dir: "/srv/models/m"},
		"file:m":                                {Dir: "m"},
		"file:/srv/m:fp32":                      {Dir: "/srv/m", Precision: "fp32"},
		"file:///srv/my%20model":                {Dir: "/srv/my model"},
		"file://localhost/srv/m":                {Dir: "/srv/m"},
		"file:///C:/m":                          {Dir: "C:/m"},
		`C:\models\m:int8`:                      {Dir: `C:\models\m`, Precision: "int8"},
		"D:/models/m":                           {Dir: "D:/models/m"},
		`.\m`:                                   {Dir: `.\m`},
		`\\server\share\m`:                      {Dir: `\\server\share\m`},
		"o/" + strings.Repeat("n", 96):          {ID: "o/" + strings.Repeat("n", 96)},
		"microsoft/xtremedistil-l6-h256-uncased@main": {ID: "microsoft/xtremedistil-l6-h256-uncased", Revision: "main"},
	} {
		want.Dir = filepath.FromSlash(want.Dir)
		got, err := ParseRef(s)
		if err != nil || got != want {
			t.Errorf("ParseRef(%q) = %+v, %v, want %+v", s, got, err, want)
		}
	}
}

func TestParseRefRefuses(t *testing.T) {
	for s, want := range map[string]string{
		"":                           "looks like",
		"a/b/c":                      "looks like",
		"a b":                        "looks like",
		"a--b":                       "no --",
		"a..b":                       "no ..",
		"-a":                         "looks like",
		"a/.b":                       "looks like",
		"a.git":                      "looks like",
		"ünïcode":                    "looks like",
		strings.Repeat("n", 97):      "looks like",
		"https://huggingface.co/a/b": "looks like",
		"a/b:int4":                   `"int4" is not a precision; there are fp32, fp16, bf16, int8`,
		"a/b:":                       `"" is not a precision`,
		"a/b:INT8":                   `"INT8" is not a precision`,
		"./m:q4":                     `"q4" is not a precision`,
		"a/b@":                       "revision",
		"a/b@..":                     "revision",
		"a/b@v1@v2^":                 "revision",
		"file:":                      "path of a directory",
		"file://server/m":            "file:///path",
		"file:///m?x":                "file:///path",
		"file:///%zz":                "invalid URL escape",
		"./a\x00b":                   "zero bytes",
		"@main":                      "looks like",
		":int8":                      "looks like",
		"a/b:int8:int8":              "looks like",
	} {
		_, err := ParseRef(s)
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, Invalid) {
			t.Errorf("ParseRef(%q): error %v, want an invalid one with %q", s, err, want)
		}
	}
}

func TestRefString(t *testing.T) {
	for want, r := range map[string]Ref{
		"a/b":         {ID: "a/b"},
		"a/b@v1:int8": {ID: "a/b", Revision: "v1", Precision: "int8"},
		"./m:bf16":    {Dir: "m", Precision: "bf16"},
		"./a:b/":      {Dir: "a:b"},
		"../m":        {Dir: "../m"},
		"./x@y":       {Dir: "x@y"},
	} {
		if got := r.String(); got != want {
			t.Errorf("%+v is %q, want %q", r, got, want)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{"a/b@v1:int8", "./a:b/", "file:///a%20b:fp32", `C:\m`, "..", "file:m", "a:b:c", "./file:x:fp16"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRef(s)
		if err != nil {
			if r != (Ref{}) || !errors.Is(err, Invalid) {
				t.Fatalf("ParseRef(%q) = %+v with error %v", s, r, err)
			}
			return
		}
		if (r.ID == "") == (r.Dir == "") {
			t.Fatalf("ParseRef(%q) = %+v: neither or both of id and directory", s, r)
		}
		if again, err := ParseRef(r.String()); err != nil || again != r {
			t.Fatalf("ParseRef(%q) = %+v, its name %q reads as %+v, %v", s, r, r, again, err)
		}
	})
}
