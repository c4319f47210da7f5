package nn

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/internal/kernel"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func randomMatrix(r *rand.Rand, rows, cols int) Matrix {
	m := NewMatrix(rows, cols)
	for i := range rows {
		copy(m.Row(i), random(r, cols))
	}
	return m
}

// rubbish returns a matrix of NaN: what is not written shows.
func rubbish(rows, cols int) Matrix {
	m := NewMatrix(rows, cols)
	for i := range m.Data {
		m.Data[i] = float32(math.NaN())
	}
	return m
}

func newExec(t testing.TB, threads int) *Exec {
	p := NewPool(threads)
	t.Cleanup(p.Close)
	return p.Exec()
}

// near checks got against want with a tolerance for each element, and reports the worst.
func near(t *testing.T, what string, got Matrix, want func(i, j int) (value, tolerance float64)) {
	t.Helper()
	worst, at := 0.0, ""
	for i := range got.Rows {
		for j, g := range got.Row(i) {
			w, tol := want(i, j)
			if e := math.Abs(float64(g)-w) / tol; !(e <= worst) {
				worst, at = e, fmt.Sprintf("[%d,%d] = %g, want %g (tolerance %.2g)", i, j, g, w, tol)
			}
		}
	}
	if !(worst <= 1) {
		t.Errorf("%s: error of %.3g tolerances at %s", what, worst, at)
	}
}

// dot returns a·b and the error that k roundings allow, k * 2^-24 * sum|a*b|.
func dot(a, b []float32) (sum, tolerance float64) {
	for i := range a {
		p := float64(a[i]) * float64(b[i])
		sum += p
		tolerance += math.Abs(p)
	}
	return sum, tolerance*float64(len(a)+2)*0x1p-24 + 1e-30
}

func TestLinear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	e := newExec(t, 2)
	for _, s := range [][3]int{{0, 3, 4}, {1, 1, 1}, {2, 768, 2}, {7, 5, 17}, {9, 48, 48}, {50, 33, 100}, {385, 64, 96}} {
		rows, in, out := s[0], s[1], s[2]
		x, w, b := randomMatrix(r, rows, in), random(r, in*out), random(r, out)
		y := rubbish(rows, out)
		NewLinear(out, in, w, b).Apply(e, x, y, None)
		near(t, fmt.Sprint("linear ", s), y, func(i, j int) (float64, float64) {
			d, tol := dot(x.Row(i), w[j*in:(j+1)*in])
			return d + float64(b[j]), tol + math.Abs(float64(b[j]))*0x1p-23
		})
		z := rubbish(rows, out)
		NewLinear(out, in, w, nil).ApplyInline(x, z, ReLU)
		near(t, fmt.Sprint("inline ", s), z, func(i, j int) (float64, float64) {
			d, tol := dot(x.Row(i), w[j*in:(j+1)*in])
			return max(d, 0), tol
		})
	}
}

// Values that all three stored types hold exactly.
func exact(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.IntN(255)-127) / 64
	}
	return x
}

func stored(kind string, x []float32) []byte {
	var b []byte
	for _, v := range x {
		u := math.Float32bits(v)
		switch kind {
		case "F32":
			b = binary.LittleEndian.AppendUint32(b, u)
		case "BF16":
			b = binary.LittleEndian.AppendUint16(b, uint16(u>>16))
		case "F16":
			h := uint16(u >> 16 & 0x8000)
			if v != 0 {
				h |= uint16((u&0x7fffffff - 112<<23) >> 13)
			}
			b = binary.LittleEndian.AppendUint16(b, h)
		}
	}
	return b
}

