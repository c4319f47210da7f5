package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/hub"
)

// Bars draw what events say, never wider than the terminal, and leave nothing behind.
func TestBars(t *testing.T) {
	var out bytes.Buffer
	a := &app{stderr: &out, err: terminal{tty: true, width: 80}}
	b := newBars(a)
	plan := hub.Plan{ID: "org/tiny", Commit: strings.Repeat("ab", 20)}
	sums := func(e hub.Event) hub.Event {
		e.AllSize, e.Files = 3_000_000, 2
		return e
	}
	b.event(sums(hub.Event{Kind: hub.Planned, Plan: &plan}))
	b.event(sums(hub.Event{Kind: hub.Started, File: "model.safetensors", Size: 2_000_000, Done: 500_000, AllDone: 500_000}))
	b.event(sums(hub.Event{Kind: hub.Started, File: "evil\x1b[2J\n.txt", Size: 1_000_000}))
	b.event(sums(hub.Event{Kind: hub.Progress, File: "model.safetensors", Size: 2_000_000, Done: 2_000_000, AllDone: 2_000_000}))
	b.event(sums(hub.Event{Kind: hub.Retry, File: "model.safetensors", Size: 2_000_000, Message: "its bytes are wrong", AllDone: 0}))
	b.event(sums(hub.Event{Kind: hub.Progress, File: "model.safetensors", Size: 2_000_000, Done: 1000, AllDone: 1000}))
	f := b.files["model.safetensors"]
	if title, figures := f.title(b.name), f.figures(1000, 2_000_000); columns(title)+leastBar+columns(figures) > 80 || !strings.Contains(figures, "0.0 / 2.0 MB") {
		t.Errorf("%q %q", title, figures)
	}
	if title := b.files["evil\x1b[2J\n.txt"].title(b.name); strings.ContainsAny(title, "\x1b\n") {
		t.Errorf("%q", title)
	}
	if b.got != 1_500_000 {
		t.Errorf("%d bytes came; 500,000 had come earlier", b.got)
	}
	b.event(sums(hub.Event{Kind: hub.Done, File: "model.safetensors", Size: 2_000_000, Done: 2_000_000, AllDone: 2_000_000, FilesDone: 1}))
	b.event(sums(hub.Event{Kind: hub.Finished}))
	b.close()
	if got := out.String(); !strings.Contains(got, "org/tiny at abababa: 2 files, 3 MB\n") || !strings.Contains(got, "model.safetensors: its bytes are wrong; again\n") {
		t.Errorf("%q", got)
	}
}

func TestSizesAndTimes(t *testing.T) {
	for in, want := range map[string]int64{"1.5GB": 1_500_000_000, "500 mb": 500_000_000, "2GiB": 2 << 30, "10k": 10_000, "7": 7, "12B": 12, "": 0, "-1GB": 0, "NaN": 0, "1e30": 0, "x": 0} {
		if got, ok := parseSize(in); got != want || ok != (want > 0) {
			t.Errorf("%q: %d %v, not %d", in, got, ok, want)
		}
	}
	for want, got := range map[string]string{
		"0.4 s": duration(400 * time.Millisecond), "12 s": duration(12 * time.Second), "3:05": duration(185 * time.Second), "1:02:00": clock(62 * time.Minute),
		"5 / 628 B": ofSize(5, 628), "0.5 / 1.5 GB": ofSize(500_000_000, 1_500_000_000), "123 / 456 MB": ofSize(123_000_000, 456_000_000),
		"1.3 MB/s": perSecond(1_290_000), "123 kB/s": perSecond(123_400), "12.0 B/s": perSecond(12),
		"1.2 M": short(1_234_567), "35.0 k": short(34_999), "912": short(912),
		"90 seconds": age(90 * time.Second), "5 minutes": age(5 * time.Minute), "47 hours": age(47*time.Hour + 59*time.Minute), "3 days": age(80 * time.Hour),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// On a narrow terminal columns go in order and the last is cut; a pipe gets everything.
func TestFit(t *testing.T) {
	cols := []column{{"model", false}, {"likes", true}, {"size", true}, {"runs here", false}}
	rows := func() [][]string {
		return [][]string{{"someone/with-a-long-name", "12", "440 MB", "no: gpt2 does not run; bert and others do"}, {"a/b", "1", "1 MB", "yes"}}
	}
	for _, c := range []struct {
		t     terminal
		heads int
		last  string
	}{
		{terminal{width: 40}, 4, "no: gpt2 does not run; bert and others do"},
		{terminal{tty: true, width: 120}, 4, "no: gpt2 does not run; bert and others do"},
		{terminal{tty: true, width: 60}, 4, "no: gpt2 does not …"},
		{terminal{tty: true, width: 50}, 3, "no: gpt2 does n…"},
		{terminal{tty: true, width: 41}, 2, "no: gpt2 does …"},
		{terminal{tty: true, width: 20}, 2, "no: gpt2 does…"},
	} {
		got, table := fit(c.t, cols, rows(), []string{"likes", "size"})
		if len(got) != c.heads || table[0][len(got)-1] != c.last || table[0][0] != "someone/with-a-long-name" {
			t.Errorf("%+v: %v %v", c.t, got, table)
		}
	}
}
