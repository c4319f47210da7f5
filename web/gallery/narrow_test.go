package gallery

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/tryall/tryall/web/webtest"
)

// TestRunsOnAPhone: nothing of the list of runs lies beyond the edge of a narrow window, where it would have to be scrolled for.
func TestRunsOnAPhone(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	for _, width := range []int64{390, 1280} {
		tab := webtest.Browser(t).Tab(t, width, "light")
		var beyond, verdicts int
		tab.Run(t, chromedp.Navigate(srv.URL+"/bakeoff/runs"), chromedp.WaitReady(".runs"),
			chromedp.Evaluate(`[...document.querySelectorAll(".runs td")].filter(d => d.getBoundingClientRect().right > d.closest(".scroll").getBoundingClientRect().right + 1).length`, &beyond),
			chromedp.Evaluate(`[...document.querySelectorAll(".runs td:nth-child(4)")].filter(d => d.getBoundingClientRect().width > 300).length`, &verdicts))
		if beyond > 0 || verdicts == 0 {
			t.Errorf("at %d pixels %d cells lie beyond the edge, and %d verdicts have room", width, beyond, verdicts)
		}
		tab.Close()
	}
}

// TestKeysWhereThereIsAKeyboard: what tells of keys is seen with a mouse, and not where fingers point.
func TestKeysWhereThereIsAKeyboard(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	const count = `[...document.querySelectorAll("#main kbd")].filter(k => k.getClientRects().length > 0).length`
	for _, touch := range []bool{false, true} {
		tab := webtest.Browser(t).Tab(t, 390, "light")
		tab.Run(t, chromedp.ActionFunc(func(ctx context.Context) error {
			if err := emulation.SetEmitTouchEventsForMouse(touch).Do(ctx); err != nil {
				return err
			}
			return emulation.SetTouchEmulationEnabled(touch).Do(ctx)
		}))
		if touch {
			tab.Run(t, chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile, chromedp.EmulateTouch))
		}
		for _, state := range []string{"/questions/label-full", "/questions/label-choose"} {
			var shown int
			var coarse bool
			tab.Run(t, chromedp.Navigate(srv.URL+state), chromedp.WaitReady("#main"), chromedp.Evaluate(`matchMedia("(pointer: coarse)").matches`, &coarse), chromedp.Evaluate(count, &shown))
			if coarse != touch {
				t.Fatalf("%s: the browser points coarsely: %v", state, coarse)
			}
			if touch == (shown > 0) {
				t.Errorf("%s: touch %v, and %d keys are shown", state, touch, shown)
			}
		}
		tab.Close()
	}
}
