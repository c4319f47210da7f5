package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/tryall/tryall/eval"
)

// parsePage renders a report and holds what every page must be: whole, without script, style attributes or anything from
// elsewhere, with names on what is only drawn.
func parsePage(t *testing.T, in Input) *html.Node {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, in); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if r != '\n' && needsSign(r) {
			t.Errorf("the page holds %U", r)
			break
		}
	}
	ids, refs := map[string]int{}, []string{}
	level := 0
	all(doc, func(n *html.Node) {
		checkElement(t, n)
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				ids[a.Val]++
			case "href", "aria-labelledby":
				refs = append(refs, strings.Fields(strings.TrimPrefix(a.Val, "#"))...)
			}
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			now := int(n.Data[1] - '0')
			if now > level+1 {
				t.Errorf("a heading of level %d follows one of %d: %s", now, level, content(n))
			}
			level = now
		}
	})
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %s is there %d times", id, n)
		}
	}
	for _, ref := range refs {
		if ids[ref] == 0 {
			t.Errorf("nothing has the id %s", ref)
		}
	}
	return doc
}

var mayStand = strings.Fields("html head meta title style body a header main nav section p h1 h2 h3 dl div dt dd ul ol li span code pre table thead tbody tr th td small abbr b i br bdi figure figcaption svg desc path text g")

func checkElement(t *testing.T, n *html.Node) {
	t.Helper()
	if !slices.Contains(mayStand, n.Data) {
		t.Errorf("the page has a <%s>", n.Data)
	}
	has := map[string]string{}
	for _, a := range n.Attr {
		has[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
		}
		if a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
			t.Errorf("<%s> points to %q", n.Data, a.Val)
		}
	}
	switch n.Data {
	case "style":
		if css := content(n); strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, "//") {
			t.Error("the style sheet points elsewhere")
		}
	case "svg":
		if has["aria-hidden"] != "true" && (has["role"] != "img" || find(n, "title") == nil || find(n, "desc") == nil || content(find(n, "desc")) == "") {
			t.Errorf("a picture without words: %v", n.Attr)
		}
	case "table":
		heads := 0
		all(find(n, "thead"), func(c *html.Node) {
			if c.Data == "th" {
				heads++
				if content(c) == "" {
					t.Error("an empty head in a table")
				}
				if !slices.Contains(c.Attr, html.Attribute{Key: "scope", Val: "col"}) {
					t.Errorf("a head without scope: %s", content(c))
				}
			}
		})
		all(find(n, "tbody"), func(c *html.Node) {
			if c.Data == "tr" && width(c) != heads {
				t.Errorf("a row of %d cells under %d heads: %s", width(c), heads, content(c))
			}
		})
	}
}

// width is the number of columns that a row fills.
func width(row *html.Node) (n int) {
	for c := range row.ChildNodes() {
		if c.Type != html.ElementNode {
			continue
		}
		span := 1
		for _, a := range c.Attr {
			if a.Key == "colspan" {
				span, _ = strconv.Atoi(a.Val)
			}
		}
		n += span
	}
	return n
}

func all(n *html.Node, f func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := range n.ChildNodes() {
		all(c, f)
	}
}

func find(n *html.Node, name string) (found *html.Node) {
	all(n, func(c *html.Node) {
		if c.Data == name && found == nil {
			found = c
		}
	})
	return found
}

func byID(n *html.Node, id string) (found *html.Node) {
	all(n, func(c *html.Node) {
		if slices.Contains(c.Attr, html.Attribute{Key: "id", Val: id}) {
			found = c
		}
	})
	return found
}

