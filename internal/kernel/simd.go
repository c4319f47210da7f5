//go:build !purego && (amd64 || arm64)

package kernel

import "unsafe"

// tile is what the assembly reads: some rows of a, consecutive panels of b, and where c begins.
type tile struct {
	a, b, c, bias *float32
	lda, ldc      uintptr // bytes
	k             uintptr
	panels        uintptr
	biasStep      uintptr // bytes from panel to panel; 0 with no bias
	add           uintptr // not 0: the sums begin with c
	blocks        uintptr // how many times so many rows
	next          uintptr // what will be read next: a line of it is asked for every few steps

	// For bytes: the factors and zeros of the rows, the factors and sums of the columns.
	rowScale, rowZero, scales, sums *float32
}

var noBias [maxPanel]float32

// simdGemm is gemm for the vector versions; tiles computes up to so many rows of panels of one width.
func simdGemm(tiles func(t tile, rows, width int), tall int, c []float32, ldc int, a []float32, lda, r0, rows, k int, b []float32, width, panels int, bias []float32) {
	t := tile{lda: 4 * uintptr(lda), ldc: 4 * uintptr(ldc), panels: uintptr(panels), bias: &noBias[0]}
	for i := 0; i < k; i += deep {
		steps := min(deep, k-i)
		t.k, t.add = uintptr(steps), uintptr(i)
		if bias != nil && i+steps == k {
			t.bias, t.biasStep = &bias[0], 4*uintptr(width)
		}
		for r, n := 0, 0; r < rows; r += n {
			high := min(tall, rows-r)
			blocks := min((rows-r)/high, max(1, mostSteps/(high*panels*steps)))
			t.a, t.b, t.c, t.blocks = &a[r*lda+i], &b[i*width], &c[r*ldc], uintptr(blocks)
			t.next = uintptr(unsafe.Pointer(t.b)) + ahead(r0+r, steps, width)
			tiles(t, high, width)
			n = high * blocks
		}
	}
}

// simdTranspose is transpose for the vector versions; move does 8 columns and 8 rows at a time.
func simdTranspose(move func(dst *float32, width int, src *float32, ld, blocks int), dst []float32, width int, src []float32, ld, n, k int) {
	whole := k &^ 7
	j := 0
	for ; j+8 <= n && whole > 0; j += 8 {
		for i := 0; i < whole; i += most {
			move(&dst[i*width+j], 4*width, &src[j*ld+i], 4*ld, min(most, whole-i)/8)
		}
		if whole < k {
			transposeGeneric(dst[whole*width+j:], width, src[j*ld+whole:], ld, 8, k-whole)
		}
	}
	if j < n {
		transposeGeneric(dst[j:], width, src[j*ld:], ld, n-j, k)
	}
}

// simdCopyRows is copyRows for the vector versions; move does 16 columns at a time.
func simdCopyRows(move func(dst *float32, width int, src *float32, ld, vectors, k int), dst []float32, width int, src []float32, ld, n, k int) {
	whole := n &^ 15
	for i := 0; i < k && whole > 0; i += most {
		move(&dst[i*width], 4*width, &src[i*ld], 4*ld, whole/16, min(most, k-i))
	}
	if whole < n {
		copyRowsGeneric(dst[whole:], width, src[whole:], ld, n-whole, k)
	}
}

// simdWiden is widen for the vector versions, which convert multiples of 16.
func simdWiden(f16, bf16 func(dst *float32, src *byte, n int), dst []float32, kind Kind, src []byte) {
	n := len(dst) &^ 15
	if n > 0 {
		if kind == BF16 {
			bf16(&dst[0], &src[0], n)
		} else {
			f16(&dst[0], &src[0], n)
		}
	}
	widenGeneric(dst[n:], kind, src[2*n:])
}

// simdProduct is multiply for the vector versions.
func simdProduct(tiles func(t tile, rows, width int)) func(c []float32, ldc int, a *Rows, r0, rows, blocks int, b *Packed, p, panels, width int) {
	return func(c []float32, ldc int, a *Rows, r0, rows, blocks int, b *Packed, p, panels, width int) {
		steps, at := a.steps, p*b.panel
		t := tile{a: &a.words[r0*a.ld], b: &b.panels(p)[0], c: &c[0], bias: &noBias[0], lda: 4 * uintptr(a.ld), ldc: 4 * uintptr(ldc), panels: uintptr(panels)}
		last := b.add != nil
		if b.kind == I8 {
			t.rowScale, t.rowZero = &a.scale[r0], (*float32)(unsafe.Pointer(&a.zero[r0]))
			t.scales, t.sums = &b.scale[at], (*float32)(unsafe.Pointer(&b.sum[at]))
		}
		for i := 0; i < steps; i += mostWords {
			t.a, t.b = &a.words[r0*a.ld+i], &b.panels(p)[i*width]
			t.k = uintptr(min(mostWords, steps-i))
			t.add, t.blocks = uintptr(i), uintptr(blocks)
			t.next = uintptr(unsafe.Pointer(t.b)) + ahead(r0, steps, width)
			if last && i+mostWords >= steps {
				t.bias, t.biasStep = &b.add[at], 4*uintptr(width)
			}
			tiles(t, rows, width)
		}
	}
}

// ahead is how far behind a panel lies what should come nearer while rows from r0 on go through it: the next panel,
// which comes from memory or a far cache and would stall its first rows, from where the rows before r0 left off. Half a cache
// line for each 8 rows and step is what the tiles ask for; it does not matter that there is no next panel behind the last.
func ahead(r0, steps, width int) uintptr {
	panel, asked := 4*steps*width, 2*steps*r0
	if asked >= panel {
		return 0
	}
	return uintptr(panel + asked)
}

// mostWords is how many words of a row the narrow types take in one call.
const mostWords = MaxBytes / 4

// with is a version under another name, with some products of its own.
func (v version) with(name string, bytes multiplier, p *pairs) version {
	v.name, v.bytes, v.pairs = name, bytes, p
	return v
}
