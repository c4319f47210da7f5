package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Parse(pageTemplate))

// HTML writes a report as one page that asks for nothing from elsewhere and needs no script. All that comes from models,
// questions and files is escaped.
func HTML(w io.Writer, in Input) error {
	if err := page.Execute(w, newView(in)); err != nil {
		return fmt.Errorf("write the report as a page: %w", err)
	}
	return nil
}

// Policy is the content security policy that a report needs: its own style sheet, and nothing else.
func Policy() string {
	sum := sha256.Sum256([]byte("\n" + Style()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Figures are the plots of a mode, for a page that has Style.
func Figures(in Input, mode string) []*Figure {
	for _, r := range newView(in).Rounds {
		if r.Mode == mode {
			return r.Figures
		}
	}
	return nil
}
