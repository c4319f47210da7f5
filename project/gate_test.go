package project

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
)

func gateOf(t *testing.T, yaml string) Gate {
	t.Helper()
	c, err := Parse(FileName, []byte("gate: "+yaml))
	if err != nil {
		t.Fatal(err)
	}
	return c.Gate
}

// tie has a winner and a cheaper pick that cannot be told apart from it.
func tie() *eval.Bakeoff {
	entrant := func(name string, score float64, p95 float64) eval.Entrant {
		return eval.Entrant{
			Standing: eval.Standing{Contestant: name, N: 400, Score: score, ScoreCI: [2]float64{score - 2, score + 2}, P50: p95 / 2, P95: p95, PeakBytes: 150e6, Errors: 1},
			Metrics:  map[string]float64{"f1": score, "wrong_rate": 5.04, "coverage_at_90": 30},
		}
	}
	return &eval.Bakeoff{
		Run: "r1", TookSeconds: 12.5, Spec: eval.Spec{Version: "v1", Seed: 7},
		Round: eval.Round{
			Mode: eval.Oracle, Metric: "f1", Questions: 400, Winner: "big", Pick: "small", Tied: []string{"big", "small"}, Verdict: "pick small",
			Models: []eval.Entrant{entrant("big", 72, 900), entrant("small", 71, 120)},
		},
	}
}

func TestGateChecksThePick(t *testing.T) {
	for _, c := range []struct {
		limit  string
		passed bool
		reason string
	}{
		{`{f1: ">=71"}`, true, "f1 of small is 71 %; the limit is >= 71"},
		{`{f1: ">71"}`, false, "f1 of small is 71 %; the limit is > 71"},
		{`{f1: ">=72"}`, false, "holds the limit, so other questions may turn this"},
		{`{f1: ">=69"}`, true, "f1 of small is 71 %; the limit is >= 69"},
		{`{f1: "==71"}`, true, ""},
		{`{f1: "<71"}`, false, ""},
		{`{p95_ms: "<=250"}`, true, "p95_ms of small is 120 ms; the limit is <= 250"},
		{`{p50_ms: "<=59"}`, false, "p50_ms of small is 60 ms"},
		{`{peak_mb: "<=150"}`, true, "peak_mb of small is 150 MB"},
		{`{questions: ">=401"}`, false, "questions of small is 400; the limit is >= 401"},
		{`{errors: "<=1"}`, true, ""},
		{`{errors: "==0"}`, false, "errors of small is 1; the limit is == 0"},
		{`{wrong_rate: "<=5"}`, false, "wrong_rate of small is 5.04 %; the limit is <= 5"}, // not 5.0, which would hold
		{`{wrong_rate: "<=6"}`, true, "wrong_rate of small is 5.0 %"},
		{`{coverage_at_90: ">=50"}`, false, "coverage_at_90 of small is 30 %"},
	} {
		vs := gateOf(t, c.limit).Check(tie())
		if len(vs) != 1 || vs[0].Passed != c.passed || !vs[0].Measured || !strings.Contains(vs[0].Reason, c.reason) || vs[0].Contestant != "small" || Passed(vs) != c.passed {
			t.Errorf("%s: %+v", c.limit, vs)
		}
	}
	b := tie()
	b.Pick = ""
	if v := gateOf(t, `{p95_ms: "<=250"}`).Check(b)[0]; v.Passed || v.Contestant != "big" || v.Value != 900 {
		t.Errorf("without a pick: %+v", v)
	}
	if vs := (Gate(nil)).Check(tie()); len(vs) != 0 || !Passed(vs) {
		t.Errorf("no gate: %+v", vs)
	}
}

