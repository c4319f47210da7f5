package gallery

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tryall/tryall/web/webtest"
)

// axeRun asks axe for what hinders people, contrast in both themes among it.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical").flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " " + n.failureSummary.replace(/\s+/g, " "))))`

// TestAccessible: axe-core finds nothing serious in any state, in light and dark. TRYALL_AXE names axe.min.js of the npm package
// axe-core.
func TestAccessible(t *testing.T) {
	file := os.Getenv("TRYALL_AXE")
	if file == "" {
		reason := "no axe-core (set TRYALL_AXE to axe.min.js of its npm package)"
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := webtest.Browser(t)
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	for _, s := range All() {
		if only := os.Getenv("TRYALL_GALLERY"); only != "" && !strings.HasPrefix(s.Path, only) {
			continue
		}
		for _, theme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				if width == 390 && theme == "dark" {
					continue // colours do not depend on the width
				}
				tab := b.Tab(t, width, theme)
				var found []string
				tab.Run(t, chromedp.Navigate(srv.URL+"/"+s.Path), chromedp.WaitReady("#main"), chromedp.Evaluate(string(axe), nil), chromedp.Evaluate(axeRun, &found, webtest.Await))
				for _, v := range found {
					t.Errorf("%s, %s, %s", s.Path, fmt.Sprint(width, " ", theme), v)
				}
				tab.Close()
			}
		}
	}
}
