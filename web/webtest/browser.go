// Package webtest gives tests a real browser and a workbench without an engine.
package webtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Chrome is a browser that runs.
type Chrome struct{ ctx context.Context }

// names that Chromium goes by.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// Browser starts a Chromium for a test: TRYALL_CHROMIUM, else one of the path. Where there is none the test is skipped, unless
// TRYALL_TEST_ALL=1 says that nothing may be.
func Browser(t *testing.T) *Chrome {
	t.Helper()
	program := os.Getenv("TRYALL_CHROMIUM")
	for _, n := range names {
		if program != "" {
			break
		}
		program, _ = exec.LookPath(n)
	}
	if program == "" {
		reason := "no Chromium (set TRYALL_CHROMIUM to one): tried " + strings.Join(names, ", ")
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); cancelAlloc() })
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return &Chrome{ctx}
}

// Tab is a page of it that keeps what was written to the console and which addresses were asked.
type Tab struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	trouble []string
	asked   []string
}

// patience is how long a step of a test may take.
const patience = 20 * time.Second

// Tab opens one with a width of the window, in a theme ("light" or "dark").
func (c *Chrome) Tab(t *testing.T, width int64, theme string) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx)
	tab := &Tab{ctx: ctx, cancel: cancel}
	chromedp.ListenTarget(ctx, tab.event)
	height := int64(800)
	if err := chromedp.Run(ctx); err != nil { // makes the tab, which is not to end with a step's time
		t.Fatalf("open a page: %v", err)
	}
	tab.Run(t, network.Enable(), log.Enable(), chromedp.EmulateViewport(width, height),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
	return tab
}

func (t *Tab) event(e any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventConsoleAPICalled:
		for _, a := range e.Args {
			t.trouble = append(t.trouble, fmt.Sprintf("console.%s: %s %s", e.Type, a.Value, a.Description))
		}
	case *runtime.EventExceptionThrown:
		t.trouble = append(t.trouble, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		t.trouble = append(t.trouble, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *network.EventRequestWillBeSent:
		t.asked = append(t.asked, e.Request.URL)
	}
}

// Run does steps, each within its time.
func (t *Tab) Run(test *testing.T, steps ...chromedp.Action) {
	test.Helper()
	for i, s := range steps {
		if err := t.Try(s); err != nil {
			test.Fatalf("step %d of %d: %v\n%s", i+1, len(steps), err, strings.Join(t.Trouble(), "\n"))
		}
	}
}

// Try does a step that may come in the middle of a change of pages.
func (t *Tab) Try(s chromedp.Action) error { return t.within(patience, s) }

func (t *Tab) within(limit time.Duration, s chromedp.Action) error {
	ctx, cancel := context.WithTimeout(t.ctx, limit)
	defer cancel()
	return chromedp.Run(ctx, s)
}

// Picture is the whole page as PNG. Chromium waits for the next frame to take it, which now and then does not come to a page
// where nothing moves; when it is asked again it draws one.
func (t *Tab) Picture(test *testing.T) (png []byte) {
	test.Helper()
	var err error
	for range 4 {
		if err = t.within(patience/4, chromedp.FullScreenshot(&png, 100)); err == nil {
			return png
		}
	}
	test.Fatalf("take a picture: %v", err)
	return nil
}

// Trouble is what the console has.
func (t *Tab) Trouble() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string{}, t.trouble...)
}

// Forget forgets what the console has, where a test means to have caused it.
func (t *Tab) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trouble = nil
}

// Check holds that the console is empty and that no other host was asked.
func (t *Tab) Check(test *testing.T, server string) {
	test.Helper()
	for _, s := range t.Trouble() {
		test.Errorf("the console has: %s", s)
	}
	home, err := url.Parse(server)
	if err != nil {
		test.Fatal(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.asked {
		if u, err := url.Parse(a); err != nil || u.Scheme != "data" && u.Scheme != "about" && u.Host != home.Host {
			test.Errorf("the page asked %s", a)
		}
	}
}

// Close closes the tab.
func (t *Tab) Close() {
	_ = chromedp.Cancel(t.ctx) // waits until it is closed; what is gone is closed
	t.cancel()
}

// Await has a script's promise be waited for.
func Await(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
