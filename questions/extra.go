package questions

import "strings"

// Extra is how an object of a file was written, as far as the fields of a Set do not say it: its keys in their order, those that
// we do not know with their values, and values that are not written the usual way (an id that is a number, half a
// surrogate pair). It looks like JSON in which a value that the field says is left out: {"id":7,"question":,"topic":"x"}. It
// is empty for what was not read from JSON.
type Extra string

// member is one key. An empty value stands for what the field says.
type member struct{ key, written, value string }

type layout []member

// set adds a key, or moves it to the end: of a repeated key the last one counts.
func (l *layout) set(m member) {
	for i := range *l {
		if (*l)[i].key == m.key {
			*l = append((*l)[:i], (*l)[i+1:]...)
			break
		}
	}
	*l = append(*l, m)
}

func (l layout) extra() Extra {
	if len(l) == 0 {
		return ""
	}
	parts := make([]string, len(l))
	for i, m := range l {
		parts[i] = m.written + ":" + m.value
	}
	return Extra("{" + strings.Join(parts, ",") + "}")
}

// layout reads an Extra, which only this package makes.
func (e Extra) layout() (l layout) {
	if e == "" {
		return nil
	}
	s := &scan{b: []byte(e)}
	_ = s.object(func(key, written string) (err error) {
		m := member{key: key, written: written}
		if c := s.peek(); c != ',' && c != '}' {
			m.value, err = s.value()
		}
		l = append(l, m)
		return err
	})
	return l
}

// with gives a key another value.
func (e Extra) with(key, value string) Extra {
	l := e.layout()
	for i := range l {
		if l[i].key == key {
			l[i].value = value
		}
	}
	return l.extra()
}

// interner holds one copy of each Extra: most objects of a file look alike.
type interner map[Extra]Extra

func (in interner) of(e Extra) Extra {
	if known, ok := in[e]; ok {
		return known
	}
	in[e] = e
	return e
}

// has says whether the object had a key.
func (e Extra) has(key string) bool {
	for _, m := range e.layout() {
		if m.key == key {
			return true
		}
	}
	return false
}