func TestFuse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	e := newExec(t, 1)
	const in = 37
	x := randomMatrix(r, 5, in)
	for _, kind := range []string{"F32", "F16", "BF16"} {
		for _, odd := range []int{0, 1} { // unaligned bytes too
			outs := []int{50, 1, 64}
			var ds []Dense
			var all, bias []float32
			for i, out := range outs {
				w := exact(r, out*in)
				all = append(all, w...)
				d := Dense{Out: out, In: in, Kind: kind, InFirst: i == 1 || i == 2}
				if i != 1 {
					d.Bias = random(r, out)
					bias = append(bias, d.Bias...)
				} else {
					bias = append(bias, make([]float32, out)...)
				}
				if d.InFirst {
					w = transposed(w, out, in)
				}
				d.W = append(make([]byte, odd), stored(kind, w)...)[odd:]
				ds = append(ds, d)
			}
			l, err := Fuse(FP32, ds...)
			if err != nil {
				t.Fatal(err)
			}
			got, want := rubbish(5, l.Out), rubbish(5, l.Out)
			l.Apply(e, x, got, None)
			NewLinear(l.Out, in, all, bias).Apply(e, x, want, None)
			same(t, fmt.Sprint("fused ", kind, odd), got, want)
		}
	}
	for _, d := range []Dense{{Out: 1, In: 1, Kind: "I8", W: []byte{1}}, {Out: 1, In: 2, Kind: "F32", W: make([]byte, 4)}, {Out: 2, In: 1, Kind: "F16", W: make([]byte, 4), Bias: make([]float32, 1)}} {
		if _, err := Fuse(FP32, d); err == nil {
			t.Errorf("Fuse(%+v) gives no error", d)
		}
	}
}

// However weights are stored, each precision makes the same of them; what it loses is what rounding costs.
func TestFuseInPrecisions(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	e := newExec(t, 2)
	const in, out = 210, 130
	x, w, b := randomMatrix(r, 50, in), exact(r, in*out), random(r, out)
	for p, most := range map[Precision]float64{FP16: 1e-6, BF16: 0x1p-8, INT8: 0.02} {
		var first Matrix
		for _, kind := range []string{"F32", "F16", "BF16"} {
			for _, inFirst := range []bool{false, true} {
				d := Dense{Out: out, In: in, Kind: kind, W: stored(kind, w), InFirst: inFirst, Bias: b}
				if inFirst {
					d.W = stored(kind, transposed(w, out, in))
				}
				l, err := Fuse(p, d)
				if err != nil {
					t.Fatal(err)
				}
				if l.Narrow() != (p != FP16) || l.Bytes() > 4*in*out*3/5 || p == INT8 && l.Bytes() > 4*in*out*3/10+4096 {
					t.Errorf("%v: narrow %v, %d bytes for %d weights", p, l.Narrow(), l.Bytes(), in*out)
				}
				y, z := rubbish(50, out), rubbish(50, out)
				l.Apply(e, x, y, None)
				l.ApplyInline(x, z, None)
				same(t, fmt.Sprint(p, " inline"), z, y)
				if first.Data == nil {
					first = y
				}
				same(t, fmt.Sprint(p, kind, inFirst), y, first)
			}
		}
		var errors, squares float64
		for i := range 50 {
			for j, got := range first.Row(i) {
				d, _ := dot(x.Row(i), w[j*in:(j+1)*in])
				errors += (float64(got) - d - float64(b[j])) * (float64(got) - d - float64(b[j]))
				squares += d * d
			}
		}
		if off := math.Sqrt(errors / squares); !(off <= most) {
			t.Errorf("%v: off by %.2g of the size, allowed %.2g", p, off, most)
		}
	}
	if l, err := Fuse(INT8, Dense{Out: 1, In: kernel.MaxBytes + 1, Kind: "F16", W: make([]byte, 2*kernel.MaxBytes+2)}); err != nil || l.kind != kernel.BF16 {
		t.Errorf("a layer with more inputs than bytes can be summed has kind %v, %v", l.kind, err)
	}
}

func TestPrecisionNames(t *testing.T) {
	for i, name := range Precisions() {
		if p, err := ParsePrecision(name); err != nil || p != Precision(i) || p.String() != name {
			t.Errorf("%s is %v, %v", name, p, err)
		}
	}
	if p, err := ParsePrecision(""); p != FP32 || err != nil {
		t.Error(p, err)
	}
	if _, err := ParsePrecision("fp8"); err == nil || !strings.Contains(err.Error(), "fp32, fp16, bf16, int8") {
		t.Error(err)
	}
}

