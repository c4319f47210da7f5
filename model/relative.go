package model

import "github.com/tryall/tryall/nn"

// distances are embeddings of the distance between two tokens that are multiplied with the queries, and with the keys
// too where byKey is set: position_embedding_type relative_key (https://arxiv.org/abs/1803.02155) and relative_key_query
// (https://arxiv.org/abs/2009.13658) of BERT and those built like it.
type distances struct {
	// table is (2 maximum - 1, head size), the same for all heads: row maximum-1 + j - i belongs to query i and key j.
	// That is upstream's distance_embedding back to front, so that the rows of one query ascend with the keys.
	table   nn.Matrix
	maximum int
	byKey   bool
	scale   float32 // of the products
}

// newDistances reads position_embedding_type and, where it is relative, the tensor of one layer. It gives nil where
// positions are absolute.
func newDistances(c *Config, w *Weights, name string, maximum, size int) *distances {
	kind := positionType(c)
	if kind == "absolute" {
		return nil
	}
	rows := 2*maximum - 1
	t := w.tensor([]int{rows, size}, name)
	d := &distances{maximum: maximum, byKey: kind == "relative_key_query", scale: scoreScale(size)}
	w.then(func() error {
		stored := make([]float32, t.Len())
		if err := t.Float32s(stored); err != nil {
			return err
		}
		d.table = nn.NewMatrix(rows, size)
		for r := range rows {
			copy(d.table.Row(r), stored[(rows-1-r)*size:])
		}
		return nil
	})
	return d
}

func positionType(c *Config) string {
	return c.OneOf("position_embedding_type", "absolute", "relative_key", "relative_key_query")
}

// biases adds the products to the scores of one layer. q and k are (tokens, hidden).
func (d *distances) biases(bounds []int) biases {
	size := d.table.Cols
	return func(q, k nn.Matrix) bias {
		return func(seg, head, row0, row1 int, scores nn.Matrix) {
			lo, hi := bounds[seg], bounds[seg+1]
			q := q.Slice(lo+row0, lo+row1).Columns(head*size, (head+1)*size)
			addByQuery(scores, q, d.table, d.maximum-1-row0, d.scale)
			if d.byKey {
				k := k.Slice(lo, hi).Columns(head*size, (head+1)*size)
				addByKey(scores, k, d.table, d.maximum-1-row0, d.scale)
			}
		}
	}
}

// addByQuery adds scale * q_i · table[zero + j - i] to scores[i][j]; q is (rows of scores, size). For each i that is a
// run of the products of q_i with a part of the table, which begins one product earlier from row to row.
func addByQuery(scores, q, table nn.Matrix, zero int, scale float32) {
	m := scores.Rows
	part := table.Slice(zero-(m-1), zero+scores.Cols)
	products, giveBack := nn.Borrow(m, part.Rows)
	defer giveBack()
	nn.MatMulNT(q, part, products)
	for i := range m {
		run, out := products.Row(i)[m-1-i:], scores.Row(i)
		for j := range out {
			out[j] += scale * run[j]
		}
	}
}

// addByKey adds scale * k_j · table[zero + j - i] to scores[i][j]; k is (columns of scores, size). It goes through the
// keys in tiles, for each of which a small part of the table serves.
func addByKey(scores, k, table nn.Matrix, zero int, scale float32) {
	const tile = 64
	m := scores.Rows
	products, giveBack := nn.Borrow(tile, tile+m-1)
	defer giveBack()
	for j0 := 0; j0 < k.Rows; j0 += tile {
		j1 := min(j0+tile, k.Rows)
		part := table.Slice(zero+j0-(m-1), zero+j1)
		p := products.Slice(0, j1-j0).Columns(0, part.Rows)
		nn.MatMulNT(k.Slice(j0, j1), part, p)
		for i := range m {
			out := scores.Row(i)[j0:j1]
			for j := range out {
				out[j] += scale * p.Row(j)[m-1-i+j]
			}
		}
	}
}
