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

// TestEveryStateInABrowser: no state writes to the console, asks another host or is wider than the window, in light and dark, on a desk
// and on a phone. With TRYALL_SCREENSHOTS=DIR the pictures are kept; TRYALL_GALLERY=ask takes the states
// whose path begins so.
func TestEveryStateInABrowser(t *testing.T) {
	b := webtest.Browser(t)
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	keep := os.Getenv("TRYALL_SCREENSHOTS")
	n := 0
	for _, s := range All() {
		if only := os.Getenv("TRYALL_GALLERY"); only != "" && !strings.HasPrefix(s.Path, only) {
			continue
		}
		for _, width := range []int64{1280, 390} {
			for _, theme := range []string{"light", "dark"} {
				n++
				name := fmt.Sprintf("%s-%d-%s", strings.ReplaceAll(s.Path, "/", "-"), width, theme)
				tab := b.Tab(t, width, theme)
				var wide bool
				var picture []byte
				tab.Run(t, chromedp.Navigate(srv.URL+"/"+s.Path), chromedp.WaitReady("#main"),
					chromedp.Evaluate(`document.documentElement.scrollWidth > window.innerWidth`, &wide))
				if wide {
					t.Errorf("%s: the page is wider than the window", name)
				}
				if keep != "" {
					tab.Run(t, chromedp.FullScreenshot(&picture, 100))
					if err := os.WriteFile(filepath.Join(keep, name+".png"), picture, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				tab.Check(t, srv.URL)
				tab.Close()
			}
		}
	}
	if n == 0 {
		t.Fatal("there are no states")
	}
}
