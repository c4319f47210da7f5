package api

import (
	"io"
	"mime"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/qa"
)

// direct adds a route that reads its request or writes its answer itself. An error that it gives before it has written anything becomes a
// problem document.
func (r *routes) direct(o huma.Operation, f func(w http.ResponseWriter, req *http.Request) error) {
	o.Errors = nil
	if o.Responses == nil {
		o.Responses = map[string]*huma.Response{}
	}
	o.Responses["default"] = &huma.Response{Description: "What went wrong.", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: r.schema(reflect.TypeFor[problem](), "")}}}
	r.api.OpenAPI().AddOperation(&o)
	r.mux.HandleFunc(o.Method+" "+o.Path, func(w http.ResponseWriter, req *http.Request) {
		if err := r.onlyKnown(&o, req); err != nil {
			writeProblem(w, err)
			return
		}
		if err := f(w, req); err != nil {
			writeProblem(w, err)
		}
	})
}

// onlyKnown refuses parameters that the route does not have, as the other routes do.
func (r *routes) onlyKnown(o *huma.Operation, req *http.Request) error {
	known := map[string]bool{}
	for _, p := range o.Parameters {
		known[p.Name] = p.In == "query"
	}
	for name := range req.URL.Query() {
		if !known[name] {
			return qa.Errorf(qa.Invalid, "there is no parameter %q", name)
		}
	}
	return nil
}

// schema is the description of a type; one that has a name is a reference.
func (r *routes) schema(t reflect.Type, hint string) *huma.Schema {
	return r.api.OpenAPI().Components.Schemas.Schema(t, true, hint)
}

// answers describes what a route gives.
func (r *routes) answers(o huma.Operation, status, about string, content map[string]*huma.Schema) huma.Operation {
	media := map[string]*huma.MediaType{}
	for kind, s := range content {
		media[kind] = &huma.MediaType{Schema: s}
	}
	o.Responses = map[string]*huma.Response{status: {Description: about, Content: media}}
	return o
}

// pathParam and queryParam describe parameters.
func pathParam(name, about string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Required: true, Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
}

func queryParam(name, about string, values ...any) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: about, Schema: &huma.Schema{Type: huma.TypeString, Enum: values}}
}

// upload describes a body of files: of a form, or the file itself.
func upload(several, raw bool) *huma.RequestBody {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	field := file
	if several {
		field = &huma.Schema{Type: huma.TypeArray, Items: file}
	}
	b := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": field}, Required: []string{"file"}}}}}
	if raw {
		b.Content["application/octet-stream"] = &huma.MediaType{Schema: &huma.Schema{}}
	}
	return b
}

// eachFile gives the files of a multipart body one after the other, as they come; nothing is held. Fields of other names are refused.
func eachFile(req *http.Request, f func(name string, from io.Reader) error) error {
	parts, err := req.MultipartReader()
	if err != nil {
		return qa.Errorf(qa.Invalid, "send the files as multipart/form-data, in fields called file: %w", err)
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return qa.Errorf(qa.Invalid, "read what was sent: %w", err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			return qa.Errorf(qa.Invalid, "there is a field %q; files are sent in fields called file, with the names of the files", part.FormName())
		}
		if err := f(part.FileName(), part); err != nil {
			return err
		}
	}
}

// oneFile gives the one file of a request: the field file of a form, or the body itself with its name as a parameter.
func oneFile(req *http.Request, f func(name string, from io.Reader) error) error {
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	name := req.URL.Query().Get("name")
	if kind != "multipart/form-data" {
		if name == "" {
			return qa.Errorf(qa.Invalid, "send the file as the field file of a form, or as the body with ?name=FILE")
		}
		return f(name, req.Body)
	}
	n := 0
	err := eachFile(req, func(name string, from io.Reader) error {
		if n++; n > 1 {
			return qa.Errorf(qa.Invalid, "one file is taken at once")
		}
		return f(name, from)
	})
	if err == nil && n == 0 {
		err = qa.Errorf(qa.Invalid, "no file was sent; send it in the field file")
	}
	return err
}
