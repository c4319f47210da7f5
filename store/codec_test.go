package store

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"pgregory.net/rapid"
)

// Whoever adds a field to what is kept adds it to the form it is kept in, at its end, and here.
func TestCodecKnowsEveryField(t *testing.T) {
	for _, c := range []struct {
		of   any
		want string
	}{
		{eval.Result{}, "[Example ID Passage Document Golds HasAns Text HasBest Best BestExact BestF1 Confidence P HasNull NullOdds Exact F1 Windows Tokens Took Err]"},
		{qa.Answer{}, "[Text Doc Range Score StartLogit EndLogit Probability Gap P Hit Window]"},
		{qa.Range{}, "[Start End]"},
	} {
		var names []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(c.of)) {
			names = append(names, f.Name)
		}
		if fmt.Sprint(names) != c.want {
			t.Errorf("%T has the fields %v; the codec knows %v", c.of, names, c.want)
		}
	}
}

func anyFloat() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), math.SmallestNonzeroFloat64}))
}

func anyResult(t *rapid.T) eval.Result {
	texts := rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOf(rapid.String()))
	f, i, s, b := anyFloat(), rapid.Int(), rapid.String(), rapid.Bool()
	var p *float64
	if b.Draw(t, "calibrated") {
		p = new(f.Draw(t, "P"))
	}
	return eval.Result{
		BestF1: f.Draw(t, "bestf1"), P: p,
		Example: rapid.IntRange(0, math.MaxUint32).Draw(t, "example"), ID: s.Draw(t, "id"), Passage: i.Draw(t, "passage"), Document: i.Draw(t, "document"),
		Golds: texts.Draw(t, "golds"), HasAns: b.Draw(t, "has"), Text: s.Draw(t, "text"), HasBest: b.Draw(t, "hasbest"), Best: s.Draw(t, "best"),
		BestExact: f.Draw(t, "bestexact"), Confidence: f.Draw(t, "confidence"), HasNull: b.Draw(t, "hasnull"), NullOdds: f.Draw(t, "odds"),
		Exact: f.Draw(t, "exact"), F1: f.Draw(t, "f1"), Windows: i.Draw(t, "windows"), Tokens: i.Draw(t, "tokens"),
		Took: time.Duration(i.Draw(t, "took")), Err: s.Draw(t, "err"),
	}
}

func anySpans(t *rapid.T) Spans {
	f, i, s := anyFloat(), rapid.Int(), rapid.String()
	sp := Spans{Null: f.Draw(t, "null"), NullKind: qa.NullKind(s.Draw(t, "kind"))}
	if n := rapid.IntRange(-1, 5).Draw(t, "n"); n >= 0 {
		sp.Answers = make([]qa.Answer, n)
	}
	for k := range sp.Answers {
		a := qa.Answer{
			Text: s.Draw(t, "text"), Doc: qa.DocumentID(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "doc")), Range: qa.Range{Start: i.Draw(t, "start"), End: i.Draw(t, "end")},
			Score: f.Draw(t, "score"), StartLogit: f.Draw(t, "sl"), EndLogit: f.Draw(t, "el"), Probability: f.Draw(t, "p"), Gap: f.Draw(t, "gap"), Hit: i.Draw(t, "hit"), Window: i.Draw(t, "window"),
		}
		if rapid.Bool().Draw(t, "calibrated") {
			a.P = new(f.Draw(t, "P"))
		}
		sp.Answers[k] = a
	}
	return sp
}

// same compares to the last bit, in which NaN equals itself and 0 differs from -0.
func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case reflect.Slice:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func TestCodecReturnsWhatItWasGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, s := anyResult(t), anySpans(t)
		gotR, err := decodeResult(appendResult(nil, &r))
		if err != nil || !same(reflect.ValueOf(gotR), reflect.ValueOf(r)) {
			t.Fatalf("%+v became %+v, %v", r, gotR, err)
		}
		gotS, err := decodeSpans(appendSpans(nil, &s))
		if err != nil || !same(reflect.ValueOf(gotS), reflect.ValueOf(s)) {
			t.Fatalf("%+v became %+v, %v", s, gotS, err)
		}
	})
}

// What is damaged is an error or some value, never a crash.
func FuzzDecode(f *testing.F) {
	r := eval.Result{ID: "a", Golds: []string{"x", ""}, Text: "y"}
	f.Add(appendResult(nil, &r))
	f.Add(appendSpans(nil, &Spans{NullKind: qa.NullLogit, Answers: []qa.Answer{{Text: "x", Doc: "d", P: new(0.5)}}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := decodeResult(body); err == nil && len(body) > 0 {
			if back, err := decodeResult(appendResult(nil, &r)); err != nil || !same(reflect.ValueOf(back), reflect.ValueOf(r)) {
				t.Errorf("%+v, %v", back, err)
			}
		}
		if s, err := decodeSpans(body); err == nil && len(body) > 0 {
			if back, err := decodeSpans(appendSpans(nil, &s)); err != nil || !same(reflect.ValueOf(back), reflect.ValueOf(s)) {
				t.Errorf("%+v, %v", back, err)
			}
		}
	})
}

func TestNewerAndCutFormsAreTold(t *testing.T) {
	r := eval.Result{ID: "a long enough id", Text: "y"}
	body := appendResult(nil, &r)
	newer := append([]byte{codecVersion + 1}, body[1:]...)
	if _, err := decodeResult(newer); err == nil {
		t.Error("a newer form was read")
	}
	r.BestF1 = 12.5
	body = appendResult(nil, &r)
	older := body[:len(body)-9] // from before BestF1 and what follows it
	if got, err := decodeResult(older); err != nil || got.BestF1 != 0 || got.ID != r.ID || got.Text != r.Text {
		t.Errorf("an older form: %+v, %v", got, err)
	}
	if _, err := decodeResult(body[:10]); err == nil {
		t.Error("a form that ends within a text was read")
	}
}
