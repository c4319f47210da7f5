package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/tryall/tryall/eval"
)

// format names the form of report.json, and so tells a folder with a report from any other.
const format = "tryall-report-1"

// Document is report.json: a bake-off as `tryall bakeoff --json` prints it, with what the report adds.
type Document struct {
	Format      string `json:"format"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Command     string `json:"command,omitempty"`
	*eval.Bakeoff
	Decision *Decision         `json:"decision,omitempty"`
	Gate     []Verdict         `json:"gate,omitempty"`
	Metrics  map[string]string `json:"metric_definitions"`
}

// JSON writes everything that it takes to repeat a bake-off.
func JSON(w io.Writer, in Input) error {
	d := Document{Format: format, Title: in.Title, Description: in.Description, Command: command(in), Bakeoff: in.Bakeoff, Gate: in.Gate, Decision: in.Decision, Metrics: map[string]string{}}
	for _, m := range eval.Metrics {
		d.Metrics[m.Name] = m.About
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return fmt.Errorf("write the report as JSON: %w", err)
	}
	return nil
}
