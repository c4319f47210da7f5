package index

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/qa"
)

// TestRanking is small enough to be done by hand: BM25 with k1 = 1, b = 1, so that a word that is there f times in a passage of
// the usual length brings idf*2f/(f+1).
func TestRanking(t *testing.T) {
	x := openNew(t)
	put(t, x, "f",
		doc("one", "", "red red blue green"),      // red twice
		doc("two", "", "red blue blue yellow"),    // blue twice
		doc("three", "", "grey grey grey grey"),   // nothing
		doc("four", "red", "grey grey grey grey"), // only the title
	)
	o := DefaultRanking()
	o.K1, o.B, o.Title = 1, 1, 0.5
	log := math.Log
	red, blue := log(1+1.5/3.5), log(2) // 3 and 2 of 4 passages: 1+1.5/3.5 and 1+2.5/2.5
	want := []struct {
		id    qa.DocumentID
		score float64
	}{
		{"two", red*2/2 + blue*4/3},
		{"one", red*4/3 + blue*2/2},
		{"four", red * 1 / 1.5},
	}
	found := mustSearch(t, x, Query{Text: "Red or blue?", Ranking: o, Why: true})
	if len(found) != len(want) {
		t.Fatalf("%v", places(found))
	}
	for i, f := range found {
		if f.Passage.Doc != want[i].id || math.Abs(f.Score-want[i].score) > 1e-12 {
			t.Errorf("%d: %s %v, want %s %v", i, f.Passage.Doc, f.Score, want[i].id, want[i].score)
		}
	}
	if want := "blue 0.92 (2 in text; 2 of 4 passages) + red 0.36 (1 in text; 3 of 4 passages)"; found[0].Why != want {
		t.Errorf("why: %s, want %s", found[0].Why, want)
	}
	if want := "red 0.24 (1 in title; 3 of 4 passages)"; found[2].Why != want {
		t.Errorf("why: %s, want %s", found[2].Why, want)
	}
	hits, err := x.Retriever(o).Retrieve(t.Context(), qa.Question{Text: "Red or blue?"}, 2)
	if err != nil || len(hits) != 2 || hits[0].Passage != found[0].Passage || hits[1].Score != found[1].Score || hits[0].Why != "" {
		t.Errorf("retriever: %+v, %v", hits, err)
	}
	if hits, err := x.Retriever(o).Retrieve(t.Context(), qa.Question{Text: "red"}, 0); err != nil || hits != nil {
		t.Errorf("no passages wanted: %+v, %v", hits, err)
	}
}

