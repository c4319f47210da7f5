package workbench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

func openFake(t *testing.T, p Params) (*Session, *fakeReader) {
	t.Helper()
	w, opened := fakeBench()
	m, err := w.Find("tryall/can", "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Open(context.Background(), m, p)
	if err != nil {
		t.Fatal(err)
	}
	return s, opened["tryall/can"]
}

func TestBatchAnswersInOrderAndGoesOnAfterBadLines(t *testing.T) {
	in := strings.Join([]string{
		`{"id": "a", "question": "é", "context": "cafés", "extra": [1, {"x": null}]}`,
		`{"id": 7, "question": "no", "context": "text"}`,
		``,
		`not json`,
		`[1]`,
		`{"id": {"k": 1}, "context": "text"}`,
		`{"id": "t", "question": 5, "context": "text"}`,
		`{"id": "n", "question": null, "context": "text"}`,
		`{"question": "", "context": "text"}`,
		`{"question": "q", "context": ""}`,
		`{"question": "q", "context": "q", "params": {"threshold": "1"}}`,
		`{"question": "q", "context": "q", "params": {"top_k": "three"}}`,
		`{"question": "q", "context": "q", "params": [8]}`,
		`{"id": "f", "question": "fail", "context": "text"}`,
		`{"id": "last", "question": "日", "context": "今日は", "params": null}`,
	}, "\n")
	want := []string{
		`"id":"a","model":"tryall/can","decoder":"gap","precision":"fp32","answers":[{"answer":"é","score":3,"start":3,"end":4,"gap":2}],"prediction":"é","abstained":false,"null":1,"null_kind":"logit","threshold":1.5`,
		`"id":7,"model":"tryall/can","decoder":"gap","precision":"fp32","answers":[],"prediction":"","abstained":true`,
		`"line":4,"error":{"code":"invalid","message":"read the line: it is not JSON`,
		`"line":5,"error":{"code":"invalid","message":"read the line: it is a JSON array, not an object"`,
		`"id":{"k":1},"line":6,"error":{"code":"invalid","message":"the line has no \"question\""`,
		`"id":"t","line":7,"error":{"code":"invalid","message":"read the line: \"question\" cannot be a JSON number"`,
		`"id":"n","line":8,"error":{"code":"invalid","message":"the line has no \"question\""`,
		`"line":9,"error":{"code":"invalid","message":"the question is empty"`,
		`"line":10,"error":{"code":"invalid","message":"the context is empty`,
		`"line":11,"error":{"code":"invalid","message":"read the line: \"params.threshold\" cannot be a JSON string"`,
		`"line":12,"error":{"code":"invalid","message":"read the line: \"params.top_k\" cannot be a JSON string"`,
		`"line":13,"error":{"code":"invalid","message":"read the line: \"params\" cannot be a JSON array"`,
		`"id":"f","line":14,"error":{"code":"invalid","message":"this one cannot be asked"`,
		`"id":"last","model":"tryall/can","decoder":"gap","precision":"fp32","answers":[{"answer":"日","score":3,"start":1,"end":2`,
	}
	for _, inspect := range []bool{false, true} {
		s, _ := openFake(t, Params{})
		var out bytes.Buffer
		tally, err := s.Batch(context.Background(), strings.NewReader(in), &out, inspect, nil)
		if err != nil || tally != (Tally{Lines: 14, Failed: 11}) {
			t.Fatalf("inspect %v: tally %+v, %v", inspect, tally, err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != len(want) {
			t.Fatalf("%d lines, not %d", len(lines), len(want))
		}
		for i, l := range lines {
			if !strings.HasPrefix(l, "{"+want[i]) {
				t.Errorf("inspect %v, line %d: %s\nwant it to begin with {%s", inspect, i+1, l, want[i])
			}
		}
		if inspect && !strings.Contains(lines[0], `"windows":[{"ids":[1,7],"tokens":["[CLS]","x"],"offsets":[null,[0,5]],"start_logits":[0.5,1.5],"end_logits":[0,1]}]`) {
			t.Errorf("windows are missing: %s", lines[0])
		}
	}
}

func TestLineParamsOverrideFlags(t *testing.T) {
	two, eight, thirty := 2, 8, 30
	line := `{"question": "q", "context": "q", "params": {"top_k": 2, "max_seq_len": 8, "max_answer_len": 8, "doc_stride": 2, "handle_impossible_answer": false, "align_to_words": true, "threshold": -3}}`
	for _, decoder := range []string{"gap", "hf", "squad", "squad-beam"} {
		s, r := openFake(t, Params{Decoder: decoder, MaxAnswerLen: &thirty})
		if _, err := s.Batch(context.Background(), strings.NewReader(line), io.Discard, false, nil); err != nil {
			t.Fatal(err)
		}
		p := r.seen[0]
		if *p.MaxSeqLen != eight || *p.DocStride != two {
			t.Errorf("%s: the window is %d and %d", decoder, *p.MaxSeqLen, *p.DocStride)
		}
		squad := strings.HasPrefix(decoder, "squad")
		if (*p.MaxAnswerLen == thirty) != squad || (p.TopK == nil) != squad || (p.AlignToWords == nil) != squad {
			t.Errorf("%s: %+v", decoder, p)
		}
	}
}

// TestBatchAnswersWhatIsThere: whoever writes one line and waits gets its answer.
func TestBatchAnswersWhatIsThere(t *testing.T) {
	s, _ := openFake(t, Params{})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := s.Batch(context.Background(), inR, outW, false, nil)
		outW.Close()
		done <- err
	}()
	answers := bufio.NewScanner(outR)
	for i := range 3 {
		fmt.Fprintf(inW, `{"id": %d, "question": "a", "context": "banana"}`+"\n", i)
		if !answers.Scan() || !strings.HasPrefix(answers.Text(), fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("line %d: %s", i, answers.Text())
		}
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestBatchPacksLinesTogether(t *testing.T) {
	s, r := openFake(t, Params{})
	in := strings.Repeat(`{"question": "a", "context": "banana"}`+"\n", 5000)
	if _, err := s.Batch(context.Background(), strings.NewReader(in), io.Discard, false, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(r.groups); n > 2500 {
		t.Errorf("5000 lines went in %d groups", n)
	}
}

func TestBatchStops(t *testing.T) {
	s, _ := openFake(t, Params{})
	stop := strings.Repeat(`{"question": "a", "context": "banana"}`+"\n", 500) + `{"question": "stop", "context": "x"}` + "\n"
	if _, err := s.Batch(context.Background(), strings.NewReader(stop+stop+stop), io.Discard, false, nil); err == nil || err.Error() != "the machine is on fire" {
		t.Errorf("error %v", err)
	}
	if _, err := s.Batch(context.Background(), strings.NewReader(stop), brokenWriter{}, false, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, _ := io.Pipe() // nothing ever comes
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := s.Batch(ctx, r, io.Discard, false, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// repeated gives the same line n times without holding them.
type repeated struct {
	line []byte
	n    int
	rest []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.rest = r.line
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func TestBatchMemoryStaysFlat(t *testing.T) {
	s, r := openFake(t, Params{})
	line := append(bytes.Repeat([]byte("a"), 1<<19), '"', '}', '\n')
	line = append([]byte(`{"question": "a", "context": "`), line...)
	var most uint64
	_, err := s.Batch(context.Background(), &repeated{line: line, n: 200}, io.Discard, false, func(tally Tally) {
		if r.seen, r.groups = nil, nil; tally.Lines%20 < 8 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if most > 48<<20 {
		t.Errorf("200 lines of half a MiB took %d MiB", most>>20)
	}
}

func TestALineThatIsTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("reads more than 128 MiB")
	}
	s, _ := openFake(t, Params{})
	long := &repeated{line: bytes.Repeat([]byte("a"), 1<<20), n: MaxLine>>20 + 1}
	in := io.MultiReader(strings.NewReader(`{"id": 1, "question": "a", "context": "banana"}`+"\n"), long, strings.NewReader("\n"+`{"id": 2, "question": "a", "context": "banana"}`))
	var out bytes.Buffer
	tally, err := s.Batch(context.Background(), in, &out, false, nil)
	if err != nil || tally != (Tally{3, 1}) || !strings.Contains(out.String(), `{"line":2,"error":{"code":"invalid","message":"the line is longer than 128 MiB"}}`) {
		t.Errorf("%+v, %v: %s", tally, err, out.String())
	}
}

func FuzzBatchLine(f *testing.F) {
	f.Add([]byte(`{"id": "a", "question": "q", "context": "a q b", "params": {"top_k": 3, "threshold": 1e300, "align_to_words": false}}`))
	f.Add([]byte(`{"id": 1, "question": "\ud800", "context": "\u0000é\udc00"}`))
	f.Add([]byte("{\"question\": \"\xff\", \"context\": \"\xff\xfe\"}\r\n\r\n{}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		w, _ := fakeBench()
		m, _ := w.Find("tryall/can", "")
		s, err := w.Open(context.Background(), m, Params{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		tally, err := s.Batch(context.Background(), bytes.NewReader(in), &out, false, nil)
		if err != nil && !bytes.Contains(in, []byte("stop")) {
			t.Fatal(err)
		}
		n := 0
		for dec := json.NewDecoder(&out); ; n++ {
			var v struct{ Answers, Error any }
			if err := dec.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("answer %d is no JSON: %v", n, err)
			}
			if (v.Answers == nil) == (v.Error == nil) {
				t.Fatalf("answer %d is neither a result nor an error", n)
			}
		}
		if err == nil && n != tally.Lines {
			t.Fatalf("%d answers for %d lines", n, tally.Lines)
		}
	})
}
