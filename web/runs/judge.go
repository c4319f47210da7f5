package runs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
)

// how says in a judgement that it was made here.
const how = "matrix"

// judgedOf is what somebody has said of questions and what stands, by set and item, in its order.
func judgedOf(ctx context.Context, f *found, rows []*gridRow) (map[string][]store.Judgement, error) {
	out := map[string][]store.Judgement{}
	sets := map[string]bool{}
	for _, r := range rows {
		if r.origin.Set != "" {
			sets[r.origin.Set] = true
		}
	}
	for set := range sets {
		all, err := f.project.Store.Judgements(ctx, set)
		if qa.CodeOf(err) == qa.NotFound {
			continue // the set was removed; whoever judges is told
		}
		if err != nil {
			return nil, err
		}
		for _, j := range all {
			if j.Undone.IsZero() {
				key := judgedKey(set, j.Item)
				out[key] = append(out[key], j)
			}
		}
	}
	return out, nil
}

func judgedKey(set, item string) string { return set + "\x00" + item }

// judgements are the answers to a question that somebody has called right.
func (v *matrixView) judgements(r *gridRow) (out []store.Judgement) {
	for _, j := range v.Judged[judgedKey(r.origin.Set, r.origin.Item)] {
		if j.Kind == store.Answered {
			out = append(out, j)
		}
	}
	return out
}

// seen names a question and the last that was said of it and stands, 0 where nothing is, as the form sends it.
func (v *matrixView) seen(r *gridRow) string {
	last := int64(0)
	if all := v.Judged[judgedKey(r.origin.Set, r.origin.Item)]; len(all) > 0 {
		last = all[len(all)-1].ID
	}
	return fmt.Sprintf("%d.%d", r.example, last)
}

// may says whether an answer can be called right too: it is one, it is not right yet, and the question is of a set of the project.
func (v *matrixView) may(r *gridRow, c *gridCell) bool {
	if r.origin.Set == "" || !c.asked || c.exact || c.err != "" || c.text == "" {
		return false
	}
	for _, j := range v.judgements(r) {
		if j.Answer == c.text {
			return false
		}
	}
	return true
}

// judge says of an answer that it is right too, or takes that back.
func (p panel) judge(w http.ResponseWriter, r *http.Request) {
	f := p.find(w, r, "matrix", "Matrix")
	if f == nil {
		return
	}
	form, err := ui.Form(w, r)
	to := ""
	if err == nil {
		if form.Get("undo") != "" {
			to, err = p.takeBack(r, f, form)
		} else {
			to, err = p.rightToo(r, f, form)
		}
	}
	var c *conflict
	if errors.As(err, &c) {
		c.screen, c.form = f.screen, form
		ui.Write(w, r, http.StatusConflict, conflictPage(c))
		return
	}
	if err != nil {
		p.refuse(w, r, "That could not be kept", err)
		return
	}
	state, _ := url.ParseQuery(form.Get("state"))
	http.Redirect(w, r, at(f.Run.ID, "matrix", parseMatrix(state).values())+"#"+to, http.StatusSeeOther)
}

// rightToo adds an answer to the right ones of its question. The run's figures stay as they are.
func (p panel) rightToo(r *http.Request, f *found, form url.Values) (string, error) {
	mode := form.Get("mode")
	row, cell, k, err := p.cellOf(r.Context(), f, mode, form.Get("right"))
	if err != nil {
		return "", err
	}
	if row.origin.Set == "" {
		return "", errFiles
	}
	if form.Get("keep") == ui.KeepTheirs {
		return cellID(row, k), nil
	}
	if cell.text == "" || cell.err != "" {
		return "", qa.Errorf(qa.Invalid, "there is no answer that could be right")
	}
	text, passage, err := f.project.Store.Item(r.Context(), row.origin.Set, row.origin.Item)
	if err != nil {
		return "", fmt.Errorf("the run was made of another state of its questions: %w", err)
	}
	if strings.TrimSpace(text) != strings.TrimSpace(row.text) {
		return "", qa.Errorf(qa.Invalid, "the question %q of %s reads otherwise now than in this run, so the answer may be to another one; judge it in a new run", row.origin.Item, row.origin.Set)
	}
	j := store.Judgement{Kind: store.Answered, Answer: cell.text, Start: onlyPlace(passage, cell.text),
		Origin: questions.Origin{Who: strings.TrimSpace(form.Get("who")), How: how + " of run " + f.Run.ID}}
	seen, err := seenOf(form, row)
	if err != nil {
		return "", err
	}
	if seen == nil {
		_, err = f.project.Store.Judge(r.Context(), row.origin.Set, row.origin.Item, j)
	} else {
		_, err = f.project.Store.JudgeSeen(r.Context(), row.origin.Set, row.origin.Item, j, *seen)
	}
	if o := (*store.Overtaken)(nil); errors.As(err, &o) {
		return "", &conflict{Overtaken: o, row: row, mine: j, since: seen.Since}
	}
	return cellID(row, k), err
}

// onlyPlace is where an answer stands in a text, -1 where it stands in several places or in none.
func onlyPlace(text, answer string) int {
	if at := strings.Index(text, answer); at >= 0 && at == strings.LastIndex(text, answer) {
		return at
	}
	return -1
}

// takeBack takes one judgement back.
func (p panel) takeBack(r *http.Request, f *found, form url.Values) (string, error) {
	example, id, _ := strings.Cut(form.Get("undo"), ".")
	no, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return "", qa.Errorf(qa.Invalid, "there is no judgement %q", form.Get("undo"))
	}
	row, _, k, err := p.cellOf(r.Context(), f, form.Get("mode"), example+".0")
	if err != nil {
		return "", err
	}
	_, err = f.project.Store.UndoJudgement(r.Context(), row.origin.Set, no)
	return cellID(row, k), err
}

// cellOf finds a cell by the numbers of its question and of its contestant, as in "12.0".
func (p panel) cellOf(ctx context.Context, f *found, mode, name string) (*gridRow, *gridCell, int, error) {
	g, err := p.grid(ctx, f, mode)
	if err != nil {
		return nil, nil, 0, err
	}
	a, b, _ := strings.Cut(name, ".")
	example, err1 := strconv.Atoi(a)
	k, err2 := strconv.Atoi(b)
	if err1 == nil && err2 == nil && k >= 0 && k < len(g.contestants) {
		for i := range g.rows {
			if g.rows[i].example == example {
				return &g.rows[i], &g.rows[i].cells[k], k, nil
			}
		}
	}
	return nil, nil, 0, qa.Errorf(qa.NotFound, "there is no cell %q in this matrix", name)
}

// cellID names a cell on the page.
func cellID(r *gridRow, k int) string { return fmt.Sprintf("c%d-%d", r.example, k) }

// ofMatrix says whether a judgement was made in a matrix.
func ofMatrix(j store.Judgement) bool { return strings.HasPrefix(j.How, how) }