// TestWords holds which spellings meet, and that each question finds what a person would expect.
func TestWords(t *testing.T) {
	x := openNew(t)
	put(t, x, "f",
		doc("en", "Lease agreement", "The tenants' leases ended in June 2025; résumés of the CAFÉ owner."),
		doc("de", "", "Die Straße führt nach Öhringen."),
		doc("el", "", "Ο ΛΌΓΟΣ του Σωκράτης"),
		doc("ru", "", "Ёлка стоит во дворе"),
		doc("ar", "", "ذَهَبَ الوَلَدُ إِلى المَدْرَسَة"),
		doc("he", "", "שָׁלוֹם עולם"),
		doc("hi", "", "भारत की राजधानी दिल्ली है"),
		doc("tr", "", "İstanbul Boğazı"),
		doc("ja", "", "東京都の人口は１４００万人です。ガラスの器"),
		doc("zh", "", "北京是中国的首都"),
		doc("ko", "", "서울은 대한민국의 수도이다"),
		doc("th", "", "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย"),
		doc("lo", "", "ນະຄອນຫຼວງວຽງຈັນ"),
		doc("km", "", "ភ្នំពេញជារាជធានី"),
		doc("my", "", "နေပြည်တော်သည်မြို့တော်ဖြစ်သည်"),
		doc("mixed", "", "iPhone15を買う state-of-the-art 3.14 e\u0301clair co\u00adoperate"),
		doc("emoji", "", "party 🎉🎉 time"),
		doc("long", "", "x "+strings.Repeat("a", 500)+" y"),
	)
	for q, want := range map[string]string{
		"lease": "en", "LEASED": "en", "Who were the tenants?": "en", "resume": "en", "Resumé": "en", "cafe\u0301": "en", "ｃａｆｅ": "en", "2025": "en",
		"strasse": "de", "STRASSE": "de", "fuhrt": "de", "ohringen": "de",
		"λόγος": "el", "λογοσ": "el", "σωκρατησ": "el", "елка": "ru", "ЁЛКА": "ru",
		"ذهب": "ar", "المدرسة": "ar", "שלום": "he", "राजधानी": "hi", "istanbul": "tr", "ISTANBUL": "tr",
		"東京の人口": "ja", "都の": "ja", "東京": "ja", "1400万": "ja", "器": "ja", "ｶﾞﾗｽ": "ja", "中国": "zh", "首都はどこ": "zh", "国": "zh",
		"서울": "ko", "서": "ko", "대한민국": "ko", "เมืองหลวง": "th", "ไทย": "th", "ไท": "th", "ก": "th", "ວຽງຈັນ": "lo", "ភ្នំពេញ": "km", "မြို့တော်": "my",
		"iphone15": "mixed", "買う": "mixed", "art": "mixed", "14": "mixed", "éclair": "mixed", "ÉCLAIR": "mixed", "cooperate": "mixed", "time 🎉": "emoji", strings.Repeat("A", 500): "long",
		"the": "en", // nothing but a stop word
		"?!":  "", "🎉": "", "": "", " \t\n": "", "\x00\xff\xfe": "", "zebra": "", "🇩🇪": "", "\u200d\ufe0f\u0301": "",
	} {
		found := mustSearch(t, x, Query{Text: q, Snippets: true, Why: true})
		got := ""
		if len(found) > 0 {
			got = string(found[0].Passage.Doc)
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
		for _, f := range found {
			if len(f.Snippet.Terms) == 0 && f.Passage.Doc != "en" {
				t.Errorf("%q: nothing is marked in %q", q, f.Snippet.Text)
			}
		}
	}
}

// TestSyntax has questions that would be FTS5 syntax. Each finds what its words find, and "hidden" is a word like any other.
func TestSyntax(t *testing.T) {
	x := openNew(t)
	put(t, x, "f", doc("a", "title", "apple near and or not text"), doc("b", "hidden", "banana"))
	for _, q := range []string{
		`apple`, `"apple`, `apple"`, `app"le apple`, `'apple'`, `NEAR(apple banan, 2)`, `apple*`, `^apple`, `-apple`, `text:apple`, `{title text}:apple`, `- text : apple`,
		`apple AND`, `OR apple`, `NOT apple`, `apple + `, `(apple`, `apple)`, `apple;drop table index_files`, `apple -- x`, `apple/*`, "apple\x00banan", "\xffapple\xc3", `\apple`,
		`apple%`, `apple?1`, `:apple @apple $apple`, `""`, `"""`, `apple "" ""`,
	} {
		found := mustSearch(t, x, Query{Text: q})
		if want := strings.Contains(q, "apple"); want != (len(found) > 0) || want && found[0].Passage.Doc != "a" || len(found) > 1 {
			t.Errorf("%q finds %v", q, places(found))
		}
	}
}

// TestSearchChangesNothing compares the files of the database before and after.
func TestSearchChangesNothing(t *testing.T) {
	x := openNew(t)
	put(t, x, "f", doc("a", "title", "apple banana 東京"))
	bytes := func() (s []string) {
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(x.db.Path() + suffix)
			if err != nil {
				t.Fatal(err)
			}
			s = append(s, string(b))
		}
		return s
	}
	before := bytes()
	for _, q := range []Query{{Text: "apple"}, {Text: "東", Snippets: true}, {Text: "title", Documents: "a", Why: true}, {Text: "nothing"}} {
		mustSearch(t, x, q)
	}
	if !reflect.DeepEqual(bytes(), before) {
		t.Error("a search changed the database")
	}
}