func transposed(w []float32, rows, cols int) []float32 {
	x := make([]float32, len(w))
	for i := range rows {
		for j := range cols {
			x[j*rows+i] = w[i*cols+j]
		}
	}
	return x
}

func same(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	for i := range got.Rows {
		for j, g := range got.Row(i) {
			if w := want.Row(i)[j]; math.Float32bits(g) != math.Float32bits(w) {
				t.Fatalf("%s: [%d,%d] = %g, want the same bits as %g", what, i, j, g, w)
			}
		}
	}
}

func TestAttention(t *testing.T) {
	for _, p := range []Precision{FP32, BF16, INT8} {
		testAttention(t, p)
	}
}

// rounded rounds to bfloat16, so that what is computed with it differs by nothing else.
func rounded(m Matrix) Matrix {
	for i, v := range m.Data {
		u := math.Float32bits(v)
		m.Data[i] = math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
	}
	return m
}

func testAttention(t *testing.T, p Precision) {
	r := rand.New(rand.NewPCG(5, 6))
	e := newExec(t, 2)
	for _, s := range []struct{ heads, dk, dv int }{{1, 64, 64}, {6, 8, 8}, {2, 32, 48}, {3, 80, 80}, {2, 128, 128}, {2, 6, 5}} {
		bounds := []int{2, 3, 3, 20, 69, 166}
		n := bounds[len(bounds)-1] + 1 // a row at both ends that belongs to no segment
		q, k, v := rounded(randomMatrix(r, n, s.heads*s.dk)), rounded(randomMatrix(r, n, s.heads*s.dk)), rounded(randomMatrix(r, n, s.heads*s.dv))
		a := Attention{Q: q, K: k, V: v, Out: rubbish(n, s.heads*s.dv), Heads: s.heads, Bounds: bounds, Scale: float32(1 / math.Sqrt(float64(s.dk))), Precision: p}
		e.Attend(a)
		checkAttention(t, fmt.Sprintf("%v %+v", p, s), a, n)
		a.Out = rubbish(n, s.heads*s.dv)
		a.Bias = func(seg, head, row0, row1 int, scores Matrix) {
			if scores.Rows != row1-row0 || scores.Cols != bounds[seg+1]-bounds[seg] {
				panic("shape of the scores")
			}
			for i := range scores.Rows {
				for j := range scores.Cols {
					scores.Row(i)[j] += bias(seg, head, row0+i, j)
				}
			}
		}
		e.Attend(a)
		checkAttention(t, fmt.Sprintf("%v %+v with bias", p, s), a, n)
	}
}

func bias(seg, head, row, col int) float32 { return float32(seg+head)*0.1 - 0.01*float32(row-col) }

func checkAttention(t *testing.T, what string, a Attention, n int) {
	t.Helper()
	dk, dv := a.Q.Cols/a.Heads, a.V.Cols/a.Heads
	want, size := make([][]float64, n), make([][]float64, n)
	for seg := range len(a.Bounds) - 1 {
		lo, hi := a.Bounds[seg], a.Bounds[seg+1]
		for i := lo; i < hi; i++ {
			want[i], size[i] = make([]float64, a.V.Cols), make([]float64, a.V.Cols)
			for h := range a.Heads {
				p, sum := make([]float64, hi-lo), 0.0
				for j := range p {
					d, _ := dot(a.Q.Row(i)[h*dk:(h+1)*dk], a.K.Row(lo + j)[h*dk:(h+1)*dk])
					d *= float64(a.Scale)
					if a.Bias != nil {
						d += float64(bias(seg, h, i-lo, j))
					}
					p[j] = math.Exp(d)
					sum += p[j]
				}
				for j := range p {
					for c := range dv {
						x := p[j] / sum * float64(a.V.Row(lo + j)[h*dv+c])
						want[i][h*dv+c] += x
						size[i][h*dv+c] += math.Abs(x)
					}
				}
			}
		}
	}
	for i := range n {
		if want[i] == nil && slices.ContainsFunc(a.Out.Row(i), func(v float32) bool { return v == v }) {
			t.Errorf("%s: row %d belongs to no segment but was written", what, i)
		}
	}
	inside := a.Out.Slice(a.Bounds[0], a.Bounds[len(a.Bounds)-1])
	lost := 0.0 // by probabilities
	if a.Precision.attention() == kernel.BF16 {
		lost = 0x1p-8
	}
	near(t, what, inside, func(i, j int) (float64, float64) {
		i += a.Bounds[0]
		return want[i][j], 1e-5 + lost*size[i][j]
	})
}

