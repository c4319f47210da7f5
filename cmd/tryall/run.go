package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/tryall/tryall/internal/bench"
	"github.com/tryall/tryall/reader"
)

// Exit codes.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// errShown says that everything was said already, and that the exit code is 1.
var errShown = errors.New("shown above")

// errHelp stops parsing once help was printed.
var errHelp = errors.New("help was asked for")

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// app is what commands work with.
type app struct {
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	out     terminal // how stdout may be written to
	err     terminal // how stderr may be written to
	grammar *kong.Application
	offline bool   // --offline
	quiet   bool   // no progress
	resume  string // what is added when an interrupt ends the program
}

// run is the program: it parses args, runs one command and gives the exit code. An interrupt cancels the command's context;
// a second one kills the process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the write, so that files are cleaned up
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, out: terminalOf(stdout), err: terminalOf(stderr)}
	err := a.dispatch(ctx, args)
	var usage usageError
	var option *reader.OptionError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitOK
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "tryall: interrupted"+a.resume)
		return exitInterrupted
	case errors.Is(err, errShown):
		return exitError
	case errors.Is(err, errGate):
		return exitGate
	case errors.As(err, &usage), errors.As(err, &option):
		fmt.Fprintf(stderr, "tryall: %s\n", visible(err.Error()))
		return exitUsage
	}
	fmt.Fprintf(stderr, "tryall: %s\n", visible(err.Error()))
	return exitError
}

// dispatch finds the command that args name and runs it.
func (a *app) dispatch(ctx context.Context, args []string) error {
	var help bytes.Buffer
	var c cli
	parser, err := a.parser(ctx, &c, &help)
	if err != nil {
		return err
	}
	a.grammar = parser.Model
	if len(args) == 0 {
		args = []string{"--help"}
		if a.out.tty { // someone is looking
			args = []string{"serve", "--open"}
		}
	}
	parsed, err := parser.Parse(joinOptional(joinNegative(args)))
	if errors.Is(err, errHelp) {
		_, werr := a.stdout.Write(help.Bytes())
		return errors.Join(errHelp, werr)
	}
	if err != nil {
		return usagef("%w; see tryall%s --help", err, commandOf(err))
	}
	a.offline = c.Offline
	return parsed.Run()
}

func (a *app) parser(ctx context.Context, c *cli, help io.Writer) (*kong.Kong, error) {
	return kong.New(c, kong.Name("tryall"), kong.Description(description), kong.NoDefaultHelp(), kong.Vars{"default_model": defaultModel, "shapes": strings.Join(bench.Shapes(), ", ")},
		kong.Writers(help, help), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Bind(a), kong.BindTo(ctx, (*context.Context)(nil)))
}

// joinNegative writes "--flag -1.5" as "--flag=-1.5", so that a negative number is not taken for a flag.
func joinNegative(args []string) []string {
	var out []string
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if _, err := strconv.ParseFloat(arg, 64); err == nil && i > 0 && arg[0] == '-' && strings.HasPrefix(args[i-1], "--") && !strings.Contains(args[i-1], "=") {
			out[len(out)-1] += "=" + arg
			continue
		}
		out = append(out, arg)
	}
	return out
}

// commandOf is the command that a parse error belongs to, with a space before it.
func commandOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if n := parse.Context.Selected(); n != nil {
			return strings.TrimPrefix(n.FullPath(), "tryall")
		}
	}
	return ""
}

// helpFlag prints the help of the command it stands beside.
type helpFlag bool

// BeforeReset runs before anything else is checked, so that help needs no arguments.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return errHelp
}
