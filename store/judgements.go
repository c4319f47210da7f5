package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// Kind is what somebody says of a question.
type Kind string

// The kinds of judgements.
const (
	Answered Kind = "answer"    // this is a right answer
	NoAnswer Kind = "no answer" // there is none
	Skipped  Kind = "skip"      // nothing; it is not to be asked again
)

// Judgement is what somebody said of a question. Judgements are never changed: one that was taken back is marked so.
type Judgement struct {
	ID     int64  `json:"id"`
	Item   string `json:"item"`
	Kind   Kind   `json:"kind"`
	Answer string `json:"answer,omitempty"`
	// Start is the byte of the context, or else of the document, at which the answer stands; -1: not known.
	Start int `json:"start"`
	// Document is the document of the corpus that was looked at, by its id, where the question has no context of its own.
	Document string `json:"document,omitempty"`
	questions.Origin
	// Weight is the probability with which the question was drawn among those without a label, 0 where it was not drawn.
	Weight   float64   `json:"weight,omitempty"`
	Question string    `json:"question"` // its text when it was judged
	Undone   time.Time `json:"undone,omitzero"`
}

// Judge keeps what somebody says of a question of a set. The judgement's ID, Item, Question and Undone are filled in, and When
// where it is zero.
func (s *Store) Judge(ctx context.Context, set, item string, j Judgement) (Judgement, error) {
	return s.judge(ctx, set, item, j, nil)
}

// JudgeSeen is Judge as long as the question's last judgement is the one that was seen, which is held in the transaction that keeps the
// new one; else nothing changes, and the error is an *Overtaken.
func (s *Store) JudgeSeen(ctx context.Context, set, item string, j Judgement, seen Seen) (Judgement, error) {
	return s.judge(ctx, set, item, j, &seen)
}

func (s *Store) judge(ctx context.Context, set, item string, j Judgement, seen *Seen) (Judgement, error) {
	j.Item = item
	if j.When.IsZero() {
		j.When = time.Now()
	}
	j.When = j.When.UTC().Round(0)
	if err := j.check(); err != nil {
		return j, fmt.Errorf("judge question %q of %s: %w", item, set, err)
	}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		no, q, context, err := findItem(ctx, tx, set, item)
		if err != nil {
			return err
		}
		if j.Kind == Answered && j.Start >= 0 && context != "" && !standsAt(context, j.Answer, j.Start) {
			return qa.Errorf(qa.Invalid, "%.60q does not stand at byte %d of its text", j.Answer, j.Start)
		}
		if seen != nil {
			if err := seen.check(ctx, tx, no, item, j.When.UnixNano()); err != nil {
				return err
			}
		}
		j.Question = q
		made, err := tx.ExecContext(ctx, "insert into judgements (question_set, item, kind, answer, start, who, at, how, weight, question, document, undone) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
			no, item, j.Kind, j.Answer, j.Start, j.Who, j.When.UnixNano(), j.How, j.Weight, q, j.Document)
		if err != nil {
			return err
		}
		j.ID, err = made.LastInsertId()
		return err
	})
	if err != nil {
		return j, fmt.Errorf("judge question %q of %s: %w", item, set, err)
	}
	return j, nil
}

func (j *Judgement) check() error {
	switch j.Kind {
	case Answered:
		if strings.TrimSpace(j.Answer) == "" {
			return qa.Errorf(qa.Invalid, "the answer is empty; say that there is none instead")
		}
	case NoAnswer, Skipped:
		if j.Answer != "" {
			return qa.Errorf(qa.Invalid, "%q comes with the answer %q", j.Kind, j.Answer)
		}
		j.Start = -1
	default:
		return qa.Errorf(qa.Invalid, "%q is none of %q, %q and %q", j.Kind, Answered, NoAnswer, Skipped)
	}
	if j.Start < -1 {
		return qa.Errorf(qa.Invalid, "an answer cannot start at %d", j.Start)
	}
	if j.Weight < 0 || j.Weight > 1 || math.IsNaN(j.Weight) {
		return qa.Errorf(qa.Invalid, "%v is no probability", j.Weight)
	}
	return valid(j.Answer, j.Who, j.How, j.Document)
}

