package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxHeader is the most bytes of JSON that a header or an index may have, the bound that safetensors itself sets.
const maxHeader = 100_000_000

// objectDecoder starts reading a text that must be one JSON object in UTF-8.
func objectDecoder(text []byte) (*json.Decoder, error) {
	if len(text) > maxHeader {
		return nil, fmt.Errorf("%d bytes of JSON, more than the %d allowed", len(text), maxHeader)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the JSON is not UTF-8")
	}
	return json.NewDecoder(bytes.NewReader(text)), nil
}

// object reads one JSON object key by key, so that a key that stands twice is seen; f must consume the value.
func object(dec *json.Decoder, f func(key string) error) error {
	if err := delim(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return cut(err)
		}
		key, ok := tok.(string)
		if !ok {
			return fmt.Errorf("%v where a key belongs", tok)
		}
		if err := f(key); err != nil {
			return err
		}
	}
	return delim(dec, '}')
}

func delim(dec *json.Decoder, want json.Delim) error {
	tok, err := dec.Token()
	if err != nil {
		return cut(err)
	}
	if tok != want {
		return fmt.Errorf("%v where %v belongs", tok, want)
	}
	return nil
}

// end makes sure that nothing but white space follows.
func end(dec *json.Decoder) error {
	if tok, err := dec.Token(); err != io.EOF {
		if err != nil {
			return err
		}
		return fmt.Errorf("%v after the end of the object", tok)
	}
	return nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
