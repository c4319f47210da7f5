package web

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/web/webtest"
)

// TestDemoTellsNoModelFolders: a model that lies in a directory is shown, asked and complained of by the last element of its path.
func TestDemoTellsNoModelFolders(t *testing.T) {
	root := t.TempDir()
	var folders []string
	for _, name := range []string{"of ann", "of bob"} {
		folder := filepath.Join(root, name, "my model")
		if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, "config.json"), []byte("{}"), 0o644)); err != nil {
			t.Fatal(err)
		}
		folders = append(folders, folder)
	}
	f, srv := start(t, func(c *Config) {
		c.Models, c.Demo = []string{folders[0], webtest.Agrees, folders[1] + ":fp32"}, &Demo{}
	})
	shown := []string{"my model", webtest.Agrees, "my model-2:fp32"}
	asked := url.Values{"q": {"When?"}, "c": {webtest.Lease}}
	many := url.Values{"q": asked["q"], "c": asked["c"], "m": shown}
	check := func(at string, status, want int, body string, names ...string) {
		t.Helper()
		if status != want {
			t.Errorf("%s: %d %s", at, status, body)
		}
		for _, secret := range []string{root, url.QueryEscape(root), url.PathEscape(root), "of ann", "of+ann", "of%20ann", "of bob"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q: %s", at, secret, body)
			}
		}
		for _, name := range names {
			if !strings.Contains(body, name) {
				t.Errorf("%s does not name %q: %s", at, name, body)
			}
		}
	}
	for at, names := range map[string][]string{"/": {"my model", "my model-2"}, "/?" + asked.Encode(): {"my model"}, "/ask/answer?" + asked.Encode(): nil, "/compare": {"my model-2"},
		"/compare?wait=1&" + many.Encode(): {"my model", "my model-2"}, "/compare/events?" + many.Encode(): {"my model-2"}, "/api/models": {`"id":"my model"`, `"id":"my model-2"`}} {
		status, body, _ := call(t, "GET", srv.URL+at, nil, nil)
		check(at, status, 200, body, names...)
	}
	const question = `{"question": "When?", "context": "31 March 2027"`
	for _, name := range shown {
		status, body := posted(t, srv.URL+"/models/"+url.PathEscape(name), question+"}")
		check("the task of "+name, status, 200, body, "31 March 2027")
		status, body = posted(t, srv.URL+"/api/ask", question+`, "model": "`+name+`"}`)
		check("ask "+name, status, 200, body, "31 March 2027", strings.TrimSuffix(name, ":fp32"))
	}
	status, body := posted(t, srv.URL+"/api/compare", question+"}")
	check("/api/compare", status, 200, body, "my model:fp32", "my model-2:fp32")
	status, body = posted(t, srv.URL+"/api/ask", question+`, "model": "x"}`)
	check("an unknown one", status, 404, body, "my model, "+webtest.Agrees+", my model-2:fp32")
	for _, folder := range folders { // the path names nobody
		if status, body := posted(t, srv.URL+"/api/ask", question+`, "model": "`+folder+`"}`); status != 404 {
			t.Errorf("by its path: %d %s", status, body)
		}
		if opened, _ := f.Opened(folder); opened != 1 {
			t.Errorf("%s was opened %d times", folder, opened)
		}
	}
	// What is wrong with a folder is not for visitors either.
	if err := os.RemoveAll(folders[0]); err != nil {
		t.Fatal(err)
	}
	status, body = posted(t, srv.URL+"/api/ask", question+`, "model": "my model"}`)
	check("it is gone", status, 404, body, "model my model cannot be read at the moment")
	for _, at := range []string{"/", "/?" + asked.Encode(), "/compare?wait=1&" + many.Encode(), "/api/models"} {
		_, body, _ := call(t, "GET", srv.URL+at, nil, nil)
		check(at+" where it is gone", 0, 0, body)
	}
}
