package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

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
