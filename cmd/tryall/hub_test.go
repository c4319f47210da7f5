package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tryall/tryall/hub/hubtest"
)

// hubCmd is the Hub that a script talks to:
//
//	hub add ID DIR [REVISION]     a model with the files of DIR (at REVISION: another commit of it)
//	hub name ID FILE NAME         the model has FILE under a name that no file system takes
//	hub gate ID | hub info ID KEY JSON
//	hub fail KEY=VALUE...         as hubtest.Fault
//	hub heal | hub forget
//	hub sent PART N               so many bytes were sent for paths that hold PART since forget
//	hub asked PART N              so many requests came
//	hub await PART N              wait until so many bytes were sent
func hubCmd(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(hubKey{}).(*hubtest.Server)
	repos := ts.Value(reposKey{}).(map[string]*hubtest.Repo)
	switch args[0] {
	case "add":
		files := readRepository(ts, args[2])
		if len(args) > 3 {
			repos[args[1]].Commit(args[3], files)
		} else {
			repos[args[1]] = s.Add(args[1], files)
		}
	case "name":
		files := map[string][]byte{args[3]: []byte(ts.ReadFile(args[2])), "config.json": []byte("{}")}
		repos[args[1]] = s.Add(args[1], files)
	case "gate":
		repos[args[1]].Gate()
	case "info":
		var v any
		ts.Check(json.Unmarshal([]byte(args[3]), &v))
		if f, ok := v.(float64); ok {
			v = int(f)
		}
		if list, ok := v.([]any); ok {
			tags := []string{}
			for _, t := range list {
				tags = append(tags, t.(string))
			}
			v = tags
		}
		repos[args[1]].Describe(args[2], v)
	case "fail":
		s.Fail(readFault(ts, args[1:]))
	case "heal":
		s.Heal()
	case "forget":
		s.Forget()
	default:
		expectSent(ts, s, args)
	}
}

type (
	hubKey   struct{}
	reposKey struct{}
)

// startHub gives a script a Hub of its own, and folders of its own for what programs keep.
func startHub(e *testscript.Env) {
	s := hubtest.New()
	e.Defer(s.Close)
	e.Values[hubKey{}], e.Values[reposKey{}] = s, map[string]*hubtest.Repo{}
	e.Setenv("HF_ENDPOINT", s.URL())
	e.Setenv("HF_HOME", filepath.Join(e.WorkDir, "hf"))
	e.Setenv("TRYALL_HOME", filepath.Join(e.WorkDir, "home"))
	for _, name := range []string{"HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "http_proxy", "HTTP_PROXY"} {
		e.Setenv(name, "")
	}
}

func readRepository(ts *testscript.TestScript, dir string) map[string][]byte {
	files := map[string][]byte{}
	root := os.DirFS(ts.MkAbs(dir))
	ts.Check(fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(root, name)
		return err
	}))
	if len(files) == 0 {
		ts.Fatalf("%s is empty", dir)
	}
	return files
}

func readFault(ts *testscript.TestScript, args []string) *hubtest.Fault {
	f := &hubtest.Fault{}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		n, _ := strconv.Atoi(value)
		switch key {
		case "host":
			f.Host = value
		case "method":
			f.Method = value
		case "path":
			f.Path = value
		case "times":
			f.Times = n
		case "status":
			f.Status = n
		case "cut":
			f.CutAfter = int64(n)
		case "wrong":
			f.Wrong = true
		case "drip":
			d, err := time.ParseDuration(value)
			ts.Check(err)
			f.Drip = d
		case "dripsize":
			f.DripSize = n
		default:
			ts.Fatalf("hub fail: %s", arg)
		}
	}
	return f
}

func expectSent(ts *testscript.TestScript, s *hubtest.Server, args []string) {
	want, err := strconv.ParseInt(args[2], 10, 64)
	ts.Check(err)
	got := s.Sent(args[1])
	switch args[0] {
	case "asked":
		got = int64(len(s.Requests(args[1])))
	case "await":
		for start := time.Now(); got < want && time.Since(start) < 30*time.Second; got = s.Sent(args[1]) {
			time.Sleep(5 * time.Millisecond)
		}
		want = min(want, got) // more is as good
	case "sent":
	default:
		ts.Fatalf("hub %s", args[0])
	}
	if got != want && args[0] != "await" || got < want {
		ts.Fatalf("hub %s %s: %d, not %d", args[0], args[1], got, want)
	}
}

// TestInterruptedPull: an interrupt ends a pull with exit code 130 and says how it goes on; and so it does.
func TestInterruptedPull(t *testing.T) {
	s := hubtest.New()
	defer s.Close()
	weights := bytes.Repeat([]byte("weights "), 1<<20)
	s.Add("org/tiny", map[string][]byte{"config.json": []byte(`{"model_type":"bert"}`), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": weights})
	t.Setenv("HF_ENDPOINT", s.URL())
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("TRYALL_HOME", t.TempDir())
	s.Fail(&hubtest.Fault{Host: "cdn", Drip: 5 * time.Millisecond, DripSize: 64 << 10})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out, errs bytes.Buffer
	code := make(chan int)
	go func() { code <- run(ctx, []string{"pull", "org/tiny"}, nil, &out, &errs) }()
	for start := time.Now(); s.Sent("model.safetensors") < 1<<20 && time.Since(start) < 20*time.Second; {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if got := <-code; got != exitInterrupted || !strings.HasSuffix(errs.String(), "tryall: interrupted"+resumable+"\n") || out.Len() > 0 {
		t.Fatalf("exit %d, %q", got, errs.String())
	}
	s.Heal()
	s.Forget()
	errs.Reset()
	if got := run(context.Background(), []string{"pull", "org/tiny", "--json"}, nil, &out, &errs); got != exitOK {
		t.Fatalf("exit %d, %s", got, errs.String())
	}
	var pulled []struct {
		DownloadedBytes int64 `json:"downloaded_bytes"`
		SizeBytes       int64 `json:"size_bytes"`
	}
	if err := json.Unmarshal(out.Bytes(), &pulled); err != nil || len(pulled) != 1 {
		t.Fatalf("%v: %s", err, out.String())
	}
	sent := s.Sent("model.safetensors")
	if sent == 0 || sent >= int64(len(weights)) || pulled[0].DownloadedBytes > sent+100 || !strings.Contains(errs.String(), "came earlier") {
		t.Errorf("%d of %d bytes were sent again, said are %d: %s", sent, len(weights), pulled[0].DownloadedBytes, errs.String())
	}
}
