package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/web/ui"
)

// savedSet is the set that questions of this screen are kept in.
const savedSet = "compared.jsonl"

// noAnswer and another are the choices beside the answers that models gave.
const (
	noAnswer = "<none>"
	another  = "<another>"
)

// choice is an answer that a person may call right.
type choice struct{ Value, Label string }

// choices are the answers that models gave, and none.
func (r *results) choices() []choice {
	var out []choice
	for _, g := range r.Groups {
		if g.Answer != "" {
			out = append(out, choice{g.Cards[0].Result.Prediction, g.Answer})
		}
	}
	return append(out, choice{noAnswer, "the text does not say"}, choice{another, "another one:"})
}

// save keeps the question with its right answer, to race models over.
func (p panel) save(w http.ResponseWriter, r *http.Request) {
	form, err := ui.Form(w, r)
	saved := 0
	if err == nil {
		saved, err = p.keepQuestion(r, ui.ParseQuery(form), form.Get("right"), strings.TrimSpace(form.Get("other")))
	}
	status := http.StatusOK
	if err != nil {
		status = ui.StatusOf(err)
	}
	if !ui.IsPart(r) && err == nil {
		http.Redirect(w, r, "/questions/set?name="+savedSet, http.StatusSeeOther)
		return
	}
	ui.Write(w, r, status, savedPart(saved, err))
}

// keepQuestion adds a question to the set, or replaces the one that was kept of the same text; it gives how many there are now.
func (p panel) keepQuestion(r *http.Request, q ui.Query, right, other string) (int, error) {
	if right == another {
		if right = other; other == "" {
			return 0, qa.Errorf(qa.Invalid, "the right answer is empty; write it into the box")
		}
	}
	if q.Question == "" || right == "" {
		return 0, qa.Errorf(qa.Invalid, "a question and its right answer are needed")
	}
	project, err := p.Project(r.Context(), true)
	if err != nil {
		return 0, err
	}
	p.saving.Lock()
	defer p.saving.Unlock()
	s, err := project.Store.Questions(r.Context(), savedSet)
	if qa.CodeOf(err) == qa.NotFound {
		s, err = &questions.Set{Name: savedSet, Format: "jsonl"}, nil
	}
	if err != nil {
		return 0, err
	}
	item := questions.Item{Text: q.Question, Context: -1, Labelled: true}
	by := questions.Origin{When: time.Now().UTC(), How: "compare"}
	if right != noAnswer {
		item.Answers = []questions.Label{{Text: right, Start: -1, Origin: by}}
	} else {
		item.Impossible, item.NoAnswer, s.V2 = true, by, true
	}
	if err := p.place(q, s, &item); err != nil {
		return 0, err
	}
	at := len(s.Items)
	for i := range s.Items {
		if s.Items[i].ID == item.ID {
			at = i
		}
	}
	if at == len(s.Items) {
		s.Items = append(s.Items, item)
	} else {
		s.Items[at] = item
	}
	raw, err := json.Marshal(s.Items)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(raw)
	s.Digest = "sha256:" + hex.EncodeToString(sum[:])
	_, err = project.Store.PutQuestions(r.Context(), s)
	return len(s.Items), err
}

// place gives the question the text that it was asked of; one that was asked of the corpus has none.
func (p panel) place(q ui.Query, s *questions.Set, item *questions.Item) error {
	h, err := p.Held(q)
	if err != nil {
		return err
	}
	of := ""
	if h != nil {
		of = h.Text.Text
		item.Context = -1
		for i := range s.Contexts {
			if s.Contexts[i].Text == of {
				item.Context = i
			}
		}
		if item.Context < 0 {
			title := h.Name
			s.Articles = append(s.Articles, questions.Article{Title: title})
			s.Contexts = append(s.Contexts, questions.Context{Article: len(s.Articles) - 1, Text: of})
			item.Context = len(s.Contexts) - 1
		}
		for i := range item.Answers {
			item.Answers[i].Start = strings.Index(of, item.Answers[i].Text)
			if item.Answers[i].Start < 0 {
				return qa.Errorf(qa.Invalid, "%q does not stand in the text; an answer is a part of it, letter for letter", item.Answers[i].Text)
			}
		}
	}
	sum := sha256.Sum256([]byte(item.Text + "\x00" + of))
	item.ID = hex.EncodeToString(sum[:8])
	return nil
}
