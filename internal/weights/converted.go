package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"

	"github.com/edsrzf/mmap-go"
)

// Converted is a file of what was made of a checkpoint's weights: named sections of bytes in mapped memory, each with a
// checksum. It serves one maker, known by a key; everybody else finds it stale.
type Converted struct {
	m        mmap.MMap
	head     convertedHead
	sections map[string]section
}

// section is where the bytes of a name lie.
type section struct {
	data []byte
	sum  uint32
}

// convertedMagic is how such files begin; the number counts changes of the format.
const convertedMagic = "tryall converted weights 1\n"

// convertedAlign is where sections begin, and what their sizes are multiples of: a cache line.
const convertedAlign = 64

// preamble is magic, size and checksum of the head.
const preamble = convertedAlign

// convertedHead says what the file holds. Sections follow each other in order.
type convertedHead struct {
	Key      string          `json:"key"`
	Sources  []string        `json:"sources"`
	Sections []convertedPart `json:"sections"`
}

type convertedPart struct {
	Name string `json:"name"`
	Size int    `json:"size"`
	Sum  uint32 `json:"crc32c"`
}

// ErrStale is the error for a file that somebody else made, or that was made of other weights.
var ErrStale = errors.New("the converted weights are of another checkpoint or program")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// OpenConverted maps a file of converted weights. It is ErrStale if the key is not the one it was written with.
func OpenConverted(file, key string) (*Converted, error) {
	c, err := mapConverted(file)
	if err == nil && c.head.Key != key {
		return nil, errors.Join(ErrStale, c.Close())
	}
	return c, err
}

// mapConverted maps a file of converted weights and finds its sections.
func mapConverted(file string) (_ *Converted, err error) {
	info, err := os.Stat(file) // before Open, which would wait on a named pipe
	if err != nil {
		return nil, err
	}
	if size := info.Size(); !info.Mode().IsRegular() || size < preamble || size > math.MaxInt {
		return nil, fmt.Errorf("%s is damaged: %d bytes", file, size)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &Converted{sections: map[string]section{}}
	if c.m, err = mmap.MapRegion(f, int(info.Size()), mmap.RDONLY, 0, 0); err != nil {
		return nil, fmt.Errorf("map %s: %w", file, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	rest, err := c.readHead()
	if err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	for _, p := range c.head.Sections {
		if p.Size < 0 || p.Size%convertedAlign != 0 || p.Size > len(rest) {
			return nil, fmt.Errorf("%s is truncated", file)
		}
		c.sections[p.Name] = section{rest[:p.Size:p.Size], p.Sum}
		rest = rest[p.Size:]
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%s is damaged: nothing describes the last %d bytes", file, len(rest))
	}
	return c, nil
}

// readHead gives what is behind the head.
func (c *Converted) readHead() ([]byte, error) {
	if !bytes.HasPrefix(c.m, []byte(convertedMagic)) {
		return nil, errors.New("is no file of converted weights")
	}
	size, sum := binary.LittleEndian.Uint64(c.m[preamble-16:]), binary.LittleEndian.Uint32(c.m[preamble-8:])
	if size > uint64(len(c.m)-preamble) {
		return nil, errors.New("is truncated")
	}
	head := c.m[preamble:][:size]
	if crc32.Checksum(head, castagnoli) != sum {
		return nil, errors.New("is damaged: the checksum of its head is another")
	}
	if err := json.Unmarshal(head, &c.head); err != nil {
		return nil, fmt.Errorf("is damaged: %w", err)
	}
	return c.m[preamble+int(size):], nil
}

// Section gives the bytes of that name, which begin at a cache line and end with the file's Close, after it has read all of
// them once for their checksum.
func (c *Converted) Section(name string) ([]byte, error) {
	s, ok := c.sections[name]
	if !ok {
		return nil, fmt.Errorf("no converted weights of the name %q", name)
	}
	if crc32.Checksum(s.data, castagnoli) != s.sum {
		return nil, fmt.Errorf("the converted weights %q are damaged: their checksum is another", name)
	}
	return s.data, nil
}

// Bytes is the size of the file.
func (c *Converted) Bytes() int { return len(c.m) }

// Close unmaps the file. What Section gave must not be touched afterwards.
func (c *Converted) Close() error {
	c.sections = nil
	if c.m == nil {
		return nil
	}
	return c.m.Unmap()
}

// Section is what WriteConverted writes under a name: pieces of memory, one after the other, together whole cache lines.
type Section struct {
	Name   string
	Pieces [][]byte
}

// encodeHead gives the beginning of a file with these sections, and the size of the whole.
func encodeHead(key string, sources []string, sections []Section) (head []byte, size int64, err error) {
	h := convertedHead{Key: key, Sources: sources}
	for _, s := range sections {
		p := convertedPart{Name: s.Name}
		for _, piece := range s.Pieces {
			p.Size += len(piece)
			p.Sum = crc32.Update(p.Sum, castagnoli, piece)
		}
		if p.Size%convertedAlign != 0 {
			return nil, 0, fmt.Errorf("section %q has %d bytes, which are no whole cache lines", s.Name, p.Size)
		}
		size += int64(p.Size)
		h.Sections = append(h.Sections, p)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, 0, err
	}
	text = append(text, bytes.Repeat([]byte(" "), -len(text)&(convertedAlign-1))...)
	head = make([]byte, preamble, preamble+len(text))
	copy(head, convertedMagic)
	binary.LittleEndian.PutUint64(head[preamble-16:], uint64(len(text)))
	binary.LittleEndian.PutUint32(head[preamble-8:], crc32.Checksum(text, castagnoli))
	head = append(head, text...)
	return head, size + int64(len(head)), nil
}

// writeSections writes a file's head and what follows it.
func writeSections(w io.Writer, head []byte, sections []Section) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, s := range sections {
		for _, piece := range s.Pieces {
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
	}
	return nil
}
