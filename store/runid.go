package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Ids of runs are a day and four digits that grow with the time of that day (UTC), as in 20261128-0a3f. Each is greater than
// all before it: where the clock gives none such, because it was put back or two runs begin in one second, the next number
// after the last is taken. So they sort as the runs were made.

// idSteps is how many ids a day has: one in 1.3 seconds.
const idSteps = 1 << 16

const day = 24 * time.Hour

// nextID is the id of a run that begins now, after the run last; last is empty for the first.
func nextID(now time.Time, last string) string {
	n := now.UTC().UnixNano()
	number := n/int64(day)*idSteps + n%int64(day)/(int64(day)/idSteps)
	if before, ok := idNumber(last); ok {
		number = max(number, before+1)
	}
	date := time.Unix(number/idSteps*int64(day/time.Second), 0).UTC()
	return fmt.Sprintf("%s-%04x", date.Format("20060102"), number%idSteps)
}

// idNumber is the place of an id in the order of all.
func idNumber(id string) (int64, bool) {
	date, digits, ok := strings.Cut(id, "-")
	at, err := time.Parse("20060102", date)
	step, bad := strconv.ParseUint(digits, 16, 16)
	if !ok || err != nil || bad != nil {
		return 0, false
	}
	return at.Unix()/int64(day/time.Second)*idSteps + int64(step), true
}
