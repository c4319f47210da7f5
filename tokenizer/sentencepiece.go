package tokenizer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// sentencePiece is what a sentencepiece model file says of its tokens and their training.
type sentencePiece struct {
	pieces    []spmPiece
	modelType uint64
	unkID     int64
	unkPiece  string
	charsmap  []byte
}

type spmPiece struct {
	text  string
	score float32
	kind  uint64
}

// Kinds of pieces that are looked for in the text before the model runs.
const (
	pieceNormal      = 1
	pieceControl     = 3
	pieceUserDefined = 4
)

// parseSentencePiece reads the protocol buffer ModelProto of sentencepiece_model.proto. Fields that are of no use are skipped.
func parseSentencePiece(data []byte) (*sentencePiece, error) {
	p := &sentencePiece{modelType: 1, unkPiece: "<unk>"}
	err := fields(data, func(number int, v field) (err error) {
		switch number {
		case 1:
			piece := spmPiece{kind: pieceNormal}
			err = fields(v.bytes, piece.set)
			if err == nil && !utf8.ValidString(piece.text) {
				err = fmt.Errorf("piece %d is not valid UTF-8", len(p.pieces))
			}
			p.pieces = append(p.pieces, piece)
		case 2:
			err = fields(v.bytes, p.setTrainer)
		case 3:
			err = fields(v.bytes, func(number int, v field) error {
				if number == 2 {
					p.charsmap = v.bytes
				}
				return nil
			})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the sentencepiece model: %w", err)
	}
	if len(p.pieces) == 0 {
		return nil, errors.New("read the sentencepiece model: it has no pieces")
	}
	return p, nil
}

func (x *spmPiece) set(number int, v field) error {
	switch number {
	case 1:
		x.text = string(v.bytes)
	case 2:
		x.score = math.Float32frombits(uint32(v.number))
		if math.IsNaN(float64(x.score)) || math.IsInf(float64(x.score), 0) {
			return fmt.Errorf("the score of %q is %v", x.text, x.score)
		}
	case 3:
		x.kind = v.number
	}
	return nil
}

func (p *sentencePiece) setTrainer(number int, v field) error {
	switch number {
	case 3:
		p.modelType = v.number
	case 40:
		p.unkID = int64(int32(v.number))
	case 45:
		p.unkPiece = string(v.bytes)
	}
	return nil
}

// field is the value of a protocol buffer field: a number, or bytes of the file.
type field struct {
	number uint64
	bytes  []byte
}

var errCut = errors.New("it ends in the middle of a field")

// fields calls f for each field of a message.
func fields(data []byte, f func(number int, v field) error) error {
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 || key>>3 > math.MaxInt32 {
			return errCut
		}
		data = data[n:]
		var v field
		switch key & 7 {
		case 0:
			if v.number, n = binary.Uvarint(data); n <= 0 {
				return errCut
			}
		case 1:
			if n = 8; len(data) < n {
				return errCut
			}
			v.number = binary.LittleEndian.Uint64(data)
		case 2:
			size, head := binary.Uvarint(data)
			if head <= 0 || size > uint64(len(data)-head) {
				return errCut
			}
			n = head + int(size)
			v.bytes = data[head:n]
		case 5:
			if n = 4; len(data) < n {
				return errCut
			}
			v.number = uint64(binary.LittleEndian.Uint32(data))
		default:
			return fmt.Errorf("field %d has the wire type %d", key>>3, key&7)
		}
		data = data[n:]
		if err := f(int(key>>3), v); err != nil {
			return err
		}
	}
	return nil
}
