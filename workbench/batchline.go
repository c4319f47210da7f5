package workbench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/semaphore"

	"github.com/tryall/tryall/qa"
)

// readLines cuts in into lines and parses each. It owns what it sends.
func readLines(ctx context.Context, in io.Reader, ahead *semaphore.Weighted, lines chan<- batchLine) error {
	r := bufio.NewReaderSize(in, 1<<16)
	for number := 1; ; number++ {
		raw, long, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line %d of the batch: %w", number, err)
		}
		if len(bytes.TrimSpace(raw)) > 0 {
			l := batchLine{number: number, size: min(int64(len(raw)), aheadBytes)}
			if err := ahead.Acquire(ctx, l.size); err != nil {
				return err
			}
			if long {
				l.err = qa.Errorf(qa.Invalid, "the line is longer than %d MiB", MaxLine>>20)
			} else {
				l.ask, l.err = parseBatchLine(raw)
			}
			select {
			case lines <- l:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err != nil {
			return nil
		}
	}
}

// readLine gives the next line; of one that is too long only its beginning, and the rest is passed over.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !long {
			line = append(line, part...)
			long = len(line) > MaxLine
		}
		if long {
			line = line[:1]
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// parseBatchLine reads one line of a batch. Keys that it does not know are ignored. The id is given back with an error too.
func parseBatchLine(raw []byte) (Ask, error) {
	var l struct {
		ID       json.RawMessage `json:"id"`
		Question *string         `json:"question"`
		Context  *string         `json:"context"`
		Params   *LineParams     `json:"params"`
	}
	err := json.Unmarshal(raw, &l)
	a := Ask{ID: l.ID}
	switch {
	case err != nil:
		return a, qa.Errorf(qa.Invalid, "read the line: %s", jsonTrouble(err))
	case l.Question == nil:
		return a, qa.Errorf(qa.Invalid, `the line has no "question"`)
	case l.Context == nil:
		return a, qa.Errorf(qa.Invalid, `the line has no "context"`)
	}
	a.Question, a.Context = *l.Question, *l.Context
	if l.Params != nil {
		a.Params = *l.Params
	}
	return a, nil
}

// jsonTrouble says what is wrong in the words of the line, not of this program's types.
func jsonTrouble(err error) string {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return "it is not JSON: " + err.Error()
	}
	if kind.Field == "" {
		return fmt.Sprintf("it is a JSON %s, not an object", kind.Value)
	}
	return fmt.Sprintf("%q cannot be a JSON %s", kind.Field, kind.Value)
}
