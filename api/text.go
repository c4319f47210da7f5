package api

import (
	"io"
	"net/http"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// ReadText is the text of a file.
type ReadText struct {
	Text     string   `json:"text"`
	Warnings []string `json:"warnings" doc:"What was guessed or left out."`
}

// readText reads a file to be asked.
func (r *routes) readText(w http.ResponseWriter, req *http.Request) error {
	ctx := req.Context()
	req.Body = http.MaxBytesReader(w, req.Body, maxUpload)
	var text workbench.Text
	var of string
	err := oneFile(req, func(name string, from io.Reader) (err error) {
		of = name
		text, err = workbench.ReadText(ctx, from, name)
		return err
	})
	if err == nil && text.Text == "" {
		err = qa.Errorf(qa.Invalid, "%s holds no text; if it is a scan, it must be run through text recognition first", of)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	writeJSON(w, ReadText{text.Text, append([]string{}, text.Warnings...)})
	return nil
}
