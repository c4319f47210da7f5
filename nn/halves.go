package nn

import (
	"fmt"

	"github.com/tryall/tryall/internal/kernel"
)

// Halves are rows of bfloat16, for what is multiplied in that type and for nothing else: half of the memory to write and to
// read again, and nothing to convert.
type Halves = kernel.Rows

// CanHalve tells whether the output of l can be Halves for attention with heads of that size, which computes in bfloat16.
func (l *Linear) CanHalve(p Precision, size int) bool {
	return l.Narrow() && p.attention() == kernel.BF16 && kernel.Native(kernel.BF16) && size%4 == 0
}

// Halves returns scratch with undefined contents, of which an Exec has one, valid until Release.
func (e *Exec) Halves(rows, cols int) *Halves {
	e.halves.Reset(kernel.BF16, rows, cols)
	return &e.halves
}

// Halve computes the rows of x·Wᵀ + b, rounded, as rows of y from row at on, on the calling goroutine, for use inside For.
func (l *Linear) Halve(x Matrix, y *Halves, at int) {
	if x.Cols != l.In {
		panic(fmt.Sprintf("nn: linear layer %d -> %d applied to (%d, %d)", l.In, l.Out, x.Rows, x.Cols))
	}
	rows, giveBack := l.convert(x)
	defer giveBack()
	kernel.MultiplyRows(y, at, rows, x.Rows, l.w, kernel.None)
}
