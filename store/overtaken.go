package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tryall/tryall/qa"
)

// Seen is what somebody had before their eyes who judges a question: judgements by their ids.
type Seen struct {
	Last int64 // the last one of the question that stands; 0: there was none. One that the question never had is an error.
	// Since is the last one that is to stay: those after it, up to Last, are taken back in favour of the new one. Last: all stay.
	Since int64
}

// Overtaken says that a judgement was not kept, since the question's last one is another than whoever judges had seen.
type Overtaken struct {
	Item string
	By   *Judgement // the last one that stands; nil: what was seen was taken back, and none stands
}

func (e *Overtaken) Error() string {
	if e.By == nil {
		return fmt.Sprintf("what was said of question %q was taken back meanwhile, and nothing else is said of it (its last judgement is 0); look at it again", e.Item)
	}
	said := string(e.By.Kind)
	if e.By.Kind == Answered {
		said = fmt.Sprintf("%q", e.By.Answer)
	}
	return fmt.Sprintf("question %q was judged meanwhile: %s said %s (its last judgement is %d); look at it again, and say what you think with that one as seen", e.Item, e.By.by(), said, e.By.ID)
}

// Unwrap gives the code, for whoever knows nothing of judgements.
func (e *Overtaken) Unwrap() error {
	return &qa.Error{Code: qa.Invalid, Err: fmt.Errorf("question %q was judged meanwhile", e.Item)}
}

func (j *Judgement) by() string {
	if j.Who == "" {
		return "somebody"
	}
	return j.Who
}

// check holds that nobody has judged a question since it was looked at, and takes back what is to make room. It is of the transaction
// that writes the new judgement, and writers come one after the other.
func (s Seen) check(ctx context.Context, tx *sql.Tx, set int64, item string, now int64) error {
	if s.Since > s.Last || s.Since < 0 {
		return qa.Errorf(qa.Invalid, "judgement %d is to stay, and comes after the last one, which is %d", s.Since, s.Last)
	}
	var last int64
	if err := tx.QueryRowContext(ctx, "select coalesce(max(id), 0) from judgements where question_set = ? and item = ? and undone = 0", set, item).Scan(&last); err != nil {
		return err
	}
	if last != s.Last {
		if err := s.existed(ctx, tx, set, item); err != nil {
			return err
		}
		e := &Overtaken{Item: item}
		if last != 0 {
			found, err := readJudgements(ctx, tx, set, "id = ?2", last)
			if err != nil {
				return err
			}
			e.By = &found[0]
		}
		return e
	}
	_, err := tx.ExecContext(ctx, "update judgements set undone = ? where question_set = ? and item = ? and undone = 0 and id > ? and id <= ?", now, set, item, s.Since, s.Last)
	return err
}

// existed holds that what was seen was once there: what was taken back was, and a slip was not.
func (s Seen) existed(ctx context.Context, tx *sql.Tx, set int64, item string) error {
	if s.Last == 0 {
		return nil
	}
	var there bool
	if err := tx.QueryRowContext(ctx, "select exists (select 1 from judgements where question_set = ? and item = ? and id = ?)", set, item, s.Last).Scan(&there); err != nil {
		return err
	}
	if !there {
		return qa.Errorf(qa.Invalid, "question %q has no judgement %d and never had one, so that it cannot have been seen; look at the question again, and send the last judgement that it has then", item, s.Last)
	}
	return nil
}
