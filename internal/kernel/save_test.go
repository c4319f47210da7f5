package kernel

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"github.com/tryall/tryall/internal/guard"
)

// saved is what Save writes, in memory that nobody may read beyond.
func saved(t *testing.T, p *Packed) []byte {
	all := slices.Concat(p.Save()...)
	if len(all)%saveAlign != 0 {
		t.Fatalf("%d bytes are not whole cache lines", len(all))
	}
	b := guard.After[byte](t, len(all))
	copy(b, all)
	return b
}

// A matrix that was saved and loaded gives the same bits, from the memory that it was loaded from.
func TestSave(t *testing.T) {
	each(t, func(t *testing.T) {
		r := source(t)
		for _, kind := range []Kind{F32, F16, BF16, I8} {
			for _, s := range [][3]int{{1, 1, 1}, {3, 5, 17}, {7, 33, 64}, {5, 100, 150}, {2, 384, 48}} {
				m, k, n := s[0], s[1], s[2]
				for _, bias := range [][]float32{nil, fill(r, make([]float32, n))} {
					p := NewPacked(kind, k, n)
					p.Store(0, fill(r, make([]float32, n*k)), k, n)
					p.SetBias(bias)
					file := saved(t, p)
					q, err := LoadPacked(file)
					if err != nil {
						t.Fatalf("kind %d, %v: %v", kind, s, err)
					}
					if q.K != k || q.N != n || q.Kind() != kind || q.Panels() != p.Panels() || q.Bytes() != p.Bytes() {
						t.Fatalf("kind %d, %v: loaded as (%d, %d) of kind %d", kind, s, q.K, q.N, q.Kind())
					}
					x := fill(r, make([]float32, m*k))
					want, got := multiplied(x, m, p), multiplied(x, m, q)
					for i := range want {
						if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
							t.Fatalf("kind %d, %v: element %d is %g, was %g", kind, s, i, got[i], want[i])
						}
					}
					if !bytes.Equal(slices.Concat(q.Save()...), file) {
						t.Errorf("kind %d, %v: saved again it is another", kind, s)
					}
					q.Close()
				}
			}
		}
	})
}

// multiplied is the product of rows of x with p, whatever its kind.
func multiplied(x []float32, rows int, p *Packed) []float32 {
	c := make([]float32, rows*p.N)
	if p.Kind() == F32 || p.Kind() == F16 {
		Gemm(c, p.N, x, p.K, rows, p, 0, p.Panels(), None)
		return c
	}
	var a Rows
	a.Reset(p.Kind(), rows, p.K)
	for i := range rows {
		a.Set(i, x[i*p.K:])
	}
	Multiply(c, p.N, &a, 0, rows, p, 0, p.Panels(), None)
	return c
}

// What was cut or says something impossible is refused.
func TestLoadRefuses(t *testing.T) {
	each(t, func(t *testing.T) {
		for _, kind := range []Kind{F32, F16, BF16, I8} {
			p := NewPacked(kind, 10, 20)
			p.SetBias(make([]float32, 20))
			whole := saved(t, p)
			for n := 0; n < len(whole); n += saveAlign {
				if _, err := LoadPacked(whole[:n]); err == nil {
					t.Errorf("kind %d: the first %d of %d bytes are a matrix", kind, n, len(whole))
				}
			}
			longer := guard.After[byte](t, len(whole)+saveAlign)
			copy(longer, whole)
			if _, err := LoadPacked(longer); err == nil {
				t.Errorf("kind %d: a matrix with something behind it is taken", kind)
			}
			if _, err := LoadPacked(longer[4:][:len(whole)]); err == nil {
				t.Errorf("kind %d: a matrix off the cache lines is taken", kind)
			}
			for at, value := range map[int]byte{0: 0, 3: 1, 7: 255, 8: 0, 15: 255, 16: 9} {
				broken := guard.After[byte](t, len(whole))
				copy(broken, whole)
				broken[at] = value
				if _, err := LoadPacked(broken); err == nil {
					t.Errorf("kind %d: byte %d as %d is taken", kind, at, value)
				}
			}
		}
	})
}

func FuzzLoadPacked(f *testing.F) {
	for _, kind := range []Kind{F32, F16, BF16, I8} {
		f.Add(slices.Concat(NewPacked(kind, 10, 20).Save()...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b := guard.After[byte](t, len(data)+-len(data)&(saveAlign-1))
		copy(b, data)
		p, err := LoadPacked(b)
		if err != nil || p.K*p.N > 1<<20 {
			return
		}
		multiplied(make([]float32, p.K), 1, p) // stays within b
	})
}

// What the plain version holds of certain numbers. If this fails, files of converted weights that are on people's machines
// must not be read any more: count layout up, and put the new sums here.
func TestLayout(t *testing.T) {
	was := current
	defer func() { current = was }()
	current = &versions[len(versions)-1]
	got := fmt.Sprint(layout)
	for _, kind := range []Kind{F32, F16, BF16, I8} {
		p, x := NewPacked(kind, 70, 50), make([]float32, 70*50)
		for i := range x {
			x[i] = float32(i%101-50) / 7
		}
		p.Store(0, x, 70, 50)
		p.SetBias(x[:50])
		got += fmt.Sprintf(" %08x", crc32.ChecksumIEEE(slices.Concat(p.Save()...)))
	}
	if want := "1 6bc14eda decd8219 3d500467 1fe97fe7"; got != want {
		t.Errorf("the layout is %q, was %q", got, want)
	}
}
