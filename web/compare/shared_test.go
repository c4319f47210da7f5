package compare

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// says is the card of a model that answers with a stretch of a text, the hue-th that was chosen.
func says(hue int, doc, text, answer string) *ui.Card {
	at := strings.Index(text, answer)
	return &ui.Card{Label: fmt.Sprintf("m%d", hue), Hue: hue, Where: doc, Result: &workbench.Result{Prediction: answer}, Spot: ui.Spot{Doc: doc, Range: qa.Range{Start: at, End: at + len(answer)}, Text: text}}
}

// drawn writes passages as text: lines as <number lane …>, ends as ^numbers, dimmed text in ( ).
func drawn(t together) (out []string) {
	for _, p := range t.Passages {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %d/%d: ", p.Where, p.Models, p.Lanes)
		for _, x := range p.Pieces {
			for _, l := range x.Lines {
				fmt.Fprintf(&b, "<%d.%d ", l.Number, l.Lane)
			}
			if x.Kind == ui.PieceSentence {
				b.WriteString(x.Text)
			} else {
				b.WriteString("(" + x.Text + ")")
			}
			b.WriteString(strings.Repeat(">", len(x.Lines)))
			for _, s := range x.Ending {
				fmt.Fprintf(&b, "^%d", s.Number)
			}
		}
		out = append(out, b.String())
	}
	return out
}

// TestSharedOverPages: answers on several pages in one stretch name the pages of all, in the order of the text.
func TestSharedOverPages(t *testing.T) {
	const text = "First. It ends on 31 March 2027 here. Last."
	r := results{Cards: []*ui.Card{says(0, "", text, "Last"), says(1, "", text, "31 March 2027"), says(2, "", text, "March 2027")}}
	r.Cards[0].Where, r.Cards[1].Where, r.Cards[2].Where = "page 3", "page 1", "page 1"
	if got := r.Shared(); len(got.Passages) != 1 || got.Passages[0].Where != "page 1; page 3" {
		t.Errorf("%+v", got.Passages)
	}
}

func TestShared(t *testing.T) {
	const text = "First. It ends on 31 March 2027 here. Last."
	silent := says(4, "", text, "31 March")
	silent.Result.Abstained = true
	failed := &ui.Card{Hue: 5, Err: qa.Errorf(qa.BrokenModel, "it is broken")}
	r := results{Cards: []*ui.Card{says(2, "", text, "March 2027 here"), silent, says(0, "", text, "31 March 2027"), failed, says(1, "", text, "31 March 2027"), says(3, "", text, "First"), {Hue: 6, Busy: true}}}
	got := r.Shared()
	// 1 and 2 give the same, 3 begins within it and ends behind it: three lines; 4 stands alone, so that its line is the first again.
	want := " 4/3: <4.0 First>^4.( )It ends on <2.1 <1.0 31 >><3.2 <2.1 <1.0 March 2027>>>^1^2<3.2  here>^3.( Last.)"
	if lines := drawn(got); len(lines) != 1 || lines[0] != want {
		t.Errorf("%q, not %q", lines, want)
	}
	if len(got.Signed) != 4 || got.Signed[1].Label != "m1" || len(got.Silent) != 1 {
		t.Errorf("%+v", got)
	}
	if empty := (&results{Cards: []*ui.Card{silent, failed}}).Shared(); len(empty.Passages) != 0 || len(empty.Signed) != 0 {
		t.Errorf("%+v", empty)
	}
}

// TestSharedCorpus: each passage that was answered from stands once, that of most models first; what lies far apart is cut.
func TestSharedCorpus(t *testing.T) {
	filler := strings.Repeat("Nothing is said here at all. ", 60)
	far := "It begins on 1 April. " + filler + "It ends on 31 March. " + filler
	r := results{Cards: []*ui.Card{says(0, "a.txt", "It ends in May.", "May"), says(1, "b.txt", far, "1 April"), says(2, "b.txt", far, "31 March"), says(3, "b.txt", far, "31 March")}}
	got := drawn(r.Shared())
	if len(got) != 3 || !strings.HasPrefix(got[0], "b.txt 2/2: (… )(") || !strings.Contains(got[0], "It ends on <4.1 <3.0 31 March>>^3^4.(") || !strings.HasSuffix(got[0], ")( …)") {
		t.Fatalf("%q", got)
	}
	if got[1] != "a.txt 1/1: It ends in <1.0 May>^1." || !strings.HasPrefix(got[2], "b.txt 1/1: It begins on <2.0 1 April>^2.(") {
		t.Errorf("%q", got[1:])
	}
	if len(got[0]) > 700 {
		t.Errorf("%d bytes are shown", len(got[0]))
	}
}

// TestSharedMany: beyond six lines the numbers alone are there, all of them.
func TestSharedMany(t *testing.T) {
	var r results
	for i := range 9 {
		r.Cards = append(r.Cards, says(i, "", "It ends in May.", "May"))
	}
	got := drawn(r.Shared())
	if got[0] != " 9/6: It ends in <6.5 <5.4 <4.3 <3.2 <2.1 <1.0 May>>>>>>^1^2^3^4^5^6^7^8^9." {
		t.Errorf("%q", got)
	}
}