// TestLongQuestion asks with a megabyte.
func TestLongQuestion(t *testing.T) {
	x := openNew(t)
	put(t, x, "f", doc("a", "", "an extraordinarily rare word"), doc("b", "", "nothing"))
	var b strings.Builder
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, "w%d ", i)
	}
	start := time.Now()
	if got := places(mustSearch(t, x, Query{Text: b.String() + "extraordinarily"})); !reflect.DeepEqual(got, []string{"a:0"}) {
		t.Errorf("%v", got)
	}
	mustSearch(t, x, Query{Text: strings.Repeat("漢字", 1<<16)})
	mustSearch(t, x, Query{Text: strings.Repeat("\"", 1<<20)})
	mustSearch(t, x, Query{Text: strings.Repeat("e\u0301", 1<<16)})
	t.Logf("%v", time.Since(start))
}

// TestChoice is about filters, pages of results and equal scores.
func TestChoice(t *testing.T) {
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		x := openNew(t)
		for _, i := range order {
			put(t, x, fmt.Sprintf("dir%d/f.txt", i), docs(i, []string{"Red / green", "Blue"}[i])...)
		}
		for _, c := range []struct {
			q    Query
			want string
		}{
			{Query{K: 3}, "0.0:0 0.0:11 0.1:0"},
			{Query{K: 3, Offset: 3}, "0.1:11 1.0:0 1.0:11"},
			{Query{K: 3, Offset: 7}, "1.1:11"},
			{Query{K: 3, Offset: 8}, ""},
			{Query{Documents: "1.*"}, "1.0:0 1.0:11 1.1:0 1.1:11"},
			{Query{Documents: "dir0/**"}, "0.0:0 0.0:11 0.1:0 0.1:11"},
			{Query{Documents: "dir0", K: 1}, "0.0:0"},
			{Query{Documents: "nothing"}, ""},
			{Query{Titles: "blue"}, "1.0:0 1.0:11 1.1:0 1.1:11"},
			{Query{Titles: "red*"}, "0.0:0 0.0:11 0.1:0 0.1:11"},
			{Query{Titles: "*GREEN", Documents: "*.1"}, "0.1:0 0.1:11"},
		} {
			c.q.Text = "same"
			if got := strings.Join(places(mustSearch(t, x, c.q)), " "); got != c.want {
				t.Errorf("%+v: %s, want %s", c.q, got, c.want)
			}
		}
		for _, q := range []Query{{K: -1}, {Offset: -1}, {Documents: "[a"}, {Titles: "{a"}, {Ranking: RetrieverOptions{K1: 1}}, {Ranking: RetrieverOptions{B: 2, Terms: 1, Pool: 1, Postings: 1}}} {
			q.Text = "same"
			if _, err := x.Search(t.Context(), q); qa.CodeOf(err) != qa.Invalid {
				t.Errorf("%+v: %v", q, err)
			}
		}
	}
}

// docs are two documents of two passages each, all alike.
func docs(i int, title string) (d []Document) {
	for j := range 2 {
		d = append(d, doc(fmt.Sprintf("%d.%d", i, j), title, "same words", "same words"))
	}
	return d
}