func content(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestPageHoldsEverything(t *testing.T) {
	in := everything(t)
	doc := parsePage(t, in)
	text := content(find(doc, "main"))
	for _, want := range []string{
		"cannot be told apart", "Gate: failed", "✓ passed f1 >= 70", "✗ failed p95_ms <= 20", "3 answers do not stand in the context",
		"dropped after 64 questions: 16.3 F1 behind minilm-l6-squad2 (p = 0.0012)", "failed: load broken/model: model.safetensors: tensor qa_outputs.weight is missing",
		"Quality against latency", "The race", "Wrong answers (risk) against answered questions (coverage)", "at most 5 % wrong", "labels needed",
		"among the first 5 for 84.4 %", "120 questions have no label", "two weeks", "352 more questions and 4 more contestants are in questions.csv",
		"tryall bakeoff tryall.yaml --decoder gap --seed 1", "sha256:00ff00ff", "84 documents, 2,310 passages", "max_seq_len=384", "avx2", "v0.5.0",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	board := byID(doc, "round-oracle")
	for _, e := range in.Bakeoff.Models {
		if name := newView(in).called(e.Contestant); !strings.Contains(content(board), name) {
			t.Errorf("%s is not on the leaderboard", name)
		}
		if !strings.Contains(text, e.Revision) {
			t.Errorf("the revision of %s is not told", e.Contestant)
		}
	}
	if first := content(find(find(doc, "main"), "p")); !strings.HasPrefix(first, "With the decoder gap, minilm-l6-squad2") {
		t.Errorf("the page begins with %q, not with the verdict", first)
	}
	if strings.Index(text, "Leaderboard") < strings.Index(text, "Gate") {
		t.Error("the gate comes late")
	}
}

// TestMeans holds that a race's own decisions are told, and Holm's where there was no race.
func TestMeans(t *testing.T) {
	entrant := func(name string, after int) eval.Entrant {
		e := eval.Entrant{Standing: eval.Standing{Contestant: name}}
		if after > 0 {
			e.Eliminated = &eval.Elimination{After: after}
		}
		return e
	}
	r := eval.Round{Metric: "f1", Models: []eval.Entrant{entrant("a", 0), entrant("b", 0), entrant("c", 32)}}
	lower := r
	lower.Metric = "wrong_rate"
	for _, c := range []struct {
		full bool
		r    *eval.Round
		c    eval.Comparison
		want string
	}{
		{false, &r, eval.Comparison{A: "a", B: "b", Diff: 9, PHolm: 0.001}, "a tie"},
		{false, &r, eval.Comparison{A: "a", B: "c", Diff: 9, PHolm: 0.9}, "A is better"},
		{false, &r, eval.Comparison{A: "c", B: "a", Diff: 9, PHolm: 0.9}, "B is better"},
		{true, &r, eval.Comparison{A: "a", B: "b", Diff: 9, PHolm: 0.001}, "A is better"},
		{true, &r, eval.Comparison{A: "a", B: "b", Diff: -9, PHolm: 0.001}, "B is better"},
		{true, &r, eval.Comparison{A: "a", B: "b", Diff: 9, PHolm: 0.05}, "a tie"},
		{true, &lower, eval.Comparison{A: "a", B: "b", Diff: 9, PHolm: 0.001}, "B is better"},
		{true, &lower, eval.Comparison{A: "a", B: "b", Diff: -9, PHolm: 0.001}, "A is better"},
	} {
		v := &view{in: Input{Bakeoff: &eval.Bakeoff{Spec: eval.Spec{Full: c.full}}}}
		if got := v.means(c.r, c.c); got != c.want {
			t.Errorf("%+v: %s, want %s", c.c, got, c.want)
		}
	}
}

// TestPlotsAreXML holds that a plot can stand alone, and that its colours are classes.
func TestPlotsAreXML(t *testing.T) {
	in := everything(t)
	for _, mode := range in.Bakeoff.Spec.Modes {
		figures := Figures(in, mode)
		if len(figures) != 3 {
			t.Fatalf("%d figures", len(figures))
		}
		for _, f := range figures {
			for _, svg := range []string{string(f.Wide), string(f.Narrow)} {
				d := xml.NewDecoder(strings.NewReader(svg))
				paths := 0
				for {
					token, err := d.Token()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatalf("%s: %v", f.ID, err)
					}
					if e, ok := token.(xml.StartElement); ok && (e.Name.Local == "path" || e.Name.Local == "text") {
						paths++
						for _, a := range e.Attr {
							if a.Name.Local == "class" && !regexp.MustCompile(`^[fl]-(text|mute|line|grid|page|m[0-7])$`).MatchString(a.Value) || a.Name.Local == "fill" || a.Name.Local == "stroke" {
								t.Errorf("%s: %s=%q", f.ID, a.Name.Local, a.Value)
							}
							if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
								t.Errorf("%s: %s=%q", f.ID, a.Name.Local, a.Value)
							}
						}
					}
				}
				if paths < 20 {
					t.Errorf("%s has %d marks", f.ID, paths)
				}
			}
		}
	}
	if Figures(in, "none") != nil {
		t.Error("figures of a mode that is not there")
	}
}

const evil = `</script><script>alert(1)</script>"><img src=x onerror=alert(1)> <!-- {{.}} ]]> gnp.exe` + "\x00\x07\x1b[31m\u202e\u2066"