func TestGateFailsOnWhatWasNotMeasured(t *testing.T) {
	for limit, spoil := range map[string]func(*eval.Entrant){
		`{p95_ms: "<=250"}`:    func(e *eval.Entrant) { e.P95 = 0 },
		`{p50_ms: ">=0"}`:      func(e *eval.Entrant) { e.P50 = 0 },
		`{peak_mb: "<=250"}`:   func(e *eval.Entrant) { e.PeakBytes = 0 },
		`{wrong_rate: "<=5"}`:  func(e *eval.Entrant) { delete(e.Metrics, "wrong_rate") },
		`{no_ans_f1: ">=0"}`:   func(*eval.Entrant) {},
		`{exact: ">=0"}`:       func(e *eval.Entrant) { e.Metrics["exact"] = math.NaN() },
		`{has_ans_f1: "<=99"}`: func(e *eval.Entrant) { e.Metrics = nil },
	} {
		b := tie()
		spoil(&b.Models[1])
		v := gateOf(t, limit).Check(b)[0]
		if v.Passed || v.Measured || !strings.Contains(v.Reason, "could not be measured") {
			t.Errorf("%s: %+v", limit, v)
		}
	}
	b := tie()
	b.Models[0].Failed, b.Models[1].Failed = "out of memory", "broken"
	for _, b := range []*eval.Bakeoff{b, {}} {
		if v := gateOf(t, `{errors: ">=0"}`).Check(b)[0]; v.Passed || !strings.Contains(v.Reason, "no contestant finished") {
			t.Errorf("%+v", v)
		}
	}
}

func TestJUnit(t *testing.T) {
	b := tie()
	b.Verdict = "pick small \x1b[31m]]> \u202e"
	b.Models = append(b.Models, eval.Entrant{Standing: eval.Standing{Contestant: "evil<&\"\x00\x1b\u202e\ufffe\xff>:fp32"}, Failed: "read x: \x07 <tag> ]]> & é 漢"})
	b.Also = []eval.Round{{Mode: eval.Retrieved, Models: []eval.Entrant{{Standing: eval.Standing{Contestant: "y"}, Failed: "gone"}}}}
	vs := gateOf(t, `{f1: ">=70", p95_ms: "<=100"}`).Check(b)
	var out bytes.Buffer
	if err := JUnit(&out, "corp<us", vs, b, time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r < 0x20 && r != '\n' && r != '\t' || r == '\u202e' {
			t.Fatalf("%U is in the file:\n%s", r, out.String())
		}
	}
	// Any reader of XML takes it; what is read is what readers of JUnit look at.
	type problem struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var got struct {
		XMLName                 xml.Name `xml:"testsuites"`
		Tests, Failures, Errors int      `xml:",attr"`
		TestsAttr               int      `xml:"tests,attr"`
		Suites                  []struct {
			Name      string `xml:"name,attr"`
			Tests     int    `xml:"tests,attr"`
			Failures  int    `xml:"failures,attr"`
			Errors    int    `xml:"errors,attr"`
			Time      string `xml:"time,attr"`
			Timestamp string `xml:"timestamp,attr"`
			Cases     []struct {
				Name    string   `xml:"name,attr"`
				Class   string   `xml:"classname,attr"`
				Failure *problem `xml:"failure"`
				Error   *problem `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	d := xml.NewDecoder(&out)
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) && err != nil {
		t.Fatal(err)
	}
	if len(got.Suites) != 1 || got.TestsAttr != 4 {
		t.Fatalf("%+v", got)
	}
	s := got.Suites[0]
	if s.Name != "corp<us" || s.Tests != 4 || s.Failures != 1 || s.Errors != 2 || s.Time != "12.500" || s.Timestamp != "2026-01-02T02:04:05" || len(s.Cases) != 4 {
		t.Errorf("%+v", s)
	}
	if c := s.Cases[0]; c.Name != "f1 >= 70" || c.Failure != nil || c.Error != nil || c.Class != "corp<us.gate" {
		t.Errorf("%+v", c)
	}
	if c := s.Cases[1]; c.Failure == nil || c.Failure.Message != "p95_ms of small is 120 ms; the limit is <= 100" || c.Failure.Text != c.Failure.Message {
		t.Errorf("%+v", c)
	}
	if c := s.Cases[2]; c.Error == nil || c.Error.Message != "read x: ␇ <tag> ]]> & é 漢" || c.Name != "evil<&\"␀␛\uFFFD\uFFFD\uFFFD>:fp32 (oracle)" {
		t.Errorf("%+q %+v", c.Name, c.Error)
	}
	if c := s.Cases[3]; c.Error == nil || c.Name != "y (retrieved)" {
		t.Errorf("%+v", c)
	}
}

type brokenWriter struct{ left int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func TestJUnitTellsThatItCouldNotWrite(t *testing.T) {
	for _, room := range []int{0, 50} {
		if err := JUnit(&brokenWriter{room}, "x", nil, tie(), time.Now()); err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Error(room, err)
		}
	}
}
