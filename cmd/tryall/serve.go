package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
	"github.com/tryall/tryall/zoo"
)

type serveCmd struct {
	Addr       string   `placeholder:"HOST:PORT" default:"127.0.0.1:8420" help:"Address to listen on (default 127.0.0.1:8420)."`
	Model      []string `short:"m" placeholder:"MODEL" help:"A model to have open from the start; the first is the one that is asked. Repeat for more."`
	Token      string   `placeholder:"T" help:"Let in only who knows it: /?token=T in a browser, Authorization: Bearer T from programs."`
	APIOnly    bool     `name:"api-only" help:"Routes for programs, no pages."`
	Insecure   bool     `help:"Listen on an address that others reach without a token."`
	Open       bool     `help:"Open the browser."`
	Demo       bool     `help:"Show Ask and Compare alone, with the models of -m and the project's corpus; nothing can be changed."`
	Title      string   `placeholder:"TEXT" help:"--demo: what to call it on every page."`
	Logo       string   `placeholder:"FILE" type:"path" help:"--demo: an SVG or a PNG beside the title."`
	CorpusOnly bool     `name:"corpus-only" help:"--demo: no text is asked but the corpus."`
	engineFlags
}

// Validate refuses values outside their range, and to serve the network without a token.
func (c *serveCmd) Validate() error {
	if err := c.access().Check(); err != nil {
		return usageError{err}
	}
	switch {
	case !c.Demo && (c.Title != "" || c.Logo != "" || c.CorpusOnly):
		return usagef("--title, --logo and --corpus-only are for --demo")
	case c.Demo && c.APIOnly:
		return usagef("--demo shows pages, and --api-only has none; give one of them")
	}
	return c.check()
}

func (c *serveCmd) access() web.Access {
	return web.Access{Addr: c.Addr, Token: c.Token, Insecure: c.Insecure}
}

// modelShare is how much of the memory that is free the open models may take.
const modelShare = 0.7

// Run serves until it is interrupted.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	cachePDF()
	collectEarly()
	w := a.workbench(c.engineFlags)
	demo, err := c.demo(ctx, w)
	if err != nil {
		return err
	}
	models, err := a.named(ctx, w, c.Model, c.Precision)
	if err != nil {
		return err
	}
	samples, err := sampleQuestions()
	if err != nil {
		return err
	}
	on, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	v := currentVersion()
	s, err := web.New(web.Config{Bench: w, Models: c.Model, Precisions: runnablePrecisions, Samples: samples, SampleSets: sampleSets(), Version: v.Version,
		Host: workbench.Host{Version: v.Version, Kernel: v.Kernel, Gauge: a.gaugeIn(c.engineFlags)}, Doctor: examiner(c.Threads),
		Memory: int64(modelShare * float64(freeMemory())), Access: c.access(), APIOnly: c.APIOnly, Demo: demo})
	if err != nil {
		return errors.Join(err, on.Close())
	}
	address := c.url(on.Addr())
	if err := a.lines("tryall is at " + address + " (Ctrl+C ends it)"); err != nil {
		return errors.Join(err, on.Close())
	}
	if c.Open {
		openBrowser(ctx, address)
	}
	if demo == nil {
		if err := s.Restore(ctx); err != nil { // the runs are kept, and their pages say so
			a.warn("take up the bake-offs that were going on: %v", err)
		}
	}
	go s.Warm(ctx, models) // ends with the context at the latest
	return s.Serve(ctx, on)
}

// collectEarly has the collector run when the heap has grown by a half, not when it has doubled: what a server holds is mostly texts and
// logits, in which there is nothing to look for, so that this costs little time, and one long text would leave as much garbage as it is large.
// Whoever sets GOGC knows better.
func collectEarly() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// named finds models that were named; those that are not here are pulled first.
func (a *app) named(ctx context.Context, w *workbench.Workbench, names []string, precision string) ([]workbench.Model, error) {
	if len(names) == 0 {
		return w.FindAll([]string{defaultModel}, precision)
	}
	return a.bring(ctx, w, names, precision)
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	on, err := config.Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, qa.Errorf(qa.Unavailable, "%s is in use, maybe by another tryall; end that, or take another port with --addr 127.0.0.1:0", addr)
	}
	if err != nil {
		return nil, qa.Errorf(qa.Unavailable, "listen on %s: %w", addr, err)
	}
	return on, nil
}

// url is where a browser of this machine finds the server.
func (c *serveCmd) url(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String() + "/"
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/"}
	if c.Token != "" && !c.APIOnly {
		u.RawQuery = url.Values{"token": {c.Token}}.Encode()
	}
	return u.String()
}

// openBrowser asks the system to show an address. Where there is no screen nothing happens: the address was printed.
func openBrowser(ctx context.Context, address string) {
	command := []string{"xdg-open", address}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open", address}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", address}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...) // the browser outlives the server
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}

// chosenSamples are the questions of the first start: one with an answer, one over a whole paper, one that its text does not answer.
var chosenSamples = []struct{ data, question string }{
	{"wikipedia.json", "Who proclaimed the oil embargo?"},
	{"covid-papers.json", "What is the estimated mean incubation period for COVID-19 infection on the Diamond Princess cruise ship?"},
	{"wikipedia.json", "When did OPEC begin?"},
}

// sampleQuestions are the questions of the first start with their texts.
func sampleQuestions() ([]ui.Sample, error) {
	data := map[string]*eval.Dataset{}
	for _, s := range zoo.Sample() {
		raw, err := s.JSON()
		if err != nil {
			return nil, err
		}
		if data[s.Name], err = eval.ReadDataset(bytes.NewReader(raw)); err != nil {
			return nil, fmt.Errorf("read the sample %s: %w", s.Name, err)
		}
	}
	var out []ui.Sample
	for _, c := range chosenSamples {
		d := data[c.data]
		for i := range d.Examples {
			if e := &d.Examples[i]; e.Text == c.question {
				p := d.Passages[e.Passage]
				title := ""
				if p.Article < len(d.Titles) {
					title = strings.ReplaceAll(d.Titles[p.Article], "_", " ")
				}
				out = append(out, ui.Sample{Question: e.Text, Title: title, Text: p.Text})
				break
			}
		}
	}
	if len(out) != len(chosenSamples) {
		return nil, qa.Errorf(qa.Internal, "the sample questions of the first start are not in the sample data")
	}
	return out, nil
}

// sampleSets are the sample questions as files to race over.
func sampleSets() (out []ui.SampleSet) {
	for _, s := range zoo.Sample() {
		out = append(out, ui.SampleSet{Name: s.Name, About: s.About, Read: s.JSON})
	}
	return out
}
