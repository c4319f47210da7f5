package hub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/hub/hubtest"
)

// span is a range of a file that is on disk.
type span struct {
	from, to int64
	path     string
}

// leftRanges is what a pull left of a blob.
func leftRanges(blob string) []span {
	var have []span
	for _, path := range []string{blob, blob + ".incomplete"} {
		if n := sizeOf(path); n > 0 {
			have = append(have, span{0, n, path})
		}
	}
	for at, n := range partFiles(blob) {
		have = append(have, span{at, at + n, partPath(blob, at)})
	}
	return have
}

// checkRanges fails when one of the requests asked for bytes that were on disk.
func checkRanges(t *testing.T, have []span, requests []hubtest.Request) {
	t.Helper()
	for _, r := range requests {
		if r.Method != http.MethodGet || r.Host != "cdn" {
			continue
		}
		for _, h := range have {
			if max(r.From, h.from) < min(r.To, h.to) {
				t.Errorf("bytes %d-%d were on disk, yet %d-%d were fetched", h.from, h.to, r.From, r.To)
			}
		}
	}
}

func TestCancelledPullResumes(t *testing.T) {
	for _, partSize := range []int64{64 << 10, 1 << 30} {
		hub, dir, files := startHub(t), t.TempDir(), tinyModel()
		hub.Add("org/tiny", files)
		hub.Fail(&hubtest.Fault{Host: "cdn", Drip: 10 * time.Millisecond, DripSize: 10_000})
		c, _ := testClient(t, hub, dir, func(c *Config) { c.PartSize, c.Connections = partSize, 2 })
		blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.SHA256(files["model.safetensors"]))
		ctx, cancel := context.WithCancelCause(context.Background())
		stop := errors.New("enough")
		_, err := c.Pull(ctx, "org/tiny", "", PullOptions{Events: func(e Event) {
			if e.File == "model.safetensors" && e.Done > 400_000 {
				cancel(stop)
			}
		}})
		if !errors.Is(err, stop) {
			t.Fatalf("cancelled: %v", err)
		}
		have := leftRanges(blob)
		if len(have) == 0 || len(diskFiles(t, filepath.Join(dir, "models--org--tiny/refs"))) > 0 {
			t.Fatalf("left %v", have)
		}
		hub.Heal()
		hub.Forget()
		var rec recorder
		s, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Events: rec.add})
		if err != nil {
			t.Fatal(err)
		}
		checkWhole(t, s, files, tinyTaken)
		checkRanges(t, have, hub.Requests("model.safetensors"))
		for _, e := range rec.of(Started) {
			if e.File == "model.safetensors" && e.Done < 300_000 {
				t.Errorf("resumes at %d", e.Done)
			}
		}
	}
}

// What Python left is gone on from; what cannot be of this file is thrown away.
func TestPullTakesUpLeftOvers(t *testing.T) {
	data := tinyModel()["model.safetensors"]
	size := int64(len(data))
	for _, x := range []struct {
		name       string
		incomplete []byte
		parts      map[int64][]byte
		most       int64 // bytes that may be fetched
	}{
		{"a prefix by Python", data[:600_001], nil, size - 600_001},
		{"all of it, not yet named", data, nil, 0},
		{"an empty file", []byte{}, nil, size},
		{"too long", append(slices.Clone(data), 1), nil, size},
		{"wrong bytes", noise(77, 700_000), nil, size + size - 700_000},
		{"parts without a prefix", nil, map[int64][]byte{131072: data[131072:262144], 900_000: data[900_000:]}, size - 131072 - (size - 900_000)},
		{"a join that was cut", data[:200_000], map[int64][]byte{131072: data[131072:262144]}, size - 262144},
		{"parts behind the prefix", data[:500_000], map[int64][]byte{0: data[:10], 131072: data[131072:262144]}, size - 500_000},
		{"overlapping parts", nil, map[int64][]byte{0: data[:200_000], 100_000: data[100_000:150_000], 300_000: data[300_000:300_001]}, size - 200_001},
		{"a part beyond the end", nil, map[int64][]byte{size - 10: data[:20], size + 5: data[:20]}, size},
		{"wrong bytes in a part", nil, map[int64][]byte{131072: noise(78, 131072)}, size + size - 131072},
	} {
		hub, dir, files := startHub(t), t.TempDir(), tinyModel()
		hub.Add("org/tiny", files)
		c, _ := testClient(t, hub, dir)
		blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.SHA256(data))
		write := func(path string, b []byte) {
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, b, 0o666)); err != nil {
				t.Fatal(err)
			}
		}
		if x.incomplete != nil {
			write(blob+".incomplete", x.incomplete)
		}
		for at, b := range x.parts {
			write(partPath(blob, at), b)
		}
		checkWhole(t, mustPull(t, c, "org/tiny", ""), files, tinyTaken)
		if sent := hub.Sent("model.safetensors"); sent > x.most {
			t.Errorf("%s: %d bytes came, %d were missing", x.name, sent, x.most)
		}
	}
}

