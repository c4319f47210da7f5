package weights

import (
	"errors"
	"fmt"
	"strings"
)

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
