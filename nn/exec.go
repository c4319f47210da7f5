package nn

import "github.com/tryall/tryall/internal/kernel"

// Kernel returns the version of the kernels in use ("avx512bf16", "avx2", "generic" and others), and an error if
// the environment (TRYALL_KERNEL) asks for one that this machine does not have.
func Kernel() (string, error) { return kernel.Name(), kernel.Err() }

// Exec is what one forward pass runs on: the threads of its pool and scratch memory. It belongs to one
// goroutine; several may be in use at once and then share the threads fairly.
type Exec struct {
	pool   *Pool
	blocks [][]float32 // scratch; those before at are used up
	at     int
	used   int // of blocks[at]
	inside bool
	halves kernel.Rows // see Halves
}

// Exec returns an idle Exec with empty scratch. Release it after the pass.
func (p *Pool) Exec() *Exec {
	if e, ok := p.idle.Get().(*Exec); ok {
		return e
	}
	return &Exec{pool: p}
}

// Release ends the pass: all matrices from Matrix may be overwritten from now on.
func (e *Exec) Release() {
	e.Rewind(Mark{})
	e.pool.idle.Put(e)
}

// Matrix returns scratch with undefined contents, valid until Release or Rewind. Not for workers.
func (e *Exec) Matrix(rows, cols int) Matrix {
	s := stride(cols)
	return Matrix{e.floats(rows * s), rows, cols, s}
}

// Threads is the number of threads that For uses.
func (e *Exec) Threads() int { return e.pool.threads }

// Mark is a position in the scratch of an Exec.
type Mark struct{ at, used int }

// Mark returns the present position, for Rewind.
func (e *Exec) Mark() Mark { return Mark{e.at, e.used} }

// Rewind gives back all scratch taken since m.
func (e *Exec) Rewind(m Mark) { e.at, e.used = m.at, m.used }

const blockSize = 1 << 20 // floats

func (e *Exec) floats(n int) []float32 {
	for ; e.at < len(e.blocks); e.at, e.used = e.at+1, 0 {
		if b := e.blocks[e.at]; e.used+n <= len(b) {
			x := b[e.used : e.used+n : e.used+n]
			e.used += n
			return x
		}
	}
	e.blocks = append(e.blocks, kernel.Floats(max(n, blockSize)))
	e.used = n
	return e.blocks[e.at][:n:n]
}

// rows runs f for each of n rows, in runs that are worth a claim.
func (e *Exec) rows(n int, f func(i int)) {
	const run = 16
	e.For((n+run-1)/run, func(c, _ int) {
		for i := c * run; i < min(n, (c+1)*run); i++ {
			f(i)
		}
	})
}

// Chunks runs f for all of n rows, some at a time: as many times as there are threads, or a multiple of it. Each time reads
// all weights of a layer, which lie in a far cache or in memory, so that chunks should be large. f may use ApplyInline and
// Borrow.
func (e *Exec) Chunks(n int, f func(r0, r1 int)) {
	const least, most, tile = 24, 192, 8
	share := (n + e.Threads() - 1) / e.Threads()
	times := max(1, (share+most-1)/most)
	run := max(least, ((share+times-1)/times+tile-1)/tile*tile)
	e.For((n+run-1)/run, func(c, _ int) { f(c*run, min(n, (c+1)*run)) })
}
