package weights

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const regenerate = "regenerate with: python scripts/reference/weights.py"

// TestGolden reads every checkpoint that the reference wrote and compares with what the reference reads in it.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases map[string]struct {
			Format  string
			Tensors map[string]struct {
				Type    string
				Shape   []int
				Data    []byte
				Float32 []byte
			}
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	folders, _ := filepath.Glob("testdata/*/*.index.json")
	files, _ := filepath.Glob("testdata/*/*")
	if len(files)-len(folders) < len(golden.Cases) || len(golden.Cases) == 0 {
		t.Fatalf("%d files for %d cases; %s", len(files), len(golden.Cases), regenerate)
	}
	for name, c := range golden.Cases {
		t.Run(name, func(t *testing.T) {
			s, err := Open(os.DirFS(filepath.Join("testdata", name)))
			if err != nil {
				t.Fatalf("%v; %s", err, regenerate)
			}
			defer s.Close()
			if s.Format() != c.Format {
				t.Errorf("format %q, want %q", s.Format(), c.Format)
			}
			if len(s.Names()) != len(c.Tensors) {
				t.Errorf("%d tensors, want %d", len(s.Names()), len(c.Tensors))
			}
			for name, want := range c.Tensors {
				got, ok := s.Get(name)
				if !ok {
					t.Errorf("no tensor %q", name)
					continue
				}
				if got.Name != name || got.Type.String() != want.Type || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
					t.Errorf("%s: %s %v %x, want %s %v %x", name, got.Type, got.Shape, got.Data, want.Type, want.Shape, want.Data)
				}
				checkFloats(t, got, want.Float32)
			}
		})
	}
}

// checkFloats compares bit by bit; a NaN is a NaN.
func checkFloats(t *testing.T, got Tensor, want []byte) {
	t.Helper()
	f := make([]float32, got.Len())
	err := got.Float32s(f)
	if want == nil {
		if got.Type != F32 && (err == nil || !isUnsupported(err)) {
			t.Errorf("%s: converted from %s: %v", got.Name, got.Type, err)
		}
		return
	}
	if err != nil {
		t.Error(err)
		return
	}
	w := make([]float32, len(want)/4)
	if err := (Tensor{Type: F32, Shape: []int{len(w)}, Data: want}).Float32s(w); err != nil {
		t.Fatal(err)
	}
	for i := range w {
		if math.Float32bits(f[i]) != math.Float32bits(w[i]) && !(f[i] != f[i] && w[i] != w[i]) {
			t.Errorf("%s[%d] = %g, want %g", got.Name, i, f[i], w[i])
		}
	}
}

// TestHalf checks every half against its definition: (-1)^sign * 2^(exponent-15) * 1.fraction.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		exponent, fraction := h>>10&31, float64(h&1023)
		var want float64
		switch exponent {
		case 0:
			want = math.Ldexp(fraction, -24)
		case 31:
			want = math.Inf(1)
			if fraction != 0 {
				want = math.NaN()
			}
		default:
			want = math.Ldexp(1024+fraction, exponent-25)
		}
		want = math.Copysign(want, 0.5-float64(h>>15))
		got := float64(half(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != math.Signbit(want) && !math.IsNaN(got) {
			t.Fatalf("half(%#04x) = %g, want %g", h, got, want)
		}
	}
}

// TestNoCopy checks that contiguous tensors of a PyTorch file are parts of the file itself, and that tied ones are one.
func TestNoCopy(t *testing.T) {
	for _, dir := range []string{"testdata/zip-views", "testdata/legacy-views"} {
		s, err := Open(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		base, _ := s.Get("base")
		tied, _ := s.Get("tied")
		rows, _ := s.Get("rows")
		if &base.Data[0] != &tied.Data[0] || &base.Data[6*4] != &rows.Data[0] {
			t.Errorf("%s: the views of one storage are apart", dir)
		}
		file := s.files[0].data
		at := bytes.Index(file, base.Data)
		if at < 0 || &file[at] != &base.Data[0] {
			t.Errorf("%s: a contiguous tensor was copied", dir)
		}
		s.Close()
	}
}

func TestFloat32sLength(t *testing.T) {
	x := Tensor{Name: "x", Type: F32, Shape: []int{2}, Data: make([]byte, 8)}
	if err := x.Float32s(make([]float32, 3)); err == nil {
		t.Error("no error for a slice of another length")
	}
	x.Data = x.Data[:7]
	if err := x.Float32s(make([]float32, 2)); err == nil {
		t.Error("no error for too few bytes")
	}
}
