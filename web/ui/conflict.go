package ui

import (
	"net/url"
	"strconv"

	"github.com/tryall/tryall/qa"
)

// What is to stand where two have judged the same question, as forms send it.
const (
	KeepTheirs = "theirs"
	UseMine    = "mine" // what was said meanwhile is taken back
	KeepBoth   = "both"
)

// Seen reads which judgement of a question a page showed last, 0 for none, from what its form sends of it; and since, the last
// one that is to stay: those after it give way where whoever was asked whose word is to stand says so.
func Seen(form url.Values, shown string) (last, since int64, err error) {
	last, err = strconv.ParseInt(shown, 10, 64)
	since = last
	if err == nil && form.Get("keep") == UseMine {
		since, err = strconv.ParseInt(form.Get("since"), 10, 64)
	}
	if err != nil || last < 0 {
		return 0, 0, qa.Errorf(qa.Invalid, "read what the page showed of the question: %q is no judgement; load the page again", shown)
	}
	return last, min(since, last), nil
}

// Said is what somebody says of a question: an answer, or that it is to be skipped, or else that there is none.
type Said struct {
	Who     string // empty: nobody knows
	Answer  string
	Skipped bool
}

// Words say it.
func (s Said) Words() string {
	switch {
	case s.Skipped:
		return "skip it"
	case s.Answer == "":
		return "there is no answer"
	}
	return "“" + Visible(Shorten(s.Answer, 160)) + "”"
}

// Conflict is a question that was judged while somebody else looked at it.
type Conflict struct {
	Theirs *Said // nil: what was there was taken back
	Mine   Said
}

// own says whether both are of the same person.
func (c Conflict) own() bool { return c.Theirs.Who != "" && c.Theirs.Who == c.Mine.Who }

// Title says what has happened.
func (c Conflict) Title() string {
	switch {
	case c.Theirs == nil:
		return "What was said of this question was taken back while you were at it"
	case c.own():
		return "You have labelled this question meanwhile, on another page"
	}
	return "Somebody labelled this question while you were at it"
}

// whose names whoever was first.
func (c Conflict) whose() string {
	switch {
	case c.Theirs == nil:
		return "It says now"
	case c.own():
		return "You said there"
	case c.Theirs.Who == "":
		return "They said"
	}
	return Visible(Shorten(c.Theirs.Who, 80)) + " said"
}

func (c Conflict) theirWords() string {
	if c.Theirs == nil {
		return "nothing"
	}
	return c.Theirs.Words()
}

func (c Conflict) keepWords() string {
	switch {
	case c.Theirs == nil:
		return "Leave it open"
	case c.own():
		return "Keep the first"
	}
	return "Keep theirs"
}

// bothFit says whether two answers can be right beside each other.
func (c Conflict) bothFit() bool {
	return c.Theirs != nil && c.Theirs.Answer != "" && c.Mine.Answer != ""
}
