package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/tryall/tryall/qa"
)

const (
	// blockSize is what is packed together: small, since a search unpacks a block for each passage that it looks at.
	blockSize = 8 << 10
	// maxBlocks bounds a document to 8 GiB; see schema.
	maxBlocks = 1 << 20
	// Blocks below this size are not worth packing.
	leastPacked = 256
)

// The first byte of a block says how the rest is kept.
const (
	asItIs byte = iota
	zstandard
)

var (
	packer = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	})
	unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(blockSize))
	})
)

func pack(raw string) ([]byte, error) {
	if len(raw) >= leastPacked {
		z, err := packer()
		if err != nil {
			return nil, err
		}
		if b := z.EncodeAll([]byte(raw), []byte{zstandard}); len(b) <= len(raw) {
			return b, nil
		}
	}
	return append([]byte{asItIs}, raw...), nil
}

func unpack(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return nil, errors.New("an empty block")
	case b[0] == asItIs:
		return b[1:], nil
	case b[0] != zstandard:
		return nil, fmt.Errorf("a block of kind %d", b[0])
	}
	z, err := unpacker()
	if err != nil {
		return nil, err
	}
	return z.DecodeAll(b[1:], nil)
}

// texts reads parts of documents, and keeps the blocks that it has unpacked.
type texts struct {
	tx     *sql.Tx
	blocks map[int64][]byte
}

// part is a range of a document's text.
type part struct {
	document int64
	qa.Range
}

func (p part) blocks() (first, last int64) {
	if p.Len() == 0 {
		return 0, -1
	}
	return p.document*maxBlocks + int64(p.Start/blockSize), p.document*maxBlocks + int64((p.End-1)/blockSize)
}

// load unpacks the blocks that the parts need.
func (t *texts) load(ctx context.Context, parts []part) error {
	var ids []int64
	for _, p := range parts {
		first, last := p.blocks()
		for id := first; id <= last; id++ {
			if _, ok := t.blocks[id]; !ok {
				t.blocks[id] = nil
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err := writeJSON(ids)
	if err != nil {
		return err
	}
	rows, err := t.tx.QueryContext(ctx, "select id, packed from index_texts where id in (select value from json_each(?))", list)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var packed sql.RawBytes
		if err := rows.Scan(&id, &packed); err != nil {
			return err
		}
		raw, err := unpack(packed)
		if err != nil {
			return qa.Errorf(qa.Invalid, "unpack a text of the corpus: %w; add its file again", err)
		}
		if len(packed) > 0 && packed[0] == asItIs {
			raw = append([]byte(nil), raw...)
		}
		t.blocks[id] = raw
	}
	return rows.Err()
}

// of is the text of a part that was loaded.
func (t *texts) of(p part) (string, error) {
	b := make([]byte, 0, p.Len())
	first, last := p.blocks()
	for id := first; id <= last; id++ {
		at := int(id-p.document*maxBlocks) * blockSize
		from, to := max(p.Start-at, 0), min(p.End-at, blockSize)
		if block := t.blocks[id]; to <= len(block) {
			b = append(b, block[from:to]...)
			continue
		}
		return "", qa.Errorf(qa.Invalid, "read a text of the corpus: bytes %d to %d are missing; add its file again", at+from, at+to)
	}
	return string(b), nil
}