// A window's rows have the same bits alone and in company, for any number of threads, in every precision.
func TestSameBits(t *testing.T) {
	for _, p := range []Precision{FP32, FP16, BF16, INT8} {
		testSameBits(t, p)
	}
}

func testSameBits(t *testing.T, p Precision) {
	r := rand.New(rand.NewPCG(7, 8))
	const in, out, heads = 96, 144, 3
	lengths := []int{13, 1, 64, 40}
	l, err := Fuse(p, Dense{Out: out, In: in, Kind: "F32", W: bytesOf(random(r, in*out)), Bias: random(r, out)})
	if err != nil {
		t.Fatal(err)
	}
	ln := LayerNorm{random(r, out), random(r, out), 1e-12}
	var parts, results []Matrix
	total, bounds := 0, []int{0}
	for _, n := range lengths {
		parts = append(parts, randomMatrix(r, n, in))
		total += n
		bounds = append(bounds, total)
	}
	pass := func(e *Exec, x Matrix, bounds []int) Matrix {
		y, z, o := rubbish(x.Rows, out), rubbish(x.Rows, out), rubbish(x.Rows, out)
		l.Apply(e, x, y, GELU)
		e.Attend(Attention{Q: y, K: y, V: y, Out: z, Heads: heads, Bounds: bounds, Scale: 0.2, Precision: p})
		ln.Apply(e, z, y, o)
		return o
	}
	alone := newExec(t, 1)
	all := NewMatrix(total, in)
	for i, p := range parts {
		results = append(results, pass(alone, p, []int{0, p.Rows}))
		for j := range p.Rows {
			copy(all.Row(bounds[i]+j), p.Row(j))
		}
	}
	for _, threads := range []int{1, 2, 3, 8} {
		got := pass(newExec(t, threads), all, bounds)
		for i, want := range results {
			same(t, fmt.Sprintf("%v, window %d, %d threads", p, i, threads), got.Slice(bounds[i], bounds[i+1]), want)
		}
	}
}

func TestLayerNorm(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	e := newExec(t, 2)
	x, res := randomMatrix(r, 40, 100), randomMatrix(r, 40, 100)
	n := LayerNorm{random(r, 100), random(r, 100), 1e-5}
	for _, residual := range []Matrix{{}, res} {
		y := rubbish(40, 100)
		n.Apply(e, x, residual, y)
		near(t, "layer norm", y, func(i, j int) (float64, float64) {
			s := make([]float64, 100)
			mean, variance := 0.0, 0.0
			for c := range s {
				s[c] = float64(x.Row(i)[c])
				if residual.Data != nil {
					s[c] += float64(residual.Row(i)[c])
				}
				mean += s[c] / 100
			}
			for _, v := range s {
				variance += (v - mean) * (v - mean) / 100
			}
			return (s[j]-mean)/math.Sqrt(variance+1e-5)*float64(n.Gamma[j]) + float64(n.Beta[j]), 1e-5
		})
		alias := NewMatrix(40, 100)
		copy(alias.Data, x.Data)
		n.Apply(e, alias, residual, alias)
		same(t, "in place", alias, y)
	}
}