// TestManyEqual has far more equal passages than are ranked at once: which come first is not left to the order they came in.
func TestManyEqual(t *testing.T) {
	const n = 300
	var want []string
	for _, backwards := range []bool{false, true} {
		x := openNew(t)
		b := x.Begin(t.Context())
		for i := range n {
			if backwards {
				i = n - 1 - i
			}
			id := fmt.Sprintf("%03d", i)
			if err := b.Put(FileState{Path: id}, []Document{doc(id, "", "all say the same")}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		got := places(mustSearch(t, x, Query{Text: "same", K: 4}))
		if want == nil {
			want = []string{"000:0", "001:0", "002:0", "003:0"}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestCommonWords asks for words that are in nearly all passages, with a limit that none of them keeps: the best passages are
// those that a search without limit finds, also within some documents only.
func TestCommonWords(t *testing.T) {
	x := openNew(t)
	var d []Document
	for i := range 200 {
		text := "alpha alpha gamma" // every third has one of the words only
		if i%3 > 0 {
			text = "alpha beta " + strings.Repeat("filler ", i%7)
		}
		d = append(d, doc(fmt.Sprintf("%03d", i), "", text, "delta"))
	}
	d = append(d, doc("best", "", "alpha alpha beta beta"), doc("only", "", "alpha"))
	put(t, x, "f", d...)
	limited, unlimited := DefaultRanking(), DefaultRanking()
	limited.Postings, limited.Pool = 10, 4
	unlimited.Postings, unlimited.Pool = 1_000_000, 10_000
	for _, q := range []Query{{K: 2}, {K: 1}, {K: 2, Documents: "only"}, {K: 5, Documents: "{only,best,00?}"}, {K: 300}} {
		q.Text = "alpha or beta"
		q.Ranking = limited
		got := places(mustSearch(t, x, q))
		q.Ranking = unlimited
		if want := places(mustSearch(t, x, q)); !reflect.DeepEqual(got, want) || len(got) == 0 {
			t.Errorf("%+v: %v, want %v", q, got, want)
		}
	}
}

// TestTwin compares with BM25 over all passages, done plainly, on small corpora of few words.
func TestTwin(t *testing.T) {
	words := []string{"ant", "bee", "cat", "dog", "elk", "fox", "the", "ants", "東", "京都", "ไทย"}
	x := openNew(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "words"), rapid.SampledFrom([]string{" ", ", ", "-"}).Draw(t, "between"))
		})
		var all []Document
		for i := range rapid.IntRange(1, 12).Draw(t, "documents") {
			d := Document{Document: qa.Document{ID: qa.DocumentID(fmt.Sprint("d", i)), Title: text.Draw(t, "title")}}
			for range rapid.IntRange(0, 4).Draw(t, "passages") {
				at, p := len(d.Text), text.Draw(t, "text")+"."
				d.Text += p + "\n"
				d.Passages = append(d.Passages, qa.Passage{Doc: d.ID, Range: qa.Range{Start: at, End: at + len(p)}, Text: p, Title: d.Title, Heading: text.Draw(t, "heading")})
			}
			all = append(all, d)
		}
		if err := x.Put(context.Background(), FileState{Path: "f"}, all); err != nil {
			t.Fatal(err)
		}
		o := DefaultRanking()
		o.K1, o.B, o.Title, o.Heading = rapid.Float64Range(0, 3).Draw(t, "k1"), rapid.Float64Range(0, 1).Draw(t, "b"), rapid.Float64Range(0, 3).Draw(t, "title weight"), rapid.Float64Range(0, 3).Draw(t, "heading weight")
		o.Postings = rapid.SampledFrom([]int{1, 5, 1000}).Draw(t, "postings")
		q := text.Draw(t, "question")
		found, err := x.Search(context.Background(), Query{Text: q, K: 100, Ranking: o})
		if err != nil {
			t.Fatal(err)
		}
		want := plainBM25(all, q, o)
		if len(found) != len(want) {
			t.Fatalf("%q finds %v, want %v", q, places(found), want)
		}
		for i, f := range found {
			id := fmt.Sprintf("%s:%d", f.Passage.Doc, f.Passage.Range.Start)
			score, ok := want[id]
			if !ok || math.Abs(f.Score-score) > 1e-9 {
				t.Errorf("%s %v, want %v", id, f.Score, score)
			}
			if i > 0 && (f.Score > found[i-1].Score || f.Score == found[i-1].Score && f.Passage.Doc < found[i-1].Passage.Doc) {
				t.Errorf("%v are not in order", places(found))
			}
		}
	})
}

