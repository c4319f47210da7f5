package corpus

import (
	"context"
	"errors"

	"github.com/tryall/tryall/qa"
)

// readText keeps a text as it is, byte for byte where it is UTF-8.
func readText(_ context.Context, in Input) ([]qa.Document, []string, error) {
	text, warnings, err := decode(in)
	if err != nil {
		return nil, nil, err
	}
	return []qa.Document{{ID: qa.DocumentID(in.Name), Text: text}}, warnings, nil
}

// decode is a text file's text, within the limit.
func decode(in Input) (string, []string, error) {
	text, warnings, err := decodeBytes(in.Data)
	if err != nil {
		return "", nil, err
	}
	if text == "" {
		return "", nil, errors.New("it is empty; there is nothing to answer from")
	}
	return text, warnings, nil
}
