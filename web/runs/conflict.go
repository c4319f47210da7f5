package runs

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
)

// conflict is a question of which somebody said something after the matrix was loaded in which an answer of it is called right.
type conflict struct {
	*store.Overtaken
	screen
	form  url.Values // what was sent
	row   *gridRow
	mine  store.Judgement
	since int64 // the last judgement that whoever came second had seen; 0: none
}

// seenOf reads what the matrix showed of a question. A form that does not say so is kept whatever was said meanwhile.
func seenOf(form url.Values, row *gridRow) (*store.Seen, error) {
	for _, s := range form["seen"] {
		example, id, _ := strings.Cut(s, ".")
		if example != strconv.Itoa(row.example) {
			continue
		}
		last, since, err := ui.Seen(form, id)
		if err != nil {
			return nil, err
		}
		return &store.Seen{Last: last, Since: since}, nil
	}
	return nil, nil
}

// asks is what the page asks.
func (c *conflict) asks() ui.Conflict {
	out := ui.Conflict{Mine: ui.Said{Who: c.mine.Who, Answer: c.mine.Answer}}
	if j := c.By; j != nil {
		out.Theirs = &ui.Said{Who: j.Who, Answer: j.Answer, Skipped: j.Kind == store.Skipped}
	}
	return out
}

// seen is what the page shows of the question now: should yet another judgement come in between, the next answer is refused as well.
func (c *conflict) seen() string {
	last := int64(0)
	if c.By != nil {
		last = c.By.ID
	}
	return fmt.Sprintf("%d.%d", c.row.example, last)
}
