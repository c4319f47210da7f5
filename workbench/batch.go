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

const (
	// MaxLine is the longest line of a batch, in bytes. A longer one is an error in its place; the others go on.
	MaxLine = 128 << 20

	groupLines = 64      // most lines that are read together
	groupBytes = 1 << 18 // a group is closed once its lines reach this
	aheadBytes = 8 << 20 // lines read but not answered yet; a longer one goes alone
)

// Tally is how a batch went.
type Tally struct{ Lines, Failed int }

// BatchError stands in the place of a line that could not be answered.
type BatchError struct {
	ID    json.RawMessage `json:"id,omitempty"`
	Line  int             `json:"line"`
	Error struct {
		Code    qa.Code `json:"code"`
		Message string  `json:"message"`
	} `json:"error"`
}

type batchLine struct {
	number int
	size   int64 // what it counts towards aheadBytes
	ask    Ask
	err    error
}

// Batch answers JSON lines with JSON lines, in the same order, one for one; blank lines are skipped.
// Lines that are there already are answered together; nobody waits for a line that has not come yet.
// Memory holds a few groups of lines, however many there are. progress may be nil.
func (s *Session) Batch(ctx context.Context, in io.Reader, out io.Writer, inspect bool, progress func(Tally)) (Tally, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, ahead := make(chan batchLine, groupLines), semaphore.NewWeighted(aheadBytes)
	read := make(chan error, 1)
	go func() {
		defer close(lines)
		read <- readLines(ctx, in, ahead, lines)
	}()

	var tally Tally
	w := bufio.NewWriterSize(out, 1<<16)
	for group := nextGroup(ctx, lines, inspect); len(group) > 0; group = nextGroup(ctx, lines, inspect) {
		if err := s.answerGroup(ctx, w, group, inspect, &tally); err != nil {
			return tally, err
		}
		if err := w.Flush(); err != nil {
			return tally, fmt.Errorf("write answers: %w", err)
		}
		for _, l := range group {
			ahead.Release(l.size)
		}
		if progress != nil {
			progress(tally)
		}
	}
	if err := ctx.Err(); err != nil {
		return tally, err
	}
	return tally, <-read
}

// nextGroup waits for one line and takes with it what else is there; nothing at the end.
func nextGroup(ctx context.Context, lines <-chan batchLine, inspect bool) []batchLine {
	var group []batchLine
	size := int64(0)
	take := func(l batchLine) { group, size = append(group, l), size+l.size }
	select {
	case l, ok := <-lines:
		if !ok {
			return nil
		}
		take(l)
	case <-ctx.Done():
		return nil
	}
	for !inspect && len(group) < groupLines && size < groupBytes {
		select {
		case l, ok := <-lines:
			if !ok {
				return group
			}
			take(l)
		default:
			return group
		}
	}
	return group
}

func (s *Session) answerGroup(ctx context.Context, w io.Writer, group []batchLine, inspect bool, tally *Tally) error {
	var asks []Ask
	for _, l := range group {
		if l.err == nil {
			asks = append(asks, l.ask)
		}
	}
	outcomes, err := s.outcomes(ctx, asks, inspect)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, l := range group {
		tally.Lines++
		o := Outcome{Err: l.err}
		if l.err == nil {
			o, outcomes = outcomes[0], outcomes[1:]
		}
		if o.Err == nil {
			err = enc.Encode(o.Result)
		} else {
			tally.Failed++
			err = enc.Encode(newBatchError(l, o.Err))
		}
		if err != nil {
			return fmt.Errorf("write the answer to line %d: %w", l.number, err)
		}
	}
	return nil
}

func (s *Session) outcomes(ctx context.Context, asks []Ask, inspect bool) ([]Outcome, error) {
	if !inspect {
		return s.Ask(ctx, asks)
	}
	out := make([]Outcome, len(asks))
	for i, a := range asks {
		if out[i].Result, out[i].Err = s.Inspect(ctx, a); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}

func newBatchError(l batchLine, err error) BatchError {
	e := BatchError{ID: l.ask.ID, Line: l.number}
	e.Error.Code, e.Error.Message = qa.CodeOf(err), err.Error()
	return e
}

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
