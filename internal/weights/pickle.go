package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
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

// argument is the bytes that follow an opcode: a number, an index into the memo, or the length of a text.
var argument = [256]int{'K': 1, 'M': 2, 'J': 4, 0x8a: 1, 0x8b: 4, 'q': 1, 'r': 4, 'h': 1, 'j': 4, 'X': 4, 0x8c: 1, 0x8d: 8, 'T': 4, 'U': 1}

// take reads n bytes.
func (u *unpickler) take(n int) ([]byte, error) {
	if n < 0 || n > len(u.in)-u.at {
		return nil, errCut
	}
	b := u.in[u.at : u.at+n]
	u.at += n
	return b, nil
}

// uint reads an unsigned integer of up to eight bytes.
func (u *unpickler) uint(size int) (uint64, error) {
	b, err := u.take(size)
	if err != nil {
		return 0, err
	}
	var v uint64
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v, nil
}

// sized reads a length of so many bytes, then that many bytes.
func (u *unpickler) sized(size int) ([]byte, error) {
	n, err := u.uint(size)
	if err != nil {
		return nil, err
	}
	if n > uint64(len(u.in)-u.at) {
		return nil, errCut
	}
	return u.take(int(n))
}

func (u *unpickler) number(op byte) error {
	switch op {
	case 'K', 'M', 'J':
		v, err := u.uint(argument[op])
		if err != nil {
			return err
		}
		if op == 'J' {
			return u.push(int64(int32(v)))
		}
		return u.push(int64(v))
	case 'G':
		b, err := u.take(8)
		if err != nil {
			return err
		}
		return u.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	}
	b, err := u.sized(argument[op])
	if err != nil {
		return err
	}
	if len(b) > 8 {
		if err := u.charge(len(b)); err != nil {
			return err
		}
		return u.push(long(b))
	}
	var v int64
	for i, c := range b {
		v |= int64(c) << (8 * i)
	}
	if n := len(b); n > 0 && n < 8 && b[n-1] >= 0x80 { // two's complement
		v -= 1 << (8 * n)
	}
	return u.push(v)
}

// text reads the string opcodes; those of Python 2 ('T', 'U') are bytes that hold UTF-8 here.
func (u *unpickler) text(op byte) error {
	b, err := u.sized(argument[op])
	if err != nil {
		return err
	}
	if err := u.charge(len(b)); err != nil {
		return err
	}
	return u.push(string(b))
}

// remember puts the top of the stack into the memo ('q', 'r', MEMOIZE) or gets a value back ('h', 'j').
func (u *unpickler) remember(op byte) error {
	index := uint64(len(u.memo) + len(u.memoRest))
	if op != 0x94 {
		var err error
		if index, err = u.uint(argument[op]); err != nil {
			return err
		}
	}
	if op == 'h' || op == 'j' {
		if index < uint64(len(u.memo)) {
			return u.push(u.memo[index])
		}
		v, ok := u.memoRest[uint32(index)]
		if !ok {
			return fmt.Errorf("memo %d is empty", index)
		}
		return u.push(v)
	}
	if len(u.stack) == 0 {
		return errors.New("nothing to put into the memo")
	}
	if err := u.charge(64); err != nil {
		return err
	}
	v := u.stack[len(u.stack)-1]
	switch n := uint64(len(u.memo)); {
	case index < n:
		u.memo[index] = v
	case index == n && len(u.memoRest) == 0:
		u.memo = append(u.memo, v)
	default:
		if u.memoRest == nil {
			u.memoRest = map[uint32]any{}
		}
		u.memoRest[uint32(index)] = v
	}
	return nil
}

// global pushes what a module and a name stand for, which must be on the list.
func (u *unpickler) global(op byte) error {
	var module, name string
	if op == 'c' {
		for _, s := range []*string{&module, &name} {
			n := bytes.IndexByte(u.in[u.at:], '\n')
			if n < 0 {
				return errCut
			}
			b, _ := u.take(n + 1)
			*s = string(b[:min(n, 200)]) // longer ones are not on the list either
		}
	} else {
		items, err := u.popN(2)
		if err != nil {
			return err
		}
		var ok1, ok2 bool
		module, ok1 = items[0].(string)
		name, ok2 = items[1].(string)
		if !ok1 || !ok2 {
			return errors.New("a global without a name")
		}
	}
	g, ok := globals[module+"."+name]
	if !ok {
		return unsupported("asks to run %s: refused", printable(module+"."+name))
	}
	return u.push(g)
}

func (u *unpickler) push(v any) error {
	u.stack = append(u.stack, v)
	return nil
}

func (u *unpickler) pushNew(v any) error {
	u.stack = append(u.stack, v)
	return u.charge(64)
}

func (u *unpickler) pushTuple(items []any, err error) error {
	if err != nil {
		return err
	}
	if err := u.charge(32 + 16*len(items)); err != nil {
		return err
	}
	return u.push(append(tuple{}, items...))
}

func (u *unpickler) appendTo(items []any, err error) error {
	if err != nil {
		return err
	}
	if len(u.stack) == 0 {
		return errors.New("nothing to append to")
	}
	l, ok := u.stack[len(u.stack)-1].(*list)
	if !ok {
		return fmt.Errorf("append to %s", kind(u.stack[len(u.stack)-1]))
	}
	l.items = append(l.items, items...)
	return u.charge(32 * len(items))
}

func (u *unpickler) setIn(items []any, err error) error {
	if err != nil {
		return err
	}
	if len(u.stack) == 0 || len(items)%2 != 0 {
		return errors.New("keys without values")
	}
	d, ok := u.stack[len(u.stack)-1].(*dict)
	if !ok {
		return fmt.Errorf("keys for %s", kind(u.stack[len(u.stack)-1]))
	}
	for i := 0; i < len(items); i += 2 {
		d.items = append(d.items, item{items[i], items[i+1]})
	}
	return u.charge(32 * len(items))
}

// floor is the lowest stack slot that an opcode may take: what lies below the last mark belongs to a later one.
func (u *unpickler) floor() int {
	if n := len(u.marks); n > 0 {
		return u.marks[n-1]
	}
	return 0
}

func (u *unpickler) pop() (any, error) {
	items, err := u.popN(1)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// popN takes the n topmost values, the topmost last; they are valid until the next push.
func (u *unpickler) popN(n int) ([]any, error) {
	at := len(u.stack) - n
	if at < u.floor() {
		return nil, errors.New("the pickle takes more from its stack than is there")
	}
	items := u.stack[at:]
	u.stack = u.stack[:at]
	return items, nil
}

func (u *unpickler) popMark() ([]any, error) {
	if len(u.marks) == 0 {
		return nil, errors.New("the pickle has no mark where it needs one")
	}
	items, err := u.popN(len(u.stack) - u.floor())
	u.marks = u.marks[:len(u.marks)-1]
	return items, err
}

func (u *unpickler) charge(n int) error {
	if u.budget -= n; u.budget < 0 {
		return unsupported("would take more memory than a state dict of its size does: refused")
	}
	return nil
}

// kind names a value for an error.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "None"
	case bool, int64, long, float64:
		return "a number"
	case string:
		return "a string"
	case tuple:
		return "a tuple"
	case *list:
		return "a list"
	case *dict:
		return "a dict"
	case *storageView:
		return "a storage"
	case *view:
		return "a tensor"
	}
	return "a global"
}

// printable shortens and cleans a name of the file for an error.
func printable(s string) string {
	if len(s) > 200 {
		s = s[:200] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, s)
}
