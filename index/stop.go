package index

import "strings"

// stops are the words that say nothing about what a question is about. They are in the index, since a question may consist of
// nothing else, but are looked for only then.
var stops = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`
		a about also am an and any are as at be been but by can could d did do does for from had has have he her his how i if in into
		is it its ll m many me much my no not of on or our re s she should so such t than that the their them then there these they
		this those to us ve was we were what when where which who whom whose why will with would you your`) {
		m[w] = true
	}
	return m
}()
