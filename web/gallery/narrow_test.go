package gallery

import (
	"net/http/httptest"
	"testing"

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
