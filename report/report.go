// Package report writes down what a bake-off came to, for people and for programs: one HTML page that needs no network and no
// script, the same in Markdown, tables as CSV, and everything needed to repeat it as JSON. It draws the plots; it decides
// nothing: every figure and every verdict comes from package eval.
package report

import (
	"io"
	"time"

	"github.com/tryall/tryall/eval"
)

// Input is what a report is made of.
type Input struct {
	Bakeoff *eval.Bakeoff
	// Title heads the report; empty: one is made of the figures. Description is a sentence about the project.
	Title, Description string
	// Runs are the results behind the figures by mode, those of dropped contestants as far as they came. Without them there is
	// no matrix of questions and no race.
	Runs map[string][]*eval.Run
	// Order is the order in which a mode's questions were asked, as indexes of the data set. Without it there is no race.
	Order map[string][]int
	// Data are the questions; nil: their texts are left out.
	Data *eval.Dataset
	// Gate are the verdicts on the limits of the project.
	Gate []Verdict
	// Decision is what people made of it; nil: nothing is said of that.
	Decision *Decision
	// Command repeats the bake-off; empty: one is made of the Spec.
	Command string
}

// Decision says who decided what on the ground of a bake-off, and why. Its fields are those of store.Decision, so that one converts to
// the other.
type Decision struct {
	Title    string    `json:"title,omitempty"` // of the report, before Input.Title
	Decision string    `json:"decision,omitempty"`
	Who      string    `json:"who,omitempty"`
	Notes    string    `json:"notes,omitempty"`
	When     time.Time `json:"when,omitzero"`
}

// Verdict is what came of one limit of a gate. Its fields are those of project.Verdict, so that one converts to the other.
type Verdict struct {
	Limit      string  `json:"limit"` // "f1 >= 70"
	Contestant string  `json:"contestant,omitempty"`
	Mode       string  `json:"mode,omitempty"`
	Value      float64 `json:"value"`
	Measured   bool    `json:"measured"`
	Passed     bool    `json:"passed"`
	Reason     string  `json:"reason"`
}

// File is one file of a report.
type File struct {
	Name  string
	About string
	Write func(io.Writer, Input) error
}

// Files are the files of a report, the one to open first.
var Files = []File{
	{"report.html", "the report as one page, without network or script", HTML},
	{"report.md", "the same as text", Markdown},
	{"report.csv", "the leaderboard as a table", LeaderboardCSV},
	{"questions.csv", "every question with the answer of every contestant", QuestionsCSV},
	{"report.json", "everything that it takes to repeat the bake-off", JSON},
}
