package report

import "strings"

// decisionView is what people made of a bake-off.
type decisionView struct {
	Decision, Notes []string // lines
	By              string   // who and when
}

// decide takes over what was decided; a title alone is no decision.
func (v *view) decide() {
	d := v.in.Decision
	if d == nil {
		return
	}
	out := &decisionView{Decision: textLines(d.Decision), Notes: textLines(d.Notes), By: visible(strings.TrimSpace(d.Who))}
	if len(out.Decision) == 0 && len(out.Notes) == 0 {
		return
	}
	if !d.When.IsZero() {
		if out.By != "" {
			out.By += ", "
		}
		out.By += d.When.Format("2 January 2006")
	}
	v.Decision = out
}

// textLines are the lines of a text that say something.
func textLines(s string) (lines []string) {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(visible(strings.TrimRight(line, "\r\n"))); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
