package nn

import (
	"fmt"

	"github.com/tryall/tryall/internal/kernel"
)

// Table is an embedding: rows of numbers that stay in the type in which they are stored, which may be a
// mapped file, and are converted when looked up.
type Table struct {
	Rows, Cols int
	kind       kernel.Kind
	raw        []byte
}

// NewTable makes a table of (rows, cols) little endian numbers of kind F32, F16 or BF16. It keeps raw.
func NewTable(kind string, raw []byte, rows, cols int) (*Table, error) {
	k, err := kindOf(kind)
	if err != nil {
		return nil, fmt.Errorf("embedding: %w", err)
	}
	if len(raw) != rows*cols*k.Size() {
		return nil, fmt.Errorf("embedding of (%d, %d) %s has %d bytes", rows, cols, kind, len(raw))
	}
	return &Table{rows, cols, k, raw}, nil
}

// Row writes row id into dst, which has Cols elements. id must be in [0, Rows).
func (t *Table) Row(dst []float32, id int) {
	size := t.Cols * t.kind.Size()
	kernel.Widen(dst[:t.Cols], t.kind, t.raw[id*size:(id+1)*size])
}

// AddRow adds row id to dst, which has Cols elements. id must be in [0, Rows).
func (t *Table) AddRow(dst []float32, id int) {
	var part [256]float32
	size := t.kind.Size()
	raw := t.raw[id*t.Cols*size : (id+1)*t.Cols*size]
	for dst = dst[:t.Cols]; len(dst) > 0; {
		n := min(len(dst), len(part))
		kernel.Widen(part[:n], t.kind, raw)
		AddTo(dst[:n], part[:n])
		dst, raw = dst[n:], raw[n*size:]
	}
}
