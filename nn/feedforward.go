package nn

import "github.com/tryall/tryall/internal/kernel"

// FeedForward computes y = down(act(up(x))). It goes through the rows a few hundred at a time, so that
// the wide middle stays in the cache and needs little memory, whatever the number of tokens.
func FeedForward(e *Exec, x Matrix, up *Linear, act Activation, down *Linear, y Matrix) {
	const run = 768
	mark := e.Mark()
	defer e.Rewind(mark)
	middle := e.Matrix(min(run, x.Rows), up.Out)
	for r := 0; r < x.Rows; r += run {
		n := min(run, x.Rows-r)
		m := middle.Slice(0, n)
		up.Apply(e, x.Slice(r, r+n), m, act)
		down.Apply(e, m, y.Slice(r, r+n), None)
	}
}

// FeedForwardInline is FeedForward on the calling goroutine, for some rows, within Chunks.
func FeedForwardInline(x Matrix, up *Linear, act Activation, down *Linear, y Matrix) {
	if !up.Narrow() || down.kind != kernel.BF16 || !kernel.Native(kernel.BF16) {
		middle, giveBack := Borrow(x.Rows, up.Out)
		defer giveBack()
		up.ApplyInline(x, middle, act)
		down.ApplyInline(middle, y, None)
		return
	}
	down.check(Matrix{Rows: x.Rows, Cols: up.Out}, y)
	rows, giveBack := up.convert(x)
	defer giveBack()
	middle := narrowed.Get().(*kernel.Rows)
	defer narrowed.Put(middle)
	middle.Reset(kernel.BF16, x.Rows, up.Out)
	kernel.MultiplyRows(middle, 0, rows, x.Rows, up.w, kernel.Act(act))
	kernel.Multiply(y.Data, y.Stride, middle, 0, x.Rows, down.w, 0, down.w.Panels(), kernel.None)
}
