package report

import (
	"strings"
)

// called is what a contestant is called in a report.
func (v *view) called(contestant string) string { return visible(v.names.Short(contestant)) }

// said is a sentence with the short names.
func (v *view) said(sentence string) string { return visible(v.names.In(sentence)) }

// number picks a contestant's hue and shape.
func (v *view) number(contestant string) int {
	i, _ := v.names.Number(contestant)
	return i
}

// list is "A", "A and B", "A, B and C".
func (v *view) list(names []string) string {
	labels := make([]string, len(names))
	for i, n := range names {
		labels[i] = v.called(n)
	}
	if len(labels) < 2 {
		return strings.Join(labels, "")
	}
	last := len(labels) - 1
	return strings.Join(labels[:last], ", ") + " and " + labels[last]
}