func TestPullRepairsDamagedBlobs(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	c, _ := testClient(t, hub, dir)
	s := mustPull(t, c, "org/tiny", "")
	blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.SHA256(files["model.safetensors"]))
	if err := os.Truncate(blob, 1000); err != nil { // wrong size: seen at once
		t.Fatal(err)
	}
	checkWhole(t, mustPull(t, c, "org/tiny", ""), files, tinyTaken)
	if err := os.WriteFile(blob, noise(50, len(files["model.safetensors"])), 0o666); err != nil { // wrong bytes: seen when asked for
		t.Fatal(err)
	}
	checks, err := s.Verify(context.Background(), nil)
	if err != nil || !errors.Is(checks[2].Err, HashMismatch) || checks[1].Err != nil {
		t.Fatalf("%v %v", checks, err)
	}
	if _, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Recheck: true}); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, s, files, tinyTaken)
	hub.Forget()
	if _, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Recheck: true}); err != nil || hub.Sent("model.safetensors") != 0 {
		t.Errorf("%v", err)
	}
}

// The parts cover exactly what is missing, in order, keep what can be kept and stay small.
func TestLayParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, 500).Draw(t, "size")
		prefix := rapid.Int64Range(0, size).Draw(t, "prefix")
		partSize := rapid.Int64Range(1, 120).Draw(t, "partSize")
		left := rapid.MapOf(rapid.Int64Range(0, 520), rapid.Int64Range(0, 200)).Draw(t, "left")
		parts, drop := layParts(prefix, size, partSize, left)
		pos := prefix
		kept := map[int64]bool{}
		for i, p := range parts {
			if p.from > pos || p.to <= pos || (p.from < pos && i > 0) || p.have > p.to-p.from || p.have < 0 {
				t.Fatalf("part %d is %+v after %d", i, p, pos)
			}
			if p.have > 0 {
				kept[p.from] = true
				if left[p.from] != p.have {
					t.Fatalf("part %+v, on disk are %d", p, left[p.from])
				}
			} else if p.to-p.from > partSize {
				t.Fatalf("part %+v is larger than %d", p, partSize)
			}
			pos = p.to
		}
		if pos != size {
			t.Fatalf("covered up to %d of %d", pos, size)
		}
		for at := range left {
			if kept[at] == slices.Contains(drop, at) {
				t.Fatalf("%d is kept %v and dropped %v", at, kept[at], !kept[at])
			}
		}
	})
}

func TestRangeThatRunsTwice(t *testing.T) {
	// join must append exactly the missing tail of a part, whatever the prefix inside it.
	data := noise(5, 1000)
	for prefix := int64(100); prefix <= 300; prefix += 50 {
		dir := t.TempDir()
		tr := &transfer{path: filepath.Join(dir, "blob"), size: 1000, digest: Digest{SHA256: hubtest.SHA256(data)}, progress: func(int64) {}}
		if err := errors.Join(os.WriteFile(tr.incomplete(), data[:prefix], 0o666), os.WriteFile(partPath(tr.path, 100), data[100:300], 0o666)); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.open(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := tr.join(&part{from: 100, to: 300, have: 200}); err != nil {
			t.Fatal(err)
		}
		tr.file.Close()
		got, _ := os.ReadFile(tr.incomplete())
		if string(got) != string(data[:300]) || exists(partPath(tr.path, 100)) {
			t.Errorf("prefix %d: %d bytes", prefix, len(got))
		}
	}
}

func TestReadBounded(t *testing.T) {
	if b, err := readBounded(strings.NewReader("abc"), 3); string(b) != "abc" || err != nil {
		t.Error(b, err)
	}
	if _, err := readBounded(io.LimitReader(zeros{}, 1<<40), 100); !errors.Is(err, BadResponse) {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
