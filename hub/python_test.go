package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/hub/hubtest"
)

// python finds an interpreter with huggingface_hub: TRYALL_PYTHON, else python3. Where there is none
// the tests against it are skipped, unless TRYALL_TEST_ALL=1 says that nothing may be.
func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv("TRYALL_PYTHON")
	if name == "" {
		name = "python3"
	}
	out, err := exec.Command(name, "-c", "import huggingface_hub").CombinedOutput()
	if err == nil {
		return name
	}
	reason := fmt.Sprintf("no huggingface_hub in %s (set TRYALL_PYTHON to a Python that has it): %v %s", name, err, bytes.TrimSpace(out))
	if os.Getenv("TRYALL_TEST_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

func pythonCommand(t *testing.T, hub *hubtest.Server, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(python(t), append([]string{filepath.Join("testdata", "interop.py")}, args...)...)
	cmd.Env = append(os.Environ(), "HF_ENDPOINT="+hub.URL(), "HF_HUB_CACHE="+dir, "HF_HOME="+t.TempDir(), "HF_HUB_DISABLE_TELEMETRY=1", "HF_HUB_DISABLE_PROGRESS_BARS=1", "HF_TOKEN=", "HF_HUB_OFFLINE=0", "NO_PROXY=127.0.0.1")
	return cmd
}

// runPython runs a verb of interop.py and reads its answer.
func runPython(t *testing.T, result any, hub *hubtest.Server, dir string, args ...string) {
	t.Helper()
	cmd := pythonCommand(t, hub, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	var answer struct {
		Version string
		Result  json.RawMessage
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		t.Fatal(err)
	}
	t.Logf("huggingface_hub %s: %s", answer.Version, args[0])
}

type pythonScan struct {
	Warnings []string
	Repos    map[string]struct {
		Size      int64
		Revisions map[string][]string
		Files     []string
	}
}

func TestPythonReadsWhatWePulled(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	repo := hub.Add("org/tiny", files)
	pr := repo.Commit("refs/pr/1", files)
	c, _ := testClient(t, hub, dir)
	s := mustPull(t, c, "org/tiny", "")
	mustPull(t, c, "org/tiny", "refs/pr/1")
	hub.Close()
	var got struct {
		Scan   pythonScan
		Paths  map[string]string
		Absent bool
		Config string
	}
	runPython(t, &got, hub, dir, "read", "org/tiny", "main", "refs/pr/1", s.Commit)
	if len(got.Scan.Warnings) > 0 || got.Paths["main"] != s.Dir || got.Paths[s.Commit] != s.Dir || filepath.Base(got.Paths["refs/pr/1"]) != pr || !got.Absent || got.Config != string(files["config.json"]) {
		t.Errorf("%+v", got)
	}
	repos, _, err := c.Cache().Scan()
	if err != nil || len(repos) != 1 {
		t.Fatal(repos, err)
	}
	theirs := got.Scan.Repos["org/tiny"]
	if theirs.Size != repos[0].Size || len(theirs.Revisions) != len(repos[0].Revisions) {
		t.Errorf("they see %+v, we see %+v", theirs, repos[0])
	}
	for _, v := range repos[0].Revisions {
		if !slices.Equal(theirs.Revisions[v.Commit], v.Refs) {
			t.Errorf("%s: they see %v, we see %v", v.Commit, theirs.Revisions[v.Commit], v.Refs)
		}
	}
}

func TestWeReadWhatPythonPulled(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	var got struct {
		Path string
		Scan pythonScan
	}
	runPython(t, &got, hub, dir, append([]string{"pull", "org/tiny", "main"}, tinyTaken...)...)
	c, _ := testClient(t, hub, dir)
	s, err := c.Cache().Find("org/tiny", "")
	if err != nil || s.Dir != got.Path || s.Complete() != nil {
		t.Fatalf("%+v %v; they say %s", s, err, got.Path)
	}
	checkWhole(t, s, files, tinyTaken)
	before := diskFiles(t, filepath.Join(dir, "models--org--tiny/blobs"))
	hub.Forget()
	mustPull(t, c, "org/tiny", "")
	if sent := hub.Sent("/resolve/") + hub.Sent("model.safetensors"); sent > 0 || fmt.Sprint(before) != fmt.Sprint(diskFiles(t, filepath.Join(dir, "models--org--tiny/blobs"))) {
		t.Errorf("%d bytes fetched again", sent)
	}
}

// Each goes on from where the other was killed.
func TestPythonAndWeResumeEachOther(t *testing.T) {
	files := tinyModel()
	files["model.safetensors"] = noise(3, 24<<20) // Python writes in steps of 10 MiB
	data := files["model.safetensors"]
	slow := &hubtest.Fault{Host: "cdn", Drip: 5 * time.Millisecond, DripSize: 200_000}
	grown := func(blob string, least int64) bool {
		for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(2 * time.Millisecond) {
			if sizeOf(blob+".incomplete") >= least {
				return true
			}
		}
		return false
	}
	for _, first := range []string{"python", "tryall"} {
		hub, dir := startHub(t), t.TempDir()
		hub.Add("org/tiny", files)
		hub.Fail(slow)
		blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.SHA256(data))
		cmd, _ := pullProcess(t, hub, dir, "org/tiny")
		if first == "python" {
			cmd = pythonCommand(t, hub, dir, "pull", "org/tiny", "main", "config.json", "model.safetensors")
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if !grown(blob, 1<<20) {
			t.Fatalf("%s: nothing came", first)
		}
		cmd.Process.Kill()
		cmd.Wait()
		have := sizeOf(blob + ".incomplete")
		if have < 1<<20 || have >= int64(len(data)) {
			t.Fatalf("%s was killed too late: %d", first, have)
		}
		hub.Heal()
		hub.Forget()
		c, _ := testClient(t, hub, dir, func(c *Config) { c.PartSize = 4 << 20 })
		if first == "python" {
			mustPull(t, c, "org/tiny", "")
		} else {
			var got struct{ Scan pythonScan }
			runPython(t, &got, hub, dir, append([]string{"pull", "org/tiny", "main"}, tinyTaken...)...)
			if len(got.Scan.Warnings) > 0 {
				t.Errorf("%v", got.Scan.Warnings)
			}
		}
		checkRanges(t, []span{{0, have, ""}}, hub.Requests("model.safetensors"))
		s := mustPull(t, c, "org/tiny", "") // removes our parts, when Python finished the file
		for _, name := range diskFiles(t, filepath.Dir(blob)) {
			if strings.Contains(name, ".") {
				t.Errorf("%s first: left %s", first, name)
			}
		}
		if checks, err := s.Verify(context.Background(), nil); err != nil || slices.ContainsFunc(checks, func(c FileCheck) bool { return c.Err != nil }) {
			t.Errorf("%s first: %v %v", first, checks, err)
		}
		t.Logf("%s was killed at %d of %d bytes; the other fetched the rest", first, have, len(data))
		hub.Close()
	}
}

func TestPythonAndWeLockEachOther(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	c, _ := testClient(t, hub, dir)
	etag := hubtest.SHA256(files["model.safetensors"])
	lock := c.Cache().lockPath("org/tiny", etag)
	release, _, _ := lockFor(t, c.Cache(), "org/tiny", etag)
	var got struct{ Got bool }
	if runPython(t, &got, hub, dir, "try_lock", lock); got.Got {
		t.Error("Python got a lock that we hold")
	}
	release()
	if runPython(t, &got, hub, dir, "try_lock", lock); !got.Got {
		t.Error("Python did not get a lock that we released")
	}
	cmd := pythonCommand(t, hub, dir, "hold", lock)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.ReadFull(out, make([]byte, len("held\n")))
	var rec recorder
	_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Events: func(e Event) {
		rec.add(e)
		if e.Kind == Waiting {
			in.Close()
		}
	}})
	if w := rec.of(Waiting); err != nil || len(w) != 1 || w[0].File != "model.safetensors" {
		t.Errorf("waited %+v, %v", w, err)
	}
	in.Close()
	io.Copy(io.Discard, out)
	cmd.Wait()
}

func TestPythonAgreesOnIDs(t *testing.T) {
	all := append(slices.Clone(goodIDs), badIDs...)
	all = slices.DeleteFunc(all, func(s string) bool { return strings.ContainsAny(s, "\x00\n") }) // no argument of a program; and their $ lets a newline pass
	got := map[string]bool{}
	runPython(t, &got, startHub(t), t.TempDir(), append([]string{"ids"}, all...)...)
	for _, id := range all {
		if (CheckID(id) == nil) != got[id] {
			t.Errorf("%q: they say %v, we say %v", id, got[id], CheckID(id))
		}
	}
}
