package workbench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// MaxText is the largest context that is read from a file or a pipe, in bytes.
const MaxText = 64 << 20

// Text is a context with what has to be said about how it was read.
type Text struct {
	Text     string
	Warnings []string
}

// ReadTextFile reads a context from a file.
func ReadTextFile(path string) (Text, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Text{}, qa.Errorf(qa.NotFound, "read the context: there is no file %q", path)
	}
	if err != nil {
		return Text{}, qa.Errorf(qa.Invalid, "read the context: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return Text{}, qa.Errorf(qa.Invalid, "read the context: %s is a folder; name one text file in it", path)
	}
	return ReadText(f, path)
}

// ReadText reads a context: UTF-8 or UTF-16 with its mark, at most MaxText bytes. Bytes that are no valid UTF-8 stay,
// so that positions count in the text as it is; a file that is not text is refused. name is for messages.
func ReadText(r io.Reader, name string) (Text, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxText+1))
	if err != nil {
		return Text{}, qa.Errorf(qa.Invalid, "read %s: %w", name, err)
	}
	if len(raw) > MaxText {
		return Text{}, qa.Errorf(qa.Invalid, "read %s: it is larger than %d MiB, the most one context may have; split it", name, MaxText>>20)
	}
	t, err := decodeText(raw)
	if err != nil {
		return Text{}, qa.Errorf(qa.Invalid, "read %s: %w", name, err)
	}
	if t.Text == "" {
		return Text{}, qa.Errorf(qa.Invalid, "read %s: it is empty; there is nothing to answer from", name)
	}
	return t, nil
}

func decodeText(raw []byte) (Text, error) {
	if body, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		if err := checkText(body); err != nil {
			return Text{}, err
		}
		return Text{string(body), []string{"the file begins with a byte order mark, which is not part of the text; positions count after it"}}, nil
	}
	for _, u := range []struct {
		mark  string
		order binary.ByteOrder
	}{{"\xff\xfe", binary.LittleEndian}, {"\xfe\xff", binary.BigEndian}} {
		if body, ok := bytes.CutPrefix(raw, []byte(u.mark)); ok {
			return decodeUTF16(body, u.order)
		}
	}
	if err := checkText(raw); err != nil {
		return Text{}, err
	}
	return Text{Text: string(raw)}, nil
}

func decodeUTF16(body []byte, order binary.ByteOrder) (Text, error) {
	if len(body)%2 != 0 {
		return Text{}, errors.New("it begins as UTF-16 but has half a character at its end; save it as UTF-8")
	}
	units := make([]uint16, len(body)/2)
	for i := range units {
		if units[i] = order.Uint16(body[2*i:]); units[i] == 0 {
			return Text{}, errors.New("it begins as UTF-16 but holds NUL characters, so it is no text")
		}
	}
	return Text{string(utf16.Decode(units)), []string{"the file is UTF-16; positions count code points of its text"}}, nil
}

// binaryStarts are the first bytes of files that people take for text.
var binaryStarts = []struct{ start, what string }{
	{"%PDF-", "a PDF file"}, {"PK\x03\x04", "a ZIP archive (or an Office document)"}, {"\x1f\x8b", "a gzip file"},
	{"\xfd7zXZ\x00", "an xz file"}, {"\x89PNG", "a PNG image"}, {"\xff\xd8\xff", "a JPEG image"}, {"\x7fELF", "a program"},
	{"\xd0\xcf\x11\xe0", "an old Office document"},
}

// checkText refuses what is not text. Single invalid bytes are let pass: a mostly readable file in an old encoding is still text.
func checkText(raw []byte) error {
	for _, b := range binaryStarts {
		if bytes.HasPrefix(raw, []byte(b.start)) {
			return fmt.Errorf("it is %s, not text; give a text file", b.what)
		}
	}
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		return fmt.Errorf("it is not text: byte %d is NUL; give a UTF-8 text file", i)
	}
	invalid, total := 0, 0
	for i := 0; i < len(raw) && total < 1<<16; total++ {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' {
			invalid++
		}
		i += size
	}
	if total >= 16 && invalid*10 > total*3 {
		return fmt.Errorf("it is not text: %d of its first %d characters are no valid UTF-8; save it as UTF-8", invalid, total)
	}
	return nil
}