// TestHostileText holds that whatever comes from outside is shown and nothing else.
func TestHostileText(t *testing.T) {
	in := bakeoff(t, plan{models: 3, questions: 80, seed: 3,
		name:     func(i int) (id, revision, precision string) { return fmt.Sprint(evil, i), evil, "fp32" },
		question: func(int) string { return evil },
	})
	b := in.Bakeoff
	in.Title, in.Description, in.Command = evil, evil, evil
	in.Gate = []Verdict{{Limit: evil, Reason: evil}}
	b.Verdict, b.Stopped, b.Warnings = evil, evil, []string{evil}
	b.Models[1].License, b.Models[2].Failed = evil, evil
	b.Models[0].Eliminated = &eval.Elimination{After: 3, By: evil}
	b.Run, b.Spec.Version, b.Spec.Kernel, b.Spec.Params = evil, evil, evil, map[string]string{evil: evil}
	b.Spec.Data, b.Spec.Corpus = []eval.Source{{Name: evil, Digest: evil}}, &eval.Source{Name: evil}
	b.Retrieval = &eval.Retrieval{Retriever: evil, Questions: 3, RecallAt: map[string]float64{evil: 3}, Models: map[string]eval.Breakdown{evil: {N: 3}}}
	b.Disagreement = &eval.Disagreement{Questions: 3, Agreement: []eval.PairAgreement{{A: evil, B: evil}}, Top: []eval.SplitQuestion{{Text: evil, Answers: map[string][]string{evil: {evil}}}}}
	for _, r := range in.Runs[b.Mode] {
		for i := range r.Results {
			r.Results[i].Text, r.Results[i].Best, r.Results[i].Golds, r.Results[i].ID = evil, evil, []string{evil}, evil
		}
		r.Results[0].Err = evil
	}
	doc := parsePage(t, in)
	if n := strings.Count(content(doc), "<script>alert(1)</script>"); n < 30 {
		t.Errorf("the text is shown %d times", n)
	}
	checkMarkdown(t, in)
}

// TestThinInput holds that a report says what there is, however little.
func TestThinInput(t *testing.T) {
	failed := bakeoff(t, plan{models: 3, questions: 60, seed: 4})
	for i := range failed.Bakeoff.Models {
		e := &failed.Bakeoff.Models[i]
		*e = eval.Entrant{Standing: eval.Standing{Contestant: e.Contestant}, ID: e.ID, Failed: "out of memory"}
	}
	failed.Bakeoff.Winner, failed.Bakeoff.Pick, failed.Bakeoff.Tied, failed.Bakeoff.Verdict, failed.Bakeoff.Comparisons, failed.Runs = "", "", nil, "", nil, nil
	odd := bakeoff(t, plan{models: 2, questions: 60, seed: 4})
	odd.Data, odd.Order = nil, nil
	for i := range odd.Bakeoff.Models {
		e := &odd.Bakeoff.Models[i]
		e.P50, e.P95, e.PeakBytes, e.Metrics, e.Curve, e.ScoreCI = 0, 0, 0, nil, nil, [2]float64{}
	}
	for name, c := range map[string]struct {
		in   Input
		want []string
	}{
		"nothing":        {Input{Bakeoff: &eval.Bakeoff{}}, []string{"Bake-off of 0 contestants", "There are no labelled questions"}},
		"no questions":   {bakeoff(t, plan{models: 2, seed: 1}), []string{"There are no labelled questions"}},
		"one question":   {bakeoff(t, plan{models: 2, questions: 1, seed: 1}), []string{"Not enough labels: 1"}},
		"one contestant": {bakeoff(t, plan{models: 1, questions: 120, seed: 1}), []string{"there is nothing to compare it with", "Nobody was dropped"}},
		"one of each":    {bakeoff(t, plan{models: 1, questions: 1, seed: 1}), []string{"Bake-off of 1 contestant over 1 question"}},
		"few labels":     {bakeoff(t, plan{models: 3, questions: 30, seed: 1}), []string{"Not enough labels: 30, and thresholds need 50"}},
		"all failed":     {failed, []string{"No contestant finished", "failed: out of memory", "3 failed"}},
		"not measured":   {odd, []string{"Leaderboard", "q00"}},
	} {
		t.Run(name, func(t *testing.T) {
			doc := parsePage(t, c.in)
			text := content(find(doc, "body"))
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("the page does not say %q: %.400s", want, text)
				}
			}
			checkMarkdown(t, c.in)
			for _, f := range Files {
				if err := f.Write(io.Discard, c.in); err != nil {
					t.Errorf("%s: %v", f.Name, err)
				}
			}
			for _, odd := range []string{"NaN", "Inf", "%!", "<nil>"} {
				if strings.Contains(text, odd) {
					t.Errorf("the page says %s", odd)
				}
			}
		})
	}
}

