// Package nn has the layers that encoders are made of: linear maps, layer normalisation, embedding
// tables and attention, over plain row-major matrices of float32, run by a pool of threads.
//
// It knows no architectures and no files. Results do not depend on the number of threads, nor on which
// rows are computed together: a window gives the same bits alone and in company.
package nn

import "github.com/tryall/tryall/internal/kernel"

// Matrix is a view of Rows rows of Cols numbers; row i is Data[i*Stride : i*Stride+Cols].
type Matrix struct {
	Data               []float32
	Rows, Cols, Stride int
}

// NewMatrix returns a zero matrix of its own. Scratch comes from Exec.Matrix.
func NewMatrix(rows, cols int) Matrix {
	s := stride(cols)
	return Matrix{kernel.Floats(rows * s), rows, cols, s}
}

// stride is an odd multiple of a cache line, so that rows do not compete for the same cache sets.
func stride(cols int) int { return (cols+15)&^15 | 16 }

// Row returns row i.
func (m Matrix) Row(i int) []float32 {
	return m.Data[i*m.Stride : i*m.Stride+m.Cols : i*m.Stride+m.Cols]
}

// Slice returns rows r0 to r1, sharing the data.
func (m Matrix) Slice(r0, r1 int) Matrix {
	if r0 == r1 {
		return Matrix{Cols: m.Cols, Stride: m.Stride}
	}
	return Matrix{m.Data[r0*m.Stride : (r1-1)*m.Stride+m.Cols], r1 - r0, m.Cols, m.Stride}
}

// Columns returns columns c0 to c1, sharing the data.
func (m Matrix) Columns(c0, c1 int) Matrix {
	if m.Rows == 0 {
		return Matrix{Cols: c1 - c0, Stride: m.Stride}
	}
	return Matrix{m.Data[c0 : (m.Rows-1)*m.Stride+c1], m.Rows, c1 - c0, m.Stride}
}

// Scale multiplies every element by f.
func (m Matrix) Scale(f float32) {
	for i := range m.Rows {
		row := m.Row(i)
		for j := range row {
			row[j] *= f
		}
	}
}

// Add adds x, which has the same shape, or one row that is added to every row.
func (m Matrix) Add(x Matrix) {
	for i := range m.Rows {
		k := i
		if x.Rows == 1 {
			k = 0
		}
		AddTo(m.Row(i), x.Row(k))
	}
}

// AddTo adds x to y, element by element. The lengths are the same.
func AddTo(y, x []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += x[i]
	}
}
