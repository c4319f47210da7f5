package weights

import (
	"errors"
	"fmt"
)

// The unpickler reads the part of Python's pickle language that torch.save writes for state dicts (protocols 2 to 4;
// CPython's Lib/pickletools.py describes the opcodes). A pickle is a program for a stack machine; this machine can build
// values and nothing else. A global that is not on the list of globals.go ends the reading, and values are walked
// without recursion. Values are nil, bool, int64, float64, string, long, tuple, *list, *dict, *global, *storageView, *view.
type (
	long  string // an integer of more than 64 bits, as its little-endian bytes
	tuple []any
	list  struct{ items []any }
	dict  struct{ items []item }
	item  struct{ key, value any }
)

// get finds a key's value; of two the later counts, as in Python.
func (d *dict) get(key string) any {
	for i := len(d.items) - 1; i >= 0; i-- {
		if d.items[i].key == key {
			return d.items[i].value
		}
	}
	return nil
}

type unpickler struct {
	in       []byte
	at       int
	stack    []any
	marks    []int
	memo     []any          // entries 0, 1, 2, ... as picklers number them
	memoRest map[uint32]any // entries out of that order
	budget   int            // bytes that may still be allocated
	storages map[string]*storage
}

// maxPickleMemory bounds what the values of one file may take, whatever the file's size.
const maxPickleMemory = 256 << 20

// newUnpickler starts at the beginning of in, a part of a file of fileSize bytes. A state dict takes about 24 bytes of
// memory for one of pickle, and the pickle is the smallest part of the file.
func newUnpickler(in []byte, fileSize int) *unpickler {
	return &unpickler{
		in:       in,
		budget:   1<<20 + 32*min(fileSize, maxPickleMemory/32),
		storages: map[string]*storage{},
	}
}

var errCut = errors.New("unexpected end of the pickle")

// next reads one value, up to and including the opcode that ends a pickle.
func (u *unpickler) next() (any, error) {
	u.stack, u.marks, u.memo, u.memoRest = nil, nil, nil, nil
	for {
		op, err := u.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' {
			return u.pop()
		}
		if err := u.charge(32); err != nil {
			return nil, err
		}
		if err := u.step(op[0]); err != nil {
			return nil, err
		}
	}
}

// step does one opcode: those that only push a constant, those that read an argument, and the rest.
func (u *unpickler) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		v, err := u.uint(1)
		if err == nil && (v < 2 || v > 5) {
			return unsupported("uses pickle protocol %d, which is not supported", v)
		}
		return err
	case 0x95: // FRAME, a hint for buffering
		_, err := u.take(8)
		return err
	case 'N':
		return u.push(nil)
	case 0x88:
		return u.push(true)
	case 0x89:
		return u.push(false)
	case '(':
		u.marks = append(u.marks, len(u.stack))
		return nil
	case ')':
		return u.push(tuple{})
	case ']':
		return u.pushNew(&list{})
	case '}':
		return u.pushNew(&dict{})
	case 'K', 'M', 'J', 'G', 0x8a, 0x8b:
		return u.number(op)
	case 'X', 0x8c, 0x8d, 'T', 'U':
		return u.text(op)
	case 'q', 'r', 0x94, 'h', 'j':
		return u.remember(op)
	case 'c', 0x93:
		return u.global(op)
	}
	return u.build(op)
}

// build does the opcodes that make values of those on the stack.
func (u *unpickler) build(op byte) error {
	switch op {
	case '0': // POP, which takes a mark when that is on top
		if n := len(u.marks); n > 0 && u.marks[n-1] == len(u.stack) {
			u.marks = u.marks[:n-1]
			return nil
		}
		_, err := u.pop()
		return err
	case '1':
		_, err := u.popMark()
		return err
	case 't':
		items, err := u.popMark()
		return u.pushTuple(items, err)
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		items, err := u.popN(int(op - 0x84))
		return u.pushTuple(items, err)
	case 'a':
		items, err := u.popN(1)
		return u.appendTo(items, err)
	case 'e':
		items, err := u.popMark()
		return u.appendTo(items, err)
	case 's':
		items, err := u.popN(2)
		return u.setIn(items, err)
	case 'u':
		items, err := u.popMark()
		return u.setIn(items, err)
	case 'R', 0x81: // REDUCE, NEWOBJ: a global applied to a tuple
		return u.apply()
	case 'b': // BUILD: attributes for an object, of which a state dict has _metadata, the versions of its modules
		items, err := u.popN(2)
		if err != nil {
			return err
		}
		if _, ok := items[0].(*dict); !ok {
			return fmt.Errorf("attributes for %s", kind(items[0]))
		}
		return u.push(items[0])
	case 'Q':
		return u.persistent()
	}
	return unsupported("uses pickle opcode %q, which is not supported", op)
}
