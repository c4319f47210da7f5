package reader

import (
	"context"
	"testing"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

// FuzzRead: whatever the text, answers are what they say they are, and nothing panics.
func FuzzRead(f *testing.F) {
	f.Add("When was it dug?", "The harbour of Lindau was dug in 1811.", byte(0), byte(1), byte(30))
	f.Add("?", "\xff\xfe\x00 [CLS] <pad>\u2028\u00ad", byte(1), byte(3), byte(9))
	f.Add("İ", " \n\t\u3000", byte(2), byte(9), byte(0))
	f.Add("<cls>", "👩\u200d🚀\U000e0041 \xe2\x82", byte(4), byte(200), byte(255))
	var readers []*Reader
	for _, name := range tokenizers {
		for _, head := range []string{"span", "beam"} {
			readers = append(readers, newReader(f, &made{info: model.Info{Head: head}}, name, Options{}))
		}
	}
	f.Fuzz(func(t *testing.T, question, text string, decoder, topK, length byte) {
		p := Params{Decoder: Decoders[int(decoder)%len(Decoders)].Name}
		k, size, stride := int(topK)+1, int(length)+8, int(length)/8
		p.TopK, p.MaxSeqLen, p.DocStride = &k, &size, &stride
		for _, r := range readers {
			got, err := r.ReadEach(context.Background(), []qa.Task{ask(question, text)}, []Params{p})
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Err != nil {
				if qa.CodeOf(got[0].Err) != qa.Invalid {
					t.Fatal(got[0].Err)
				}
				continue
			}
			leftPadded := p.Decoder == "hf" && r.frame.context == 0
			for _, a := range append(got[0].Answers, got[0].Candidates...) {
				if a.Range.Of(text) != a.Text {
					t.Fatalf("%q is not %v of %q", a.Text, a.Range, text)
				}
				if !leftPadded && a.Text != "" && (!boundary(text, a.Range.Start) || !boundary(text, a.Range.End)) {
					t.Fatalf("%v splits a character of %q", a.Range, text)
				}
			}
		}
	})
}
