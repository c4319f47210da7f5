package questions

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// conflict is a question that was judged while somebody else looked at it.
type conflict struct {
	Theirs *store.Judgement // nil: what was there was taken back
	Mine   workbench.LabelVerdict
	Since  int64 // the last judgement that whoever came second had seen; 0: none
}

// seenOf reads which judgement the page showed. A form that does not say so is kept whatever was said meanwhile.
func seenOf(form url.Values) (*store.Seen, error) {
	if !form.Has("seen") {
		return nil, nil
	}
	last, since, err := ui.Seen(form, form.Get("seen"))
	if err != nil {
		return nil, err
	}
	return &store.Seen{Last: last, Since: since}, nil
}

// mineOf reads what somebody said before they were asked whose word is to stand.
func mineOf(sent string) (said workbench.LabelVerdict, err error) {
	if err := json.Unmarshal([]byte(sent), &said); err != nil {
		return said, qa.Errorf(qa.Invalid, "read what you said of the question: %w", err)
	}
	if said.How != workbench.LabelSuggested {
		said.How = workbench.LabelMarked
	}
	return said, nil
}

// save keeps what is said of a question and shows the next; where the question was judged meanwhile it asks whose word is to stand.
func (p panel) save(w http.ResponseWriter, r *http.Request, s *workbench.LabelSession, q labelQuery, said workbench.LabelVerdict) {
	_, err := s.Judge(r.Context(), q.Item, said)
	var overtaken *store.Overtaken
	switch {
	case errors.As(err, &overtaken):
		p.writeLabel(w, r, q, func(v *labelView) {
			// The page is about what is known here: should yet another judgement come in between, the next answer is refused as well.
			v.Conflict, v.Seen = &conflict{Theirs: overtaken.By, Mine: said, Since: said.Seen.Since}, 0
			if overtaken.By != nil {
				v.Seen = overtaken.By.ID
			}
			v.Say = v.Conflict.asks(v.who()).Title()
		})
	case err != nil:
		p.writeLabel(w, r, q, func(v *labelView) { v.Err = err })
	default:
		p.after(w, r, s, q, saidWords(said))
	}
}

// mine is what was said second, for the form.
func (c *conflict) mine() string {
	raw, _ := json.Marshal(c.Mine) // strings and a number
	return string(raw)
}

// asks is what the page asks; who labels on it.
func (c *conflict) asks(who string) ui.Conflict {
	out := ui.Conflict{Mine: ui.Said{Who: who, Answer: c.Mine.Text, Skipped: c.Mine.Kind == store.Skipped}}
	if j := c.Theirs; j != nil {
		out.Theirs = &ui.Said{Who: j.Who, Answer: j.Answer, Skipped: j.Kind == store.Skipped}
	}
	return out
}
