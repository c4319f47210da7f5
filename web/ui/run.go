package ui

import (
	"context"

	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/workbench"
)

// RunInput is what the report of a finished run is made of, with the results behind its figures.
func RunInput(ctx context.Context, p *workbench.Project, id string) (report.Input, error) {
	out, err := p.Kept(ctx, id)
	if err != nil {
		return report.Input{}, err
	}
	in := report.Input{Bakeoff: out.Bakeoff, Runs: out.Runs, Data: out.Data[out.Mode], Order: out.Orders()}
	if out.Decision != nil {
		in.Decision = (*report.Decision)(out.Decision)
	}
	return in, nil
}

// RunScreen is one of the screens of a finished run.
type RunScreen struct {
	Name  string // the end of its address; empty: the run's own page
	Title string
	About string // what question of its user it answers
}

// RunScreens are in the order of their tabs.
var RunScreens = []RunScreen{
	{"", "Verdict", "Which model shall it be?"},
	{"leaderboard", "Leaderboard", "How good is each, and how sure is that?"},
	{"matrix", "Matrix", "Where are they wrong, and where do they differ?"},
	{"thresholds", "Thresholds", "When shall a model rather say nothing?"},
	{"report", "Report", "What do I give to others?"},
}

// RunAt is the address of a screen of a run.
func RunAt(run, screen string) string {
	if screen == "" {
		return "/bakeoff/" + run
	}
	return "/bakeoff/" + run + "/" + screen
}

// SharePath begins the addresses of links to reports. They are open to whoever has one, without the server's token.
const SharePath = "/share/"
