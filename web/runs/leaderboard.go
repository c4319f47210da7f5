package runs

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/web/ui"
)

// The orders of the leaderboard that are no column of figures.
const (
	byRank = ""
	byName = "model"
)

// boardQuery is the state of the leaderboard: what its address holds.
type boardQuery struct {
	Mode    string // empty: the first
	Sort    string // byRank, byName or the key of a column
	Reverse bool
	Cols    []string // keys of the columns to show; none: the usual ones

	unknown []string // what the address asks for and there is not, in sentences
}

func parseBoard(v url.Values) boardQuery {
	return boardQuery{Mode: v.Get("mode"), Sort: v.Get("sort"), Reverse: v.Get("rev") == "1", Cols: v["col"]}
}

func (q boardQuery) values() url.Values {
	v := url.Values{}
	if q.Mode != "" {
		v.Set("mode", q.Mode)
	}
	if q.Sort != byRank {
		v.Set("sort", q.Sort)
	}
	if q.Reverse {
		v.Set("rev", "1")
	}
	if len(q.Cols) > 0 {
		v["col"] = q.Cols
	}
	return v
}

// at is an address under that of the run.
func at(run, screen string, v url.Values) string {
	to := ui.RunAt(run, screen)
	if len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
}

// sorted is the query in another order; the same again turns it round.
func (q boardQuery) sorted(key string) boardQuery {
	q.Reverse = q.Sort == key && !q.Reverse
	q.Sort = key
	return q
}

// shows says whether a column is shown. The one that ranks always is.
func (q boardQuery) shows(b *report.Board, c report.BoardColumn) bool {
	if c.Key == b.Metric {
		return true
	}
	if len(q.Cols) == 0 {
		return c.Usual
	}
	return slices.Contains(q.Cols, c.Key)
}

// boardView is the leaderboard as its template takes it.
type boardView struct {
	screen
	Query   boardQuery
	Modes   []string
	All     []report.BoardColumn // to pick from
	Board   *report.Board        // nil: nobody took part
	Figures []*report.Figure
}

// order puts the board into the state of a query.
func (v *boardView) order() {
	if v.Board == nil {
		return
	}
	v.All = v.Board.Columns
	switch v.Query.Sort {
	case byRank:
		if v.Query.Reverse {
			slices.Reverse(v.Board.Lines)
		}
	case byName:
		v.Board.SortByName(v.Query.Reverse)
	default:
		if v.Board.Column(v.Query.Sort) < 0 {
			v.Query.unknown = append(v.Query.unknown, "There is no column "+quoted(v.Query.Sort)+" to sort by; these are in the order of their ranks.")
			v.Query.Sort, v.Query.Reverse = byRank, false
			break
		}
		v.Board.Sort(v.Query.Sort, v.Query.Reverse)
	}
	for _, key := range v.Query.Cols {
		if v.Board.Column(key) < 0 {
			v.Query.unknown = append(v.Query.unknown, "There is no column "+quoted(key)+".")
		}
	}
	v.Board.Pick(func(c report.BoardColumn) bool { return v.Query.shows(&report.Board{Metric: v.Board.Metric}, c) })
}

// unknownMode says that a run has no such mode, where one was asked for.
func unknownMode(mode string) []string {
	if mode == "" {
		return nil
	}
	return []string{"This run has no mode " + quoted(mode) + "; this is its first."}
}

// boardOf is the leaderboard of a run that is finished.
func boardOf(s screen, q boardQuery, figures bool) boardView {
	v := boardView{screen: s, Query: q, Modes: s.modes()}
	b := s.Run.Bakeoff
	if b == nil {
		return v
	}
	if !slices.Contains(v.Modes, q.Mode) {
		v.Query.unknown = append(v.Query.unknown, unknownMode(q.Mode)...)
		if v.Query.Mode = ""; len(v.Modes) > 0 {
			v.Query.Mode = v.Modes[0]
		}
	}
	mode := v.Query.Mode
	v.Board = report.BoardOf(b, mode)
	v.order()
	if !figures {
		return v
	}
	for _, f := range report.Figures(report.Input{Bakeoff: b}, mode) {
		if f.ID == "pareto-"+mode { // how the race went is told with the verdict, what thresholds do on a screen of its own
			v.Figures = append(v.Figures, f)
		}
	}
	return v
}

// leaderboard shows how good each contestant is, and how sure that is.
func (p panel) leaderboard(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "leaderboard", "Leaderboard")
	if f == nil {
		return
	}
	ui.Write(w, r, http.StatusOK, boardPage(boardOf(f.screen, parseBoard(r.URL.Query()), true)))
}

// boardCSV gives exactly the lines and columns that the page with the same query shows.
func (p panel) boardCSV(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "leaderboard", "Leaderboard")
	if f == nil {
		return
	}
	v := boardOf(f.screen, parseBoard(r.URL.Query()), false)
	if v.Board == nil {
		p.refuse(w, r, "There is no leaderboard", errNoBoard)
		return
	}
	var b bytes.Buffer
	if err := v.Board.CSV(&b); err != nil {
		p.refuse(w, r, "The table could not be written", err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-leaderboard.csv"`, f.Run.ID))
	_, _ = w.Write(b.Bytes()) // whoever has gone needs no table
}

// tie says where in a bracket a line stands: those that share a rank and stand together are held by one. It is empty where it stands in none.
func tie(lines []report.BoardLine, i int) string {
	same := func(j int) bool {
		return j >= 0 && j < len(lines) && lines[j].Tied && lines[i].Tied && lines[j].Rank == lines[i].Rank && lines[i].Rank > 0
	}
	switch before, after := same(i-1), same(i+1); {
	case before && after:
		return "tie"
	case after:
		return "tie tie-top"
	case before:
		return "tie tie-end"
	}
	return ""
}

// rankOf is a rank as people read it.
func rankOf(l report.BoardLine) string {
	switch {
	case l.Rank == 0:
		return "–"
	case l.Tied:
		return fmt.Sprintf("%d~", l.Rank)
	}
	return fmt.Sprint(l.Rank)
}

// errNoBoard is said where there is nobody to rank.
var errNoBoard = qa.Errorf(qa.NotFound, "there is no leaderboard: the run is not finished, or none of its questions has a known answer")

// roundOf is the round that a board is of.
func roundOf(v boardView) *eval.Round {
	for _, r := range v.Run.Bakeoff.Rounds() {
		if r.Mode == v.Board.Mode {
			return r
		}
	}
	return &v.Run.Bakeoff.Round
}
