package workbench

import (
	"bufio"
	"context"
	"encoding/json"
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