// TestMany holds that 500 contestants make a page that can still be read, which says what it leaves out.
func TestMany(t *testing.T) {
	in := many(500, 60)
	var b bytes.Buffer
	if err := HTML(&b, in); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 3<<20 {
		t.Errorf("the page has %d bytes", b.Len())
	}
	text := content(find(parsePage(t, in), "body"))
	for _, want := range []string{"400 more contestants are in report.csv", "grey: 60 of 492 others", "492 more contestants", "459 more pairs are in report.json"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// many makes up a full race without statistics, which would take long.
func many(models, questions int) Input {
	p := plan{models: models, questions: questions, seed: 9, name: plainName, full: true}
	in := Input{Data: dataset(p), Runs: map[string][]*eval.Run{}, Order: map[string][]int{}}
	r := eval.Round{Mode: eval.Oracle, Metric: "f1", Decoder: "gap", Questions: questions}
	for i := range questions {
		in.Order[r.Mode] = append(in.Order[r.Mode], (i*7)%questions)
	}
	f1, _ := eval.MetricByName("f1")
	for m := range models {
		id, revision, precision := plainName(m)
		run := &eval.Run{Contestant: fmt.Sprintf("%s@%s:%s", id, revision, precision)}
		for i := range questions {
			exact := 0.0
			if (i*models+m*7)%(m+3) > m/3 {
				exact = 100
			}
			run.Results = append(run.Results, eval.Result{Example: i, ID: in.Data.Examples[i].ID, Golds: []string{"x"}, HasAns: true, Text: fmt.Sprint("answer ", m%3), Exact: exact, F1: exact, HasBest: true})
		}
		s, _ := f1.Of(run.Results)
		in.Runs[r.Mode] = append(in.Runs[r.Mode], run)
		r.Models = append(r.Models, eval.Entrant{Standing: eval.Standing{Contestant: run.Contestant, Rank: m + 1, N: questions, Score: s, ScoreCI: [2]float64{s - 3, s + 3}, P50: 10 + float64(m), P95: 20 + float64(m), PeakBytes: int64(1e8 + 1e6*m)},
			ID: id, Revision: revision, Precision: precision, Metrics: map[string]float64{"f1": s, "exact": s}})
		if m > 0 {
			r.Comparisons = append(r.Comparisons, eval.Comparison{A: r.Models[0].Contestant, B: run.Contestant, N: questions, Diff: float64(m) / 9, CI: [2]float64{-1, float64(m)}, P: 0.2, PHolm: 1, Needed: 1e9})
		}
	}
	r.Winner, r.Tied, r.Pick = r.Models[0].Contestant, []string{r.Models[0].Contestant}, r.Models[0].Contestant
	in.Bakeoff = &eval.Bakeoff{Round: r}
	return in
}

// TestContrast holds the palette to WCAG 2.1: 4.5:1 for text and 3:1 for what is drawn, in light and in dark.
func TestContrast(t *testing.T) {
	luminance := func(hex string) float64 {
		l := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				l += weight * c / 12.92
			} else {
				l += weight * math.Pow((c+0.055)/1.055, 2.4)
			}
		}
		return l
	}
	contrast := func(a, b string) float64 {
		x, y := luminance(a), luminance(b)
		return (max(x, y) + 0.05) / (min(x, y) + 0.05)
	}
	if got := contrast("#ffffff", "#767676"); math.Abs(got-4.54) > 0.01 { // the well-known grey
		t.Fatalf("white on #767676: %.3f", got)
	}
	light, dark := map[string]string{}, map[string]string{}
	for _, c := range tokens {
		light[c.name], dark[c.name] = c.light, c.dark
	}
	hueCount := 0
	for name := range light {
		least := 4.5
		switch {
		case name == "page" || name == "panel" || name == "grid":
			continue
		case name[0] == 'm' && len(name) == 2:
			hueCount++
			least = 3
		case name == "line":
			least = 3
		}
		for i, scheme := range []map[string]string{light, dark} {
			for _, ground := range []string{"page", "panel"} {
				if got := contrast(scheme[name], scheme[ground]); got < least {
					t.Errorf("%s on %s, scheme %d: %.2f, wanted %.1f", name, ground, i, got, least)
				}
			}
		}
	}
	if hueCount != hues {
		t.Errorf("%d hues", hueCount)
	}
}

// TestStyle holds that every class of the page is in the style sheet or needs no rule.
func TestStyle(t *testing.T) {
	css := Style()
	if strings.Count(css, "{") != strings.Count(css, "}") || strings.Contains(css, "%!") || !strings.Contains(css, "prefers-color-scheme:dark") || !strings.Contains(css, "@media print") {
		t.Error("the style sheet is broken")
	}
	for _, m := range regexp.MustCompile(`var\(--(\w+)\)`).FindAllStringSubmatch(css, -1) {
		if !strings.Contains(css, "--"+m[1]+":#") {
			t.Errorf("--%s is used and not set", m[1])
		}
	}
}

// TestAtOnce holds that several pages can be made at the same time, and come out the same.
func TestAtOnce(t *testing.T) {
	in := everything(t)
	pages := make([]bytes.Buffer, 4)
	var wg sync.WaitGroup
	for i := range pages {
		wg.Go(func() {
			if err := HTML(&pages[i], in); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range pages {
		if !bytes.Equal(pages[i].Bytes(), pages[0].Bytes()) {
			t.Error("two pages of the same differ")
		}
	}
}
