package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// gaugeCmd is the process that measures one contestant. It is not for people: it reads a workbench.Gauging and writes a Gauge.
type gaugeCmd struct {
	Threads int `hidden:"" help:"Threads to compute with."`
}

// Run measures one contestant.
func (c *gaugeCmd) Run(ctx context.Context, a *app) error {
	var order workbench.Gauging
	if err := json.NewDecoder(a.stdin).Decode(&order); err != nil {
		return usagef("gauge is for the program's own use; see tryall bench: %w", err)
	}
	w := a.workbench(engineFlags{Threads: c.Threads})
	bare := peakMemory()
	m, err := w.Find(order.Model, order.Precision)
	if err != nil {
		return err
	}
	s, err := w.Open(ctx, m, order.Params)
	if err != nil {
		return err
	}
	defer s.Close()
	g, err := eval.TimeAlone(ctx, s.Reader(), order.Tasks, order.Budget)
	if err != nil {
		return err
	}
	if bare > 0 {
		g.PeakBytes = max(0, peakMemory()-bare)
	}
	return json.NewEncoder(a.stdout).Encode(g)
}

// gaugeIn gives the function that measures a contestant in a process of its own, which is this program once more.
func (a *app) gaugeIn(f engineFlags) func(context.Context, workbench.Gauging) (eval.Gauge, error) {
	return func(ctx context.Context, order workbench.Gauging) (eval.Gauge, error) {
		program, err := os.Executable()
		if err != nil {
			return eval.Gauge{}, fmt.Errorf("measure %s: %w", order.Model, err)
		}
		in, err := json.Marshal(order)
		if err != nil {
			return eval.Gauge{}, fmt.Errorf("measure %s: %w", order.Model, err)
		}
		cmd := exec.CommandContext(ctx, program, "gauge", "--threads", strconv.Itoa(f.Threads))
		cmd.Args[0] = "tryall" // as which a test's binary knows itself
		cmd.Env = append(os.Environ(), "HF_HUB_OFFLINE=1")
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &limited{&errs, 64 << 10}
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return eval.Gauge{}, ctx.Err()
			}
			return eval.Gauge{}, gaugeError(err, errs.String())
		}
		var g eval.Gauge
		if err := json.Unmarshal(out.Bytes(), &g); err != nil {
			return g, qa.Errorf(qa.Internal, "measure %s: read the figures: %w", order.Model, err)
		}
		return g, nil
	}
}

// gaugeError says why the measuring process came to no end of its own.
func gaugeError(err error, said string) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("start a process to measure in: %w", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return qa.Errorf(qa.Unavailable, "out of memory: the system killed it while it was measured (%s were free); leave it out, or give it a machine with more memory", size(freeMemory()))
	}
	said = strings.TrimSpace(said)
	if strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory") {
		return qa.Errorf(qa.Unavailable, "out of memory while it was measured (%s are free)", size(freeMemory()))
	}
	if first, _, more := strings.Cut(said, "\n"); more && strings.Contains(said, "goroutine ") {
		said = first // of a crash the first line
	}
	return qa.Errorf(qa.BrokenModel, "%s", strings.TrimPrefix(said, "tryall: "))
}

// limited keeps the beginning of what is written and takes the rest for written.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	keep := p[:min(len(p), l.left)]
	l.left -= len(keep)
	if _, err := l.w.Write(keep); err != nil {
		return 0, err
	}
	return len(p), nil
}
