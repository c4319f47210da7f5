package questions

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSafeCSV: what a spreadsheet would run gets an apostrophe, in the names of columns as well, and every cell stands in quotes. What
// is given otherwise is as it was.
func TestSafeCSV(t *testing.T) {
	s := mustRead(t, "x.jsonl", `{"id": "-1", "question": "=1+1", "answers": ["@SUM(A1)", "1;=2", "+49 30"], "=note": "\tx"}
{"id": "b", "question": "Who \"is\" it - she?", "answers": ["'tis", "\r=1", "＝1"], "context": "-x"}
`)
	const want = `"id","question","answer","answer2","answer3","context","'=note"
"'-1","'=1+1","'@SUM(A1)","1;=2","'+49 30","","'	x"
"b","Who ""is"" it - she?","'tis","'` + "\r" + `=1","'＝1","'-x",""
`
	var b bytes.Buffer
	if err := WriteSafeCSV(&b, s); err != nil || b.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, b.String(), want)
	}
	// an apostrophe that was put is read as one that the text had
	if got := mustRead(t, "x.csv", b.String()).Items[0].Text; got != "'=1+1" {
		t.Errorf("%q", got)
	}
	b.Reset()
	if err := WriteCSV(&b, s); err != nil || mustRead(t, "x.csv", b.String()).Items[0].Text != "=1+1" {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestSafeCellsAreThose: each cell is that of the other table, or has an apostrophe more, and none begins as a formula does.
func TestSafeCellsAreThose(t *testing.T) {
	seen := map[bool]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		s := anySet(rt)
		for i := range s.Items {
			s.Items[i].Text = rapid.SampledFrom([]string{"", "=", "+", "-", "@", "＋", "－", "＠"}).Draw(rt, "begins") + s.Items[i].Text
		}
		var tables [2][][]string
		for i, write := range []Export{Exports[2], {Write: WriteSafeCSV}} {
			var b bytes.Buffer
			if err := write.Write(&b, s); err != nil {
				rt.Fatal(err)
			}
			var err error
			if tables[i], err = csv.NewReader(&b).ReadAll(); err != nil {
				rt.Fatal(err)
			}
		}
		for i, row := range tables[1] {
			for k, cell := range row {
				was := tables[0][i][k]
				apostrophe := cell == "'"+was
				if cell != was && !apostrophe || slices.ContainsFunc([]string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}, func(b string) bool { return strings.HasPrefix(cell, b) }) {
					rt.Fatalf("%q, without care %q", cell, was)
				}
				seen[apostrophe] = true
			}
		}
	})
	if len(seen) < 2 {
		t.Error("no cell was one that matters")
	}
}

func TestExportOf(t *testing.T) {
	for _, c := range []struct {
		name      string
		safe      bool
		want, err string
	}{
		{"", false, ".json", ""}, {"csv", false, ".csv", ""}, {"csv", true, ".safe.csv", ""}, {"jsonl", true, "", "only csv"}, {"", true, "", "only csv"}, {"pdf", false, "", `format is "pdf"`},
	} {
		e, err := ExportOf(c.name, c.safe)
		if e.Extension != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q, %v: %q, %v", c.name, c.safe, e.Extension, err)
		}
	}
}
