package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tryall/tryall/hub/hubtest"
)

// childPull is the whole of the second process: HUB_TEST_PULL names the model.
func childPull() int {
	c, err := New(Config{
		Endpoint: os.Getenv("HUB_TEST_ENDPOINT"), CacheDir: os.Getenv("HUB_TEST_CACHE"),
		PartSize: 128 << 10, Connections: 4, BackoffBase: time.Millisecond,
	})
	if err == nil {
		_, err = c.Pull(context.Background(), os.Getenv("HUB_TEST_PULL"), "", PullOptions{})
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func pullProcess(t *testing.T, hub *hubtest.Server, dir, id string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "HUB_TEST_PULL="+id, "HUB_TEST_ENDPOINT="+hub.URL(), "HUB_TEST_CACHE="+dir)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// A pull is killed at random moments. The next one must finish, must not fetch a byte that was on
// disk, and must leave a whole cache.
func TestKilledPullLosesNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	files := tinyModel()
	files["model.safetensors"] = noise(3, 3<<20+5)
	var resumed atomic.Int32
	t.Run("rounds", func(t *testing.T) {
		for round := range 20 {
			after := time.Duration(rng.Int64N(int64(150 * time.Millisecond)))
			t.Run(fmt.Sprint(round), func(t *testing.T) {
				t.Parallel()
				if killedPull(t, files, after) {
					resumed.Add(1)
				}
			})
		}
	})
	t.Logf("%d of 20 kills left something to go on from", resumed.Load())
	if resumed.Load() < 5 {
		t.Error("too few kills hit a pull in its middle: the moments are badly chosen")
	}
}

// killedPull kills one pull some time after the large file has begun to come, and pulls again. It tells
// whether the kill left something to go on from.
func killedPull(t *testing.T, files map[string][]byte, after time.Duration) bool {
	hub, dir := startHub(t), t.TempDir()
	hub.Add("org/tiny", files)
	hub.Fail(&hubtest.Fault{Host: "cdn", Drip: 2 * time.Millisecond, DripSize: 20_000})
	cmd, out := pullProcess(t, hub, dir, "org/tiny")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); len(hub.Requests("model.safetensors")) == 0 && time.Since(start) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(after)
	cmd.Process.Kill()
	cmd.Wait()
	data := files["model.safetensors"]
	blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.SHA256(data))
	have := leftRanges(blob)
	for _, h := range have {
		if b, err := os.ReadFile(h.path); err != nil || h.to > int64(len(data)) || !bytes.Equal(b, data[h.from:h.to]) {
			t.Errorf("what is on disk at %d-%d is not what the file holds there (%v)", h.from, h.to, err)
		}
	}
	left := len(have) > 0 && sizeOf(blob) < 0
	hub.Heal()
	hub.Forget()
	c, _ := testClient(t, hub, dir)
	checkWhole(t, mustPull(t, c, "org/tiny", ""), files, tinyTaken)
	checkRanges(t, have, hub.Requests("model.safetensors"))
	if t.Failed() {
		t.Logf("killed after %v; the process said %s", after, out)
	}
	return left
}

func TestTwoProcessesFetchOnce(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	hub.Fail(&hubtest.Fault{Host: "cdn", Drip: time.Millisecond, DripSize: 20_000})
	var cmds []*exec.Cmd
	var outs []*bytes.Buffer
	for range 3 {
		cmd, out := pullProcess(t, hub, dir, "org/tiny")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds, outs = append(cmds, cmd), append(outs, out)
	}
	c, _ := testClient(t, hub, dir) // and one in this process
	s := mustPull(t, c, "org/tiny", "")
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, outs[i])
		}
	}
	checkWhole(t, s, files, tinyTaken)
	for _, name := range tinyTaken {
		sent := int64(0)
		for _, r := range hub.Requests("/" + name) {
			if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/"+name) {
				sent += r.Sent
			}
		}
		if sent != int64(len(files[name])) {
			t.Errorf("%s: %d bytes sent for %d", name, sent, len(files[name]))
		}
	}
}

func TestFullDiskKeepsWhatIsThere(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system to stand for a full disk")
	}
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	c, _ := testClient(t, hub, dir, oneStream)
	blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.SHA256(files["model.safetensors"]))
	if err := errors.Join(os.MkdirAll(filepath.Dir(blob), 0o777), os.Symlink("/dev/full", blob+".incomplete")); err != nil {
		t.Fatal(err)
	}
	var rec recorder
	_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Events: rec.add})
	checkFailure(t, dir, err, DiskFull, []string{"model.safetensors", "no space left on device", "make room", "kept"})
	if failed := rec.of(Failed); len(failed) != 1 || failed[0].File != "model.safetensors" {
		t.Errorf("%+v", failed)
	}
	if err := os.Remove(blob + ".incomplete"); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, mustPull(t, c, "org/tiny", ""), files, tinyTaken)

	huge := File{Path: "model.safetensors", Size: 1 << 60, Digest: Digest{SHA256: strings.Repeat("a", 64)}}
	err = c.checkSpace(repo{id: "x", dir: filepath.Join(dir, "models--x"), cache: c.Cache()}, Plan{Files: []File{huge}})
	if _, known := freeSpace(dir); known && (!errors.Is(err, DiskFull) || !strings.Contains(err.Error(), "1152921.5 TB more are needed")) {
		t.Errorf("%v", err)
	}
}

func TestReadOnlyCacheIsNamed(t *testing.T) {
	hub, dir := startHub(t), t.TempDir()
	hub.Add("org/tiny", tinyModel())
	cache := filepath.Join(dir, "cache")
	if err := os.Mkdir(cache, 0o555); err != nil {
		t.Fatal(err)
	}
	var text string
	if os.Geteuid() == 0 { // root may write everywhere: pull as nobody
		text = pullAsNobody(t, hub, dir, cache)
	} else {
		c, _ := testClient(t, hub, cache)
		_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{})
		if !errors.Is(err, Permission) {
			t.Errorf("%v", err)
		}
		text = fmt.Sprint(err)
	}
	if !strings.Contains(text, "permission denied") || !strings.Contains(text, "make the folder writable") || !strings.Contains(text, cache) {
		t.Errorf("%q", text)
	}
}
