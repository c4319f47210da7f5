package index

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

// squad is as much of SQuAD's JSON as is needed here.
type squad struct {
	Data []struct {
		Title      string
		Paragraphs []struct {
			Context string
			QAs     []struct {
				Question string
				Answers  []struct {
					Start int `json:"answer_start"`
				}
			}
		}
	}
}

// asked is a question and the document and byte where its answer stands.
type asked struct {
	question string
	document qa.DocumentID
	at       int // -1 where the document has but one passage and no answer
}

var spaced = regexp.MustCompile(`\S+`)

// pieces cuts a text into passages of about 200 words.
func pieces(d *Document) {
	words := spaced.FindAllStringIndex(d.Text, -1)
	n := max(1, (len(words)+100)/200)
	for i := range n {
		r := qa.Range{Start: words[len(words)*i/n][0], End: words[len(words)*(i+1)/n-1][1]}
		d.Passages = append(d.Passages, qa.Passage{Doc: d.ID, Range: r, Text: r.Of(d.Text), Title: d.Title})
	}
}

// readSquad puts the contexts of a file into the index and returns the questions.
func readSquad(b *testing.B, x *Index, path string) (questions []asked) {
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	var s squad
	if err := json.Unmarshal(text, &s); err != nil {
		b.Fatalf("%s: %v", path, err)
	}
	var docs []Document
	for i, article := range s.Data {
		for j, p := range article.Paragraphs {
			d := Document{Document: qa.Document{ID: qa.DocumentID(fmt.Sprintf("%s#%d.%d", path, i, j)), Title: strings.ReplaceAll(article.Title, "_", " "), Text: p.Context}}
			pieces(&d)
			docs = append(docs, d)
			runes := []rune(p.Context)
			for _, q := range p.QAs {
				at := -1
				if len(q.Answers) > 0 {
					at = len(string(runes[:q.Answers[0].Start]))
				} else if len(d.Passages) > 1 {
					continue
				}
				questions = append(questions, asked{q.Question, d.ID, at})
			}
		}
	}
	put(b, x, path, docs...)
	return questions
}

// BenchmarkRecall asks the questions of SQuAD files of their own contexts, cut into passages of about 200 words, and of those
// among the contexts of other files. A question without an answer is to find the paragraph that it was written for.
//
//	TRYALL_BENCH_SQUAD="a.json b.json" TRYALL_BENCH_OTHERS="c.json" TRYALL_BENCH_RANKING="bm25(k1=1.2) bm25" \
//	go test -run - -bench Recall -benchtime 1x ./index
func BenchmarkRecall(b *testing.B) {
	files := strings.Fields(os.Getenv("TRYALL_BENCH_SQUAD"))
	if len(files) == 0 {
		b.Skip("TRYALL_BENCH_SQUAD names no SQuAD files")
	}
	rankings := strings.Fields(os.Getenv("TRYALL_BENCH_RANKING"))
	if len(rankings) == 0 {
		rankings = []string{"bm25"}
	}
	for _, file := range files {
		for _, among := range []string{"own", "all"} {
			x := openNew(b)
			questions := readSquad(b, x, file)
			if among == "all" {
				for _, other := range strings.Fields(os.Getenv("TRYALL_BENCH_OTHERS")) {
					readSquad(b, x, other)
				}
			}
			for _, text := range rankings {
				b.Run(fmt.Sprintf("%s/%s/%s", filepath.Base(file), among, text), func(b *testing.B) {
					o, err := ParseRanking(text)
					if err != nil {
						b.Fatal(err)
					}
					for range b.N {
						recall(b, x, questions, o)
					}
				})
			}
		}
	}
}

func recall(b *testing.B, x *Index, questions []asked, o RetrieverOptions) {
	var at1, at5, at10, mrr float64
	for _, q := range questions {
		for i, f := range mustSearch(b, x, Query{Text: q.question, K: 50, Ranking: o}) {
			p := f.Passage
			if p.Doc != q.document || q.at >= 0 && (q.at < p.Range.Start || q.at >= p.Range.End) {
				continue
			}
			mrr += 1 / float64(i+1)
			for _, r := range []struct {
				k   int
				sum *float64
			}{{1, &at1}, {5, &at5}, {10, &at10}} {
				if i < r.k {
					*r.sum++
				}
			}
			break
		}
	}
	n := float64(len(questions))
	b.ReportMetric(100*at1/n, "recall@1")
	b.ReportMetric(100*at5/n, "recall@5")
	b.ReportMetric(100*at10/n, "recall@10")
	b.ReportMetric(mrr/n, "mrr")
	b.ReportMetric(n, "questions")
	b.ReportMetric(0, "ns/op")
}
