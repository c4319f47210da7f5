package bench

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// tiny is a shape that takes no time.
var tiny = shape{"tiny", 2, 32, 2, 64}

func TestRun(t *testing.T) {
	r, err := Run(context.Background(), Options{Shape: "mine", Model: tiny.files(40), Seq: 40, Batch: 3, Threads: 2, Duration: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	q := r.MsPerWindow
	if q.N < least || !(0 < q.P10 && q.P10 <= q.P50 && q.P50 <= q.P90) {
		t.Errorf("times %+v", q)
	}
	if r.Shape != "mine" || r.Precision != "fp32" || r.Threads != 2 || r.Kernel == "" {
		t.Errorf("%+v", r)
	}
	// 2 layers of 40 tokens: 8*32*32 + 4*32*64 + 4*40*32 = 21504 operations for each.
	if got, want := r.GFLOPS*q.P50, 2*40*21504/1e6; got < 0.999*want || got > 1.001*want {
		t.Errorf("%g million operations, want %g", got, want)
	}
	if r.TokensPerSec <= 0 || r.PeakGFLOPS <= 0 || r.PercentOfPeak <= 0 || r.PercentOfPeak > 100 {
		t.Errorf("%+v", r)
	}
	text, _ := json.Marshal(r)
	for _, key := range []string{"shape", "precision", "seq", "batch", "threads", "kernel", "ms_per_window", "p10", "p50", "p90", "n",
		"tokens_per_second", "gflops", "peak_gflops", "percent_of_peak", "peak_rss_bytes"} {
		if !strings.Contains(string(text), `"`+key+`":`) {
			t.Errorf("the JSON has no %s: %s", key, text)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		o    Options
		want string
	}{
		{context.Background(), Options{Shape: "gpt", Seq: 1, Batch: 1}, `no shape "gpt"; there are minilm-l6, bert-base, bert-large`},
		{context.Background(), Options{Model: tiny.files(40), Seq: 0, Batch: 1}, "at least 1"},
		{context.Background(), Options{Model: tiny.files(40), Seq: 41, Batch: 1}, "takes 40 at most"},
		{context.Background(), Options{Model: tiny.files(40), Seq: 4, Batch: 1, Precision: "int3"}, "int3"},
		{done, Options{Model: tiny.files(40), Seq: 4, Batch: 1}, context.Canceled.Error()},
	} {
		if _, err := Run(c.ctx, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Run(%+v) = %v, want an error with %q", c.o, err, c.want)
		}
	}
}

// Parameters of the known models without their tables, with the norm behind those (2 hidden) and the head
// (2 hidden + 2), so that no layer is missing.
func TestShapes(t *testing.T) {
	for i, want := range []int{10_646_784 + 4*384 + 2, 85_054_464 + 4*768 + 2, 302_309_376 + 4*1024 + 2} {
		n := 0
		for _, x := range shapes[i].tensors(512) {
			if !strings.Contains(x.name, "_embeddings") {
				n += x.bytes() / 2
			}
		}
		if n != want {
			t.Errorf("%s has %d parameters, want %d", shapes[i].name, n, want)
		}
	}
}