func standsAt(context, answer string, start int) bool {
	return start >= 0 && start <= len(context) && strings.HasPrefix(context[start:], answer)
}

// findItem finds the question of an id; one that several questions share names none of them.
func findItem(ctx context.Context, tx *sql.Tx, set, item string) (no int64, text, context string, err error) {
	err = tx.QueryRowContext(ctx, "select no from question_sets where name = ?", set).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", "", qa.Errorf(qa.NotFound, "there is no question set %q", set)
	}
	if err != nil {
		return 0, "", "", err
	}
	n := 0
	var q questions.Item
	err = eachRow(ctx, tx, "select body from question_items where name = ?2 and id between ?1<<32 and ?1<<32 | 4294967295", []any{no, item}, func(scan func(...any) error) error {
		n++
		var body sql.RawBytes
		if err := scan(&body); err != nil {
			return err
		}
		return json.Unmarshal(body, &q)
	})
	switch {
	case err != nil:
		return 0, "", "", err
	case n == 0:
		return 0, "", "", qa.Errorf(qa.NotFound, "there is no such question")
	case n > 1:
		return 0, "", "", qa.Errorf(qa.Invalid, "%d questions have this id; give each an id of its own and import them again", n)
	}
	if q.Context >= 0 {
		err = tx.QueryRowContext(ctx, "select body from question_contexts where id = ?<<32 | ?", no, q.Context).Scan(&context)
	}
	return no, q.Text, context, err
}

// Undo takes back the last judgement of a question that stands, and gives it.
func (s *Store) Undo(ctx context.Context, set, item string) (Judgement, error) {
	return s.undo(ctx, set, "item = ?2", item)
}

// UndoLast takes back the last judgement of a set that somebody made and that stands, and gives it.
func (s *Store) UndoLast(ctx context.Context, set, who string) (Judgement, error) {
	return s.undo(ctx, set, "who = ?2", who)
}

// UndoJudgement takes back one judgement of a set, as long as it stands, and gives it.
func (s *Store) UndoJudgement(ctx context.Context, set string, id int64) (Judgement, error) {
	return s.undo(ctx, set, "judgements.id = ?2", id)
}

// Item is the text of a question of a set, and of the context that comes with it.
func (s *Store) Item(ctx context.Context, set, item string) (text, context string, err error) {
	tx, err := s.db.Read().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return "", "", err
	}
	defer func() { _ = tx.Rollback() }()
	_, text, context, err = findItem(ctx, tx, set, item)
	if err != nil {
		return "", "", fmt.Errorf("find question %q of %s: %w", item, set, err)
	}
	return text, context, nil
}

func (s *Store) undo(ctx context.Context, set, where string, value any) (j Judgement, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, "select id from judgements join question_sets on no = question_set where name = ?1 and undone = 0 and "+where+" order by id desc limit 1", set, value).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return qa.Errorf(qa.NotFound, "there is no judgement to take back")
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "update judgements set undone = ? where id = ?", time.Now().UnixNano(), id); err != nil {
			return err
		}
		all, err := readJudgements(ctx, tx, 0, "id = ?2", id)
		if err == nil {
			j = all[0]
		}
		return err
	})
	if err != nil {
		return j, fmt.Errorf("take back a judgement in %s: %w", set, err)
	}
	return j, nil
}

// Judgements are all that was ever said of the questions of a set, in that order, what was taken back among it.
func (s *Store) Judgements(ctx context.Context, set string) ([]Judgement, error) {
	sets, err := s.sets(ctx, set)
	if err != nil {
		return nil, err
	}
	return readJudgements(ctx, s.db.Read(), sets[0].no, "true")
}

