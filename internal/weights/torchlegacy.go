package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// legacyMagic is torch.serialization.MAGIC_NUMBER, 0x1950a86a20f9469cfc6c.
const legacyMagic = long("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")

// readTorchLegacy reads the form that torch.save wrote before 1.6: five pickles one after the other (a magic number, a
// version, facts about the writing machine, the value, the keys of the storages), then for each of those keys the number
// of elements in eight bytes, and the elements.
func readTorchLegacy(b *blob) (any, error) {
	u := newUnpickler(b.data, len(b.data))
	magic, err := u.next()
	if err != nil {
		return nil, err
	}
	if magic != legacyMagic {
		return nil, unsupported("is a pickle that torch.save did not write")
	}
	version, err := u.next()
	if err != nil {
		return nil, err
	}
	if version != int64(1001) {
		return nil, unsupported("has another version of torch's old format than 1001")
	}
	machine, err := u.next()
	if err != nil {
		return nil, err
	}
	if facts, ok := machine.(*dict); !ok || facts.get("little_endian") != true {
		return nil, unsupported("was not written on a little-endian machine")
	}
	top, err := u.next()
	if err != nil {
		return nil, err
	}
	keys, err := u.next()
	if err != nil {
		return nil, err
	}
	l, ok := keys.(*list)
	if !ok {
		return nil, fmt.Errorf("%s where the list of storages belongs", kind(keys))
	}
	return top, u.readStorages(l.items)
}

func (u *unpickler) readStorages(keys []any) error {
	for _, k := range keys {
		key, _ := k.(string)
		s := u.storages[key]
		if s == nil || s.data != nil {
			return fmt.Errorf("storage %s is not used, or there twice", printable(key))
		}
		head, err := u.take(8)
		if err != nil {
			return err
		}
		if n := binary.LittleEndian.Uint64(head); n != uint64(s.numel) {
			return fmt.Errorf("storage %s has %d elements, %d belong there", printable(key), n, s.numel)
		}
		if s.data, err = u.take(s.numel * s.dtype.Size()); err != nil {
			return err
		}
	}
	for _, s := range u.storages {
		if s.data == nil {
			return fmt.Errorf("storage %s is not there", printable(s.key))
		}
	}
	if left := len(u.in) - u.at; left > 0 {
		return errors.New("there are bytes after the last storage")
	}
	return nil
}
