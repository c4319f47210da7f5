package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/tryall/tryall/workbench"
)

type inspectCmd struct{ questionFlags }

// Run shows the windows of one question, or of a batch.
func (c *inspectCmd) Run(ctx context.Context, a *app) error {
	if c.Batch != "" {
		return c.batch(ctx, a, true)
	}
	s, ask, done, err := c.one(ctx, a)
	if err != nil {
		return err
	}
	defer done()
	r, err := s.Inspect(ctx, ask)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(a.stdout) // one line: the numbers of a window are not for reading
		enc.SetEscapeHTML(false)
		return enc.Encode(&r)
	}
	for i, w := range r.Windows {
		head := fmt.Sprintf("Window %d of %d, %d tokens", i+1, len(r.Windows), len(w.IDs))
		if err := a.lines(append([]string{a.out.in(styleStrong, head)}, append(windowTable(a.out, w), "")...)...); err != nil {
			return err
		}
	}
	return a.showResult(ask.Context, &r, false)
}

// windowTable has a row per token; the best start and the best end of the context stand out. A beam head has rows for its
// candidate starts instead.
func windowTable(t terminal, w workbench.WindowResult) []string {
	if w.Beam != nil {
		return beamTable(t, w)
	}
	cols := []column{{"", true}, {"id", true}, {"token", false}, {"characters", true}, {"start logit", true}, {"end logit", true}}
	rows := make([][]string, len(w.IDs))
	bestStart, bestEnd := best(w.StartLogits, w.Offsets), best(w.EndLogits, w.Offsets)
	for i := range w.IDs {
		rows[i] = []string{strconv.Itoa(i), strconv.Itoa(int(w.IDs[i])), visible(w.Tokens[i]), offset(w.Offsets[i]), logit(w.StartLogits[i]), logit(w.EndLogits[i])}
	}
	return table(t, cols, rows, func(row, col int) string {
		switch {
		case row == bestStart && col == 4, row == bestEnd && col == 5:
			return styleAnswer
		case w.Offsets[row] == nil:
			return styleDim
		}
		return styleNone
	})
}

// beamTable has a row per candidate start with its best end. The ends of start i lie at rank*starts+i.
func beamTable(t terminal, w workbench.WindowResult) []string {
	cols := []column{{"start", true}, {"token", false}, {"p", true}, {"best end", true}, {"token", false}, {"p", true}}
	token := func(i int32) (string, string) { return strconv.Itoa(int(i)), visible(w.Tokens[i]) }
	var rows [][]string
	for i, start := range w.Beam.StartTopIndex {
		end := w.Beam.EndTopIndex[i]
		s, st := token(start)
		e, et := token(end)
		rows = append(rows, []string{s, st, logit(w.Beam.StartTopLogProbs[i]), e, et, logit(w.Beam.EndTopLogProbs[i])})
	}
	return table(t, cols, rows, nil)
}

func best(logits []float32, offsets []*[2]int) int {
	at := -1
	for i, l := range logits {
		if offsets[i] != nil && (at < 0 || l > logits[at]) {
			at = i
		}
	}
	return at
}

func offset(o *[2]int) string {
	if o == nil {
		return ""
	}
	return fmt.Sprintf("%d–%d", o[0], o[1])
}

func logit(f float32) string { return strconv.FormatFloat(float64(f), 'f', 3, 32) }