// SetVersion is a word that changes whenever a set or what people say of its questions does.
func (s *Store) SetVersion(ctx context.Context, set string) (v string, err error) {
	var no, imported, judged, undone int64
	var digest string
	err = s.db.Read().QueryRowContext(ctx, `select no, imported, digest, (select count(*) from judgements where question_set = no),
		(select count(*) from judgements where question_set = no and undone <> 0) from question_sets where name = ?`, set).Scan(&no, &imported, &digest, &judged, &undone)
	if errors.Is(err, sql.ErrNoRows) {
		return "", qa.Errorf(qa.NotFound, "there is no question set %q", set)
	}
	return fmt.Sprintf("%d %d %s %d %d", no, imported, digest, judged, undone), err // judgements come and are undone, and nothing else
}

// readJudgements reads those of a set, 0 for all sets, for which a condition holds; its parameters count from ?2.
func readJudgements(ctx context.Context, db querier, set int64, where string, args ...any) (out []Judgement, err error) {
	err = eachRow(ctx, db, "select id, item, kind, answer, start, who, at, how, weight, question, document, undone from judgements where (?1 = 0 or question_set = ?1) and "+where+" order by id",
		append([]any{set}, args...), func(scan func(...any) error) error {
			var j Judgement
			var at, undone int64
			err := scan(&j.ID, &j.Item, &j.Kind, &j.Answer, &j.Start, &j.Who, &at, &j.How, &j.Weight, &j.Question, &j.Document, &undone)
			j.When = time.Unix(0, at).UTC()
			if undone != 0 {
				j.Undone = time.Unix(0, undone).UTC()
			}
			out = append(out, j)
			return err
		})
	return out, err
}

// apply lets judgements speak, in their order. An answer is added to those that are there, and says that there is one; that there
// is none takes the place of all answers. A question that has no text and names no document is from then on of the document that
// was looked at. Who looks at a question has the last word.
func apply(set *questions.Set, judged []Judgement) {
	at := make(map[string]int, len(set.Items))
	for i := range set.Items {
		at[set.Items[i].ID] = i
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", set.Digest)
	changed := false
	moved := map[string]bool{} // questions whose document is from judgements
	for k := range judged {
		j := &judged[k]
		i, ok := at[j.Item]
		if !ok || j.Kind == Skipped {
			continue
		}
		changed = true
		fmt.Fprintf(h, "%q %q %q %q %d\n", j.Item, j.Question, j.Kind, j.Answer, j.Start)
		q := &set.Items[i]
		q.Labelled = true
		if j.Document != "" && q.Context < 0 && (q.Document == "" || moved[j.Item]) {
			fmt.Fprintf(h, "%q\n", j.Document)
			if q.Document != j.Document {
				for a := range q.Answers { // they stand in another document, if anywhere
					q.Answers[a].Start = -1
				}
			}
			q.Document, moved[j.Item] = j.Document, true
		}
		if j.Kind == NoAnswer {
			q.Answers, q.Impossible, q.NoAnswer = nil, true, j.Origin
			set.V2 = true
			continue
		}
		q.Impossible, q.NoAnswer = false, questions.Origin{}
		l := questions.Label{Text: j.Answer, Start: j.Start, Origin: j.Origin}
		if q.Context >= 0 && j.Start >= 0 {
			l.Start = place(set.Contexts[q.Context].Text, j.Answer, j.Start)
		}
		if !has(q.Answers, l) {
			q.Answers = append(q.Answers, l)
		}
	}
	if changed {
		set.Digest = "sha256:" + hex.EncodeToString(h.Sum(nil))
	}
}

// place is where an answer stands in a text that may have changed since it was marked: there, or at the only place where it does.
func place(context, answer string, start int) int {
	if standsAt(context, answer, start) {
		return start
	}
	if first := strings.Index(context, answer); first >= 0 && first == strings.LastIndex(context, answer) {
		return first
	}
	return -1
}

func has(labels []questions.Label, l questions.Label) bool {
	for i := range labels {
		if labels[i].Text == l.Text && labels[i].Start == l.Start {
			return true
		}
	}
	return false
}