func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	const rows, cols = 5, 300
	x := exact(r, rows*cols)
	for _, kind := range []string{"F32", "F16", "BF16"} {
		tab, err := NewTable(kind, stored(kind, x), rows, cols)
		if err != nil {
			t.Fatal(err)
		}
		for id := range rows {
			got, sum := make([]float32, cols), make([]float32, cols)
			tab.Row(got, id)
			tab.AddRow(sum, id)
			if want := x[id*cols : (id+1)*cols]; !slices.Equal(got, want) || !slices.Equal(sum, want) {
				t.Errorf("%s row %d: %v, %v, want %v", kind, id, got[:4], sum[:4], want[:4])
			}
		}
	}
	if _, err := NewTable("F16", make([]byte, 7), 2, 2); err == nil {
		t.Error("a table of the wrong size gives no error")
	}
	if _, err := NewTable("I64", make([]byte, 32), 2, 2); err == nil {
		t.Error("a table of integers gives no error")
	}
}

func TestMatMul(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	e := newExec(t, 2)
	e.For(8, func(i, _ int) {
		m, k, n := 3+i, 5*i+1, 7*i+1
		x, y := randomMatrix(rand.New(rand.NewPCG(uint64(i), 0)), m, k), randomMatrix(rand.New(rand.NewPCG(0, uint64(i))), n, k)
		nt, giveBack := Borrow(m, n)
		defer giveBack()
		MatMulNT(x, y, nt)
		yt := NewMatrix(k, n)
		for a := range n {
			for b := range k {
				yt.Row(b)[a] = y.Row(a)[b]
			}
		}
		nn := rubbish(m, n)
		MatMul(x, yt, nn)
		same(t, "MatMul", nn, nt)
		near(t, "MatMulNT", nt, func(i, j int) (float64, float64) { return dot(x.Row(i), y.Row(j)) })
	})
	a, b := randomMatrix(r, 3, 4), randomMatrix(r, 1, 4)
	c := NewMatrix(3, 4)
	c.Add(a)
	c.Add(b)
	c.Scale(2)
	near(t, "add, scale", c, func(i, j int) (float64, float64) {
		return 2 * (float64(a.Row(i)[j]) + float64(b.Row(0)[j])), 1e-6
	})
}

func TestFeedForward(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	e := newExec(t, 2)
	x := randomMatrix(r, 1000, 20)
	up, down := NewLinear(40, 20, random(r, 800), random(r, 40)), NewLinear(20, 40, random(r, 800), nil)
	got, middle, want := rubbish(1000, 20), rubbish(1000, 40), rubbish(1000, 20)
	FeedForward(e, x, up, GELU, down, got)
	up.Apply(e, x, middle, None)
	e.Activate(middle, GELU)
	down.Apply(e, middle, want, None)
	same(t, "feed forward", got, want)
}

func TestActivationByName(t *testing.T) {
	for _, n := range activationNames {
		a, err := ActivationByName(n.name)
		if err != nil || a != n.act {
			t.Errorf("ActivationByName(%q) = %v, %v", n.name, a, err)
		}
	}
	if _, err := ActivationByName("prelu"); err == nil {
		t.Error("no error for prelu")
	}
	if GELUNew.String() != "gelu_new" || None.String() != "linear" || Activation(99).String() != "Activation(99)" {
		t.Error(GELUNew, None, Activation(99))
	}
}

func TestMatrixViews(t *testing.T) {
	m := NewMatrix(4, 3)
	for i := range 4 {
		for j := range 3 {
			m.Row(i)[j] = float32(10*i + j)
		}
	}
	v := m.Slice(1, 4).Columns(1, 3)
	if v.Rows != 3 || v.Cols != 2 || v.Row(2)[1] != 32 || m.Slice(4, 4).Rows != 0 || m.Slice(2, 2).Columns(0, 1).Cols != 1 {
		t.Errorf("%+v", v)
	}
	e := newExec(t, 1)
	mark := e.Mark()
	a := e.Matrix(10, 10)
	big := e.Matrix(3000, 1000)
	b := e.Matrix(10, 10)
	a.Row(9)[9], b.Row(9)[9], big.Row(2999)[999] = 1, 2, 3
	if a.Row(9)[9] != 1 || b.Row(9)[9] != 2 || big.Row(2999)[999] != 3 {
		t.Error("scratch overlaps")
	}
	e.Rewind(mark)
	if c := e.Matrix(10, 10); &c.Data[0] != &a.Data[0] {
		t.Error("scratch is not reused")
	}
}
