package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tryall/tryall/internal/kernel"
)

// A layer that was saved gives the same bits.
func TestSaved(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const out, in = 70, 33
	w, b, x := random(r, out*in), random(r, out), random(r, in)
	for _, name := range Precisions() {
		p, err := ParsePrecision(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Fuse(p, Dense{Out: out, In: in, Kind: "F32", W: bytesOf(w), Bias: b})
		if err != nil {
			t.Fatal(err)
		}
		file := slices.Concat(l.Save()...)
		mem := bytesOf(kernel.Floats(len(file) / 4))
		copy(mem, file)
		got, err := Saved(p, out, in, mem)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, is := NewMatrix(1, out), NewMatrix(1, out)
		input := Matrix{x, 1, in, in}
		l.ApplyInline(input, want, GELU)
		got.ApplyInline(input, is, GELU)
		for i, v := range want.Row(0) {
			if math.Float32bits(is.Row(0)[i]) != math.Float32bits(v) {
				t.Fatalf("%s: output %d is %g, was %g", name, i, is.Row(0)[i], v)
			}
		}
		if got.Bytes() != l.Bytes() || got.Narrow() != l.Narrow() {
			t.Errorf("%s: %d bytes, narrow %t; was %d, %t", name, got.Bytes(), got.Narrow(), l.Bytes(), l.Narrow())
		}
		for _, other := range Precisions() {
			q, err := ParsePrecision(other)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Saved(q, out, in, mem); (err == nil) != (p == q) {
				t.Errorf("a layer in %s read as %s: %v", p, q, err)
			}
		}
		if _, err := Saved(p, in, out, mem); err == nil {
			t.Errorf("%s: a layer of another shape is taken", name)
		}
		if _, err := Saved(p, out, in, mem[:64]); err == nil {
			t.Errorf("%s: a part of a layer is taken", name)
		}
	}
}
