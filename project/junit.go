package project

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/tryall/tryall/eval"
)

type junitSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suite    junitSuite
}

type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        string          `xml:"system-out,omitempty"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure,omitempty"`
	Error   *junitProblem `xml:"error,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes what came of a gate in the form that GitHub, GitLab and Jenkins read: a test case for each limit, which fails
// when the limit does, and one with an error for each contestant that could not go on. Name is that of the suite; at is when
// the bake-off ended.
func JUnit(w io.Writer, name string, verdicts []Verdict, b *eval.Bakeoff, at time.Time) error {
	name = plain(name)
	s := junitSuite{Name: name, Time: seconds(b.TookSeconds), Timestamp: at.UTC().Format("2006-01-02T15:04:05"), Out: plain(b.Verdict)}
	for _, p := range []junitProperty{
		{"run", b.Run}, {"version", b.Spec.Version}, {"mode", b.Mode}, {"metric", b.Metric}, {"decoder", b.Decoder},
		{"seed", strconv.FormatUint(b.Seed, 10)}, {"questions", strconv.Itoa(b.Questions)}, {"winner", b.Winner}, {"pick", b.Pick},
	} {
		if p.Value != "" {
			s.Properties = append(s.Properties, junitProperty{p.Name, plain(p.Value)})
		}
	}
	for _, v := range verdicts {
		c := junitCase{Name: plain(v.Limit), Class: name + ".gate", Time: "0"}
		if !v.Passed {
			c.Failure = &junitProblem{Message: plain(v.Reason), Type: "limit", Text: plain(v.Reason)}
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	for _, round := range append([]eval.Round{b.Round}, b.Also...) {
		for i := range round.Models {
			e := &round.Models[i]
			if e.Failed == "" {
				continue
			}
			title := fmt.Sprintf("%s (%s)", e.Contestant, round.Mode)
			s.Cases = append(s.Cases, junitCase{Name: plain(title), Class: name + ".contestants", Time: "0",
				Error: &junitProblem{Message: plain(e.Failed), Type: "contestant", Text: plain(e.Failed)}})
			s.Errors++
		}
	}
	s.Tests = len(s.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Name: name, Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Time: s.Time, Suite: s}); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func seconds(s float64) string { return strconv.FormatFloat(max(0, s), 'f', 3, 64) }

// plain is text that XML can hold and a log can show: control characters and those that turn the direction of writing become
// signs.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20:
			return 0x2400 + r // the picture of that control character
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == 0xFFFE, r == 0xFFFF:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
