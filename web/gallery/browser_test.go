package gallery

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tryall/tryall/web/webtest"
)

// windows are what people look through: a desk and a phone, in light and dark.
var windows = []struct {
	width int64
	theme string
}{{1280, "light"}, {390, "dark"}, {1280, "dark"}, {390, "light"}}

// shown are the states to look at: all, or those whose path begins with TRYALL_GALLERY.
func shown(t *testing.T) (out []Shown) {
	t.Helper()
	for _, s := range All() {
		if strings.HasPrefix(s.Path, os.Getenv("TRYALL_GALLERY")) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		t.Fatal("there are no states")
	}
	return out
}

// TestEveryStateInABrowser: no state writes to the console, asks another host or is wider than the window, on a desk and on a phone. With
// TRYALL_SCREENSHOTS=DIR pictures of each in light and dark are kept; TRYALL_GALLERY=ask takes the states whose path begins so.
func TestEveryStateInABrowser(t *testing.T) {
	b := webtest.Browser(t)
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	keep := os.Getenv("TRYALL_SCREENSHOTS")
	looked := windows[:2] // layout does not depend on colours
	if keep != "" {
		looked = windows
	}
	for _, w := range looked {
		tab := b.Tab(t, w.width, w.theme)
		for _, s := range shown(t) {
			name := fmt.Sprintf("%s-%d-%s", strings.ReplaceAll(s.Path, "/", "-"), w.width, w.theme)
			var wide bool
			tab.Run(t, chromedp.Navigate(srv.URL+"/"+s.Path), chromedp.WaitReady("#main"), chromedp.Evaluate(`document.documentElement.scrollWidth > window.innerWidth`, &wide))
			if wide {
				t.Errorf("%s: the page is wider than the window", name)
			}
			if keep != "" {
				if err := os.WriteFile(filepath.Join(keep, name+".png"), tab.Picture(t), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			tab.Check(t, srv.URL)
			tab.Forget()
		}
		tab.Close()
	}
}
