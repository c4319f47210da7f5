package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/tryall/tryall/eval"
)

// checkMarkdown renders the text as GitHub does and holds that nothing of it is markup that was not meant.
func checkMarkdown(t *testing.T, in Input) *html.Node {
	t.Helper()
	var text, page bytes.Buffer
	if err := Markdown(&text, in); err != nil {
		t.Fatal(err)
	}
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert(text.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<!-- raw HTML omitted -->") {
		t.Error("the text holds HTML")
	}
	doc, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	all(doc, func(n *html.Node) {
		if !slices.Contains(strings.Fields("html head body h1 h2 h3 p strong em ul li table thead tbody tr th td pre code"), n.Data) {
			t.Errorf("the text makes a <%s>: %.200s", n.Data, content(n))
		}
	})
	for _, line := range strings.Split(text.String(), "\n") {
		if strings.HasPrefix(line, "|") && !strings.HasSuffix(line, "|") {
			t.Errorf("a broken row: %s", line)
		}
	}
	return doc
}

// TestMarkdownEscapes holds that any text comes out as it went in, and as nothing but text.
func TestMarkdownEscapes(t *testing.T) {
	check := func(text string) error {
		text = strings.Join(strings.Fields(visible(text)), " ")
		var page bytes.Buffer
		source := "- " + md(text) + "\n\n| a | b |\n| --- | --- |\n| " + md(text) + " | x |\n"
		if err := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList)).Convert([]byte(source), &page); err != nil {
			return err
		}
		doc, err := html.Parse(&page)
		if err != nil {
			return err
		}
		item, cell := find(doc, "li"), find(find(doc, "tbody"), "td")
		if a, b := content(item), content(cell); a != text || b != text {
			return fmt.Errorf("%q became %q and %q", text, a, b)
		}
		all(doc, func(n *html.Node) {
			if !slices.Contains(strings.Fields("html head body ul li table thead tbody tr th td"), n.Data) {
				err = fmt.Errorf("%q made a <%s>", text, n.Data)
			}
		})
		return err
	}
	for _, text := range []string{"- a", "+ b", "* c", "1. d", "12) e", "# f", "> g", "a_b_c _d_ __e__", "*a* **b**", "`c` ``d``", "[x](y) ![x](y)", "~~a~~ ~b~", "<b>c</b> &amp; &lt;",
		"a | b || c", "\\ \\| \\\\", "$x$", "[ ] task", "=== ---", "---", "a\nb", "<!-- x -->", evil, "x_", "_x", "2026", "3.5 %"} {
		if err := check(text); err != nil {
			t.Error(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if err := check(rapid.StringMatching("[-+*_~`|<>&#=.()\\[\\]\\\\!$1a ]{1,24}").Draw(t, "text")); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMarkdown(t *testing.T) {
	in := everything(t)
	doc := checkMarkdown(t, in)
	text := content(doc)
	for _, want := range []string{"COVID-19 papers", "cannot be told apart", "Gate: failed", "dropped after 64 questions", "pick", "84.4 %", "two weeks", "tryall bakeoff tryall.yaml", "sha256:00ff"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q", want)
		}
	}
	tables := 0
	all(doc, func(n *html.Node) {
		if n.Data != "table" {
			return
		}
		tables++
		rows := 0
		all(find(n, "tbody"), func(c *html.Node) {
			if c.Data == "tr" {
				rows++
			}
		})
		if rows == 0 {
			t.Error("an empty table")
		}
	})
	if tables < 9 {
		t.Errorf("%d tables", tables)
	}
}

// TestLeaderboardCSV holds that the table says exactly what the bake-off says.
func TestLeaderboardCSV(t *testing.T) {
	in := everything(t)
	var b bytes.Buffer
	if err := LeaderboardCSV(&b, in); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, h := range rows[0] {
		column[h] = i
	}
	if len(column) != len(rows[0]) || len(rows) != 1+13+12 {
		t.Fatalf("%d columns, %d rows", len(column), len(rows))
	}
	for i, e := range in.Bakeoff.Models {
		row := rows[i+1]
		figure := func(name string) float64 {
			if row[column[name]] == "" {
				return 0
			}
			f, err := strconv.ParseFloat(row[column[name]], 64)
			if err != nil {
				t.Error(err)
			}
			return f
		}
		if row[column["contestant"]] != e.Contestant || figure("score") != e.Score || figure("score_hi") != e.ScoreCI[1] || figure("p95_ms") != e.P95 || figure("peak_bytes") != float64(e.PeakBytes) || row[column["failed"]] != e.Failed {
			t.Errorf("%v", row)
		}
		for _, m := range eval.Metrics {
			if figure(m.Name) != e.Metrics[m.Name] {
				t.Errorf("%s of %s", m.Name, e.Contestant)
			}
		}
		if e.Eliminated != nil && (figure("eliminated_after") != float64(e.Eliminated.After) || row[column["eliminated_by"]] != e.Eliminated.By) {
			t.Errorf("%v", row)
		}
	}
}

func TestQuestionsCSV(t *testing.T) {
	in := bakeoff(t, plan{models: 2, questions: 60, seed: 2})
	r := &in.Runs[eval.Oracle][0].Results[0]
	r.Text, r.Golds, r.HasAns, r.Err = "=HYPERLINK(\"x\")", []string{"-5 °C", "a\nb,\"c\""}, true, "@bad"
	in.Runs[eval.Oracle][0].Results[1].Text = "-5"
	in.Runs["unlabelled"] = []*eval.Run{{Contestant: "x", Results: []eval.Result{{Example: 99, ID: "u1", Text: "answer"}}}}
	var b bytes.Buffer
	if err := QuestionsCSV(&b, in); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+2*60+1 {
		t.Fatalf("%d rows", len(rows))
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	first := rows[1]
	if first[at("answer")] != "'=HYPERLINK(\"x\")" || first[at("right_answers")] != "'-5 °C\na\nb,\"c\"" || first[at("error")] != "'@bad" || rows[2][at("answer")] != "-5" {
		t.Errorf("%q", first)
	}
	last := rows[len(rows)-1]
	if last[at("mode")] != "unlabelled" || last[at("id")] != "u1" || last[at("question")] != "" || last[at("gap")] != "" {
		t.Errorf("%q", last)
	}
	n := 1
	for _, run := range in.Runs[eval.Oracle] {
		for i := range run.Results {
			r, row := &run.Results[i], rows[n]
			if row[at("contestant")] != run.Contestant || row[at("exact")] != fmt.Sprint(r.Exact) || row[at("f1")] != fmt.Sprint(r.F1) || row[at("number")] != fmt.Sprint(r.Example+1) || row[at("question")] != in.Data.Examples[r.Example].Text {
				t.Fatalf("row %d: %q", n, row)
			}
			if gap, err := strconv.ParseFloat(row[at("gap")], 64); err != nil || gap != r.Confidence {
				t.Errorf("row %d: gap %q, %v", n, row[at("gap")], err)
			}
			n++
		}
	}
}

// TestJSON holds that what was written reads back as the same bake-off.
func TestJSON(t *testing.T) {
	in := everything(t)
	var b bytes.Buffer
	if err := JSON(&b, in); err != nil {
		t.Fatal(err)
	}
	written := b.String()
	for what, into := range map[string]any{"report": &Document{Bakeoff: &eval.Bakeoff{}}, "bake-off": &eval.Bakeoff{}} {
		if err := json.Unmarshal([]byte(written), into); err != nil {
			t.Fatalf("as a %s: %v", what, err)
		}
		got, ok := into.(*eval.Bakeoff)
		if d, is := into.(*Document); is {
			got, ok = d.Bakeoff, d.Format == format && len(d.Gate) == 2 && d.Gate[0] == in.Gate[0] && strings.HasPrefix(d.Command, "tryall bakeoff") && d.Metrics["f1"] != ""
		}
		x, err := json.Marshal(in.Bakeoff)
		y, err2 := json.Marshal(got)
		if !ok || err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("as a %s it is another", what)
		}
	}
}

func TestWrite(t *testing.T) {
	in := bakeoff(t, plan{models: 2, questions: 60, seed: 5})
	dir := filepath.Join(t.TempDir(), "a", "b")
	list := func() (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	paths, err := Write(dir, in)
	if err != nil || len(paths) != 5 || paths[0] != filepath.Join(dir, "report.html") {
		t.Fatal(paths, err)
	}
	want := []string{"questions.csv", "report.csv", "report.html", "report.json", "report.md"}
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	// Again: the files are replaced, and what else is there stays.
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.Title = "The second"
	if _, err := Write(dir, in); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil || !bytes.Contains(page, []byte("The second")) {
		t.Error("not replaced", err)
	}
	if got := list(); !slices.Equal(got, append([]string{"notes.txt"}, want...)) {
		t.Errorf("%q", got)
	}
	// A report that cannot be made leaves the old one.
	bad := in
	bad.Bakeoff = &eval.Bakeoff{TookSeconds: 1}
	bad.Bakeoff.Saved = nan()
	if _, err := Write(dir, bad); err == nil {
		t.Error("written with a figure that JSON cannot hold")
	}
	if now, err := os.ReadFile(filepath.Join(dir, "report.html")); err != nil || !bytes.Equal(now, page) || len(list()) != 6 {
		t.Errorf("the old report was touched: %v, %q", err, list())
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

// TestWriteKeepsWhatIsNotAReport holds that questions.csv of a project is not replaced.
func TestWriteKeepsWhatIsNotAReport(t *testing.T) {
	in := bakeoff(t, plan{models: 1, questions: 3, seed: 5})
	for name, files := range map[string]map[string]string{
		"questions":     {"questions.csv": "question,answer\n"},
		"other json":    {"report.json": `{"a": 1}`, "report.md": "mine"},
		"no json":       {"report.json": `not json`},
		"other formats": {"report.json": `{"format": 3}`},
	} {
		dir := t.TempDir()
		for f, text := range files {
			if err := os.WriteFile(filepath.Join(dir, f), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Write(dir, in); err == nil || !strings.Contains(err.Error(), "not of a report") {
			t.Errorf("%s: %v", name, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != len(files) {
			t.Errorf("%s: %v, %v", name, entries, err)
		}
		for f, text := range files {
			if now, err := os.ReadFile(filepath.Join(dir, f)); err != nil || string(now) != text {
				t.Errorf("%s: %s is %q, %v", name, f, now, err)
			}
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "report.html"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, in); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Error(err)
	}
}

type fullDisk struct{ room int }

func (w *fullDisk) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func TestWritersTellThatTheyCouldNot(t *testing.T) {
	in := bakeoff(t, plan{models: 2, questions: 60, seed: 5})
	for _, f := range Files {
		for _, room := range []int{0, 100} {
			if err := f.Write(&fullDisk{room}, in); err == nil || !strings.Contains(err.Error(), "the disk is full") {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if err := f.Write(io.Discard, in); err != nil {
			t.Error(err)
		}
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{ // by hand
		score(71.3871, [2]float64{69.3, 73.5}): "71.4 ± 2.1", score(58.2, [2]float64{42, 74}): "58 ± 16", score(100, [2]float64{100, 100}): "100.0",
		score(99.987, [2]float64{99.94, 100}): "99.99 ± 0.03", share(33.33, 30): "33", share(33.33, 412): "33.3",
		millis(9.04): "9.0", millis(1234.6): "1,235", millis(0): "–", megabytes(90_400_000): "90", megabytes(1_500_000): "1.5", megabytes(0): "–",
		count(1234567): "1,234,567", count(-1000): "−1,000", count(999): "999", probability(0.2): "0.20", probability(0.0371): "0.037", probability(0.00331): "0.0033",
		probability(1e-9): "< 0.0001", withP(1e-9): "p < 0.0001", withP(0.0012): "p = 0.0012", fixed(-0.04, 1): "0.0", fixed(-3.21, 1): "−3.2", fixed(nan(), 1): "–",
		bracket([2]float64{-0.42, 3.94}): "−0.4 to 3.9", duration(9.87): "9.9 s", duration(74.2): "1 min 14 s", duration(7322): "2 h 2 min",
		signed(2.24, 1): "+2.2", signed(-2.24, 1): "−2.2", plural(1, "question"): "1 question", plural(1200, "question"): "1,200 questions",
		shellQuote("a/b@c:int8"): "a/b@c:int8", shellQuote("it's"): `'it'\''s'`, shellQuote(""): "''", short("abcdef", 4): "abc…", short("abcd", 4): "abcd",
		visible("a\tb\x00\x7f\u202e"): "a b␀\ufffd\ufffd", visible("\xff"): "\ufffd",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := roundUp(1234); got != 1300 {
		t.Error(got)
	}
	for _, c := range []struct {
		lo, hi float64
		log    bool
		want   string
	}{
		{0, 100, false, "0 20 40 60 80 100"}, {63.2, 81.9, false, "65 70 75 80"}, {8, 420, true, "10 20 50 100 200"}, {0.1, 0.5, false, "0.1 0.2 0.3 0.4 0.5"}, {5, 5, false, ""},
	} {
		var labels []string
		for _, tick := range (ticks{most: 6, log: c.log}).Ticks(c.lo, c.hi) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("ticks of %v to %v: %s", c.lo, c.hi, got)
		}
	}
}

// TestLabels holds that contestants are told apart by their short names, and by hue and shape together.
func TestLabels(t *testing.T) {
	b := &eval.Bakeoff{}
	for _, x := range [][3]string{{"a/m", "r1", "fp32"}, {"a/m", "r1", "int8"}, {"b/n", "r1", "fp32"}, {"c/n", "r1", "fp32"}, {"d/o", "1111111111", "fp32"}, {"d/o", "2222222222", "fp32"}} {
		b.Models = append(b.Models, eval.Entrant{Standing: eval.Standing{Contestant: x[0] + "@" + x[1] + ":" + x[2]}, ID: x[0], Revision: x[1], Precision: x[2]})
	}
	v := newView(Input{Bakeoff: b})
	want := []string{"m fp32", "m int8", "b/n fp32", "c/n fp32", "d/o@1111111 fp32", "d/o@2222222 fp32"}
	for i, name := range v.names.Full() {
		if got := v.called(name); got != want[i] {
			t.Errorf("%s is called %s, want %s", name, got, want[i])
		}
	}
	if got := v.said("a/m@r1:fp32 and b/n@r1:fp32, unlike x@y:fp32."); got != "m fp32 and b/n fp32, unlike x@y:fp32." {
		t.Error(got)
	}
	if got := v.list(v.names.Full()[:3]); got != "m fp32, m int8 and b/n fp32" {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[ab\x{202e}\x00]{1,2}`)
		b := &eval.Bakeoff{}
		names := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			e := eval.Entrant{ID: part.Draw(t, "owner") + "/" + part.Draw(t, "name"), Revision: part.Draw(t, "revision"), Precision: rapid.SampledFrom([]string{"fp32", "int8"}).Draw(t, "precision")}
			e.Contestant = e.ID + "@" + e.Revision + ":" + e.Precision
			if v := visible(e.Contestant); !names[v] {
				names[v] = true
				b.Models = append(b.Models, e)
			}
		}
		labels := map[string]bool{}
		v := newView(Input{Bakeoff: b})
		for _, n := range v.names.Full() {
			labels[v.called(n)] = true
		}
		if len(labels) != len(b.Models) {
			t.Fatalf("%d names for %d contestants: %v", len(labels), len(b.Models), labels)
		}
	})
	looks := map[string]bool{}
	for i := range 48 {
		looks[fmt.Sprint(hue(i), shapeOf(i))] = true
	}
	if len(looks) != 48 {
		t.Errorf("%d looks of 48 contestants", len(looks))
	}
}
