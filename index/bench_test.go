package index

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// language makes texts whose words are as unevenly frequent as those of English: Zipf's law with Mandelbrot's shift.
type language struct {
	rng   *rand.Rand
	sum   []float64
	words []string
}

// functionWords is how many of the most frequent words a question would not be about.
const functionWords = 120

func newLanguage(seed uint64) *language {
	l := &language{rng: rand.New(rand.NewPCG(seed, 1))}
	shape := rand.New(rand.NewPCG(1, 2)) // the words are the same for every seed
	sum := 0.0
	for i := range 300_000 {
		sum += 1 / math.Pow(float64(i)+2.7, 1.05)
		l.sum = append(l.sum, sum)
		var b strings.Builder
		for n := i + 26; n > 0; n /= 26 { // another number, another word
			b.WriteByte("etaoinshrdlucmfwypvbgkjqxz"[n%26])
			if n >= 26 && shape.IntN(2) == 0 {
				b.WriteByte("aeiou"[shape.IntN(5)])
			}
		}
		l.words = append(l.words, b.String())
	}
	return l
}

func (l *language) word() int { return sort.SearchFloat64s(l.sum, l.rng.Float64()*l.sum[len(l.sum)-1]) }

func (l *language) text(words int) string {
	var b strings.Builder
	for i := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(l.words[l.word()])
		if i%15 == 14 {
			b.WriteByte('.')
		}
	}
	return b.String()
}

// question has five words that are no function words, drawn as the texts' words are, and some that are.
func (l *language) question() string {
	s := []string{"what", "is", "the"}
	for len(s) < 8 {
		if w := l.word(); w >= functionWords {
			s = append(s, l.words[w])
		}
	}
	return strings.Join(append(s, "?"), " ")
}

// corpus puts n passages of about 200 words, ten to a document and one document to a file.
func (l *language) corpus(b testing.TB, x *Index, n int) {
	batch := x.Begin(b.Context())
	for i := 0; i < n; i += 10 {
		var texts []string
		for range min(10, n-i) {
			texts = append(texts, l.text(150+l.rng.IntN(100)))
		}
		id := strconv.Itoa(i)
		if err := batch.Put(FileState{Path: id + ".txt"}, []Document{doc(id, l.text(4), texts...)}); err != nil {
			b.Fatal(err)
		}
	}
	if err := batch.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkIndex indexes passages of about 200 words; making their texts is not counted.
//
//	go test -run - -bench Index -benchtime 1x ./index
func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				l := newLanguage(1)
				start := time.Now()
				for range n / 100 {
					l.text(200)
				}
				making := time.Since(start) * 100
				x := openNew(b)
				before := time.Now()
				l.corpus(b, x, n)
				b.ReportMetric(float64(n)/(time.Since(before)-making).Seconds(), "passages/s")
				b.ReportMetric(peakMB(), "peak-MB")
				b.ReportMetric(fileMB(b, x), "file-MB")
			}
		})
	}
}

// BenchmarkSearch asks 1,000 questions of 100,000 passages. TRYALL_BENCH_INDEX may name a folder in which the corpus is kept.
//
//	go test -run - -bench Search -benchtime 1x ./index
func BenchmarkSearch(b *testing.B) {
	const n = 100_000
	dir := os.Getenv("TRYALL_BENCH_INDEX")
	if dir == "" {
		dir = b.TempDir()
	}
	x := openAt(b, filepath.Join(dir, "tryall.db"))
	if s, err := x.Stats(b.Context()); err != nil || s.Passages != n {
		newLanguage(1).corpus(b, x, n)
	}
	for _, q := range []struct {
		name string
		make func(l *language) Query
	}{
		{"natural", func(l *language) Query { return Query{Text: l.question(), K: 5} }},
		{"snippets", func(l *language) Query { return Query{Text: l.question(), K: 20, Snippets: true, Why: true} }},
		{"long", func(l *language) Query { return Query{Text: l.text(40), K: 5} }},
		{"common", func(l *language) Query {
			return Query{Text: l.words[50+l.rng.IntN(50)] + " " + l.words[100+l.rng.IntN(20)], K: 5}
		}},
		{"filtered", func(l *language) Query { return Query{Text: l.question(), K: 5, Documents: "1*"} }},
	} {
		b.Run(q.name, func(b *testing.B) {
			for range b.N {
				l := newLanguage(7)
				var took []time.Duration
				for range 1000 {
					query := q.make(l)
					start := time.Now()
					mustSearch(b, x, query)
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(took[500].Seconds()*1000, "p50-ms")
				b.ReportMetric(took[950].Seconds()*1000, "p95-ms")
				b.ReportMetric(took[999].Seconds()*1000, "max-ms")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// peakMB is the largest that this process has been, where the system tells it as Linux does; else 0.
func peakMB() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kB, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.ParseFloat(kB, 64)
	return n / 1024
}

func fileMB(b *testing.B, x *Index) float64 {
	i, err := os.Stat(x.db.Path())
	if err != nil {
		b.Fatal(err)
	}
	return float64(i.Size()) / 1e6
}