// plainBM25 is the scores of all passages that have a word of the question, by document and place.
func plainBM25(all []Document, question string, o RetrieverOptions) map[string]float64 {
	list := func(s string) (terms []string) {
		tokens(s, func(t token) bool {
			terms = append(terms, t.term(s))
			return true
		})
		return terms
	}
	in := func(terms []string, t term) (n int) {
		for _, s := range terms {
			if s == t.text || t.prefix && strings.HasPrefix(s, t.text) {
				n++
			}
		}
		return n
	}
	var passages []qa.Passage
	length := 0
	for _, d := range all {
		for _, p := range d.Passages {
			passages = append(passages, p)
			length += len(list(p.Text))
		}
	}
	scores := map[string]float64{}
	for _, t := range questionTerms(question) {
		df := 0
		for _, p := range passages {
			if in(slices.Concat(list(p.Title), list(p.Heading), list(p.Text)), t) > 0 {
				df++
			}
		}
		for _, p := range passages {
			if in(slices.Concat(list(p.Title), list(p.Heading), list(p.Text)), t) == 0 {
				continue
			}
			n, words := float64(len(passages)), float64(len(list(p.Text)))
			f := o.Title*float64(in(list(p.Title), t)) + o.Heading*float64(in(list(p.Heading), t)) + float64(in(list(p.Text), t))
			s := 0.0
			if f > 0 {
				s = math.Log(1+(n-float64(df)+0.5)/(float64(df)+0.5)) * f * (o.K1 + 1) / (f + o.K1*(1-o.B+o.B*words*n/float64(max(length, 1))))
			}
			scores[fmt.Sprintf("%s:%d", p.Doc, p.Range.Start)] += s
		}
	}
	return scores
}

// TestReadsBack has every ranking print itself as it can be read.
func TestReadsBack(t *testing.T) {
	if got, want := openNew(t).Retriever(RetrieverOptions{}).String(), "bm25(k1=0.9,b=0.4,title=1,heading=1,terms=32,postings=10000,pool=64)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(0, 1)
		count := rapid.IntRange(1, 1_000_000)
		o := RetrieverOptions{number.Draw(t, "k1"), number.Draw(t, "b"), number.Draw(t, "title"), number.Draw(t, "heading"), count.Draw(t, "terms"), count.Draw(t, "postings"), count.Draw(t, "pool")}
		if got, err := ParseRanking(o.String()); err != nil || got != o {
			t.Errorf("%s: %+v, %v", o, got, err)
		}
	})
	for _, s := range []string{"bm25", " bm25() ", "bm25( )"} {
		if o, err := ParseRanking(s); err != nil || o != DefaultRanking() {
			t.Errorf("%q: %+v, %v", s, o, err)
		}
	}
	for s, want := range map[string]string{
		"": "look like", "bm26": "look like", "bm25(": "look like", "bm25(k=1)": `"k" is none of k1, b, title`, "bm25(k1)": "k1", "bm25(k1=x)": "k1",
		"bm25(b=1.5)": "between 0 and 1", "bm25(k1=NaN)": "between", "bm25(pool=0)": "pool is to be between", "bm25(k1=-1)": "between",
	} {
		if _, err := ParseRanking(s); qa.CodeOf(err) != qa.Invalid || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q: %v, want %q in it", s, err, want)
		}
	}
}

// FuzzSearch has any text be a question: it is never an error, and what is in a passage is found.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"", "apple", `"`, "a* NEAR(b)", "\x00", "\xff", "東", "ไ", "é", "🎉", "ﷺ", "㋿", "ﬁ", "İ", "a\u200db", "٣", "ꦲ", "\U000e0100"} {
		f.Add(s)
	}
	x := openAt(f, filepath.Join(f.TempDir(), "tryall.db"))
	put(f, x, "f", doc("a", "title", "apple banana 東京 ไทย"), doc("b", "", "é ﷺ"))
	f.Fuzz(func(t *testing.T, s string) {
		d := doc("x", s, s+"x")
		found, err := x.Search(t.Context(), Query{Text: s, Snippets: true, Why: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(s) > 10_000 {
			return
		}
		for _, f := range found {
			checkSnippet(t, f)
		}
		// What is asked for word by word is found, if it has words at all.
		put(t, x, "x", d)
		words := questionTerms(s)
		found = mustSearch(t, x, Query{Text: s, K: 10, Documents: "x", Snippets: true})
		if (len(words) > 0) != (len(found) > 0) {
			t.Errorf("%q has the terms %+v and finds %v", s, words, places(found))
		}
		for _, f := range found {
			checkSnippet(t, f)
		}
	})
}
