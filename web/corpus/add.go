package corpus

import (
	"errors"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// maxUpload is how much may be sent at once.
const maxUpload = 2 << 30

// add takes the form: files that are sent, or a path of this machine.
func (p panel) add(w http.ResponseWriter, r *http.Request) {
	if err := p.begin(w, r); err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	http.Redirect(w, r, "/corpus", http.StatusSeeOther)
}

func (p panel) begin(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	err := r.ParseMultipartForm(8 << 20)
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return qa.Errorf(qa.Invalid, "read what was sent: %w", err)
	}
	var roots []string
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // what is left in the folder for temporary files
		for _, head := range r.MultipartForm.File["file"] {
			path, err := p.keep(head)
			if err != nil {
				return err
			}
			roots = append(roots, path)
		}
	}
	if path := strings.TrimSpace(r.Form.Get("path")); path != "" {
		if !p.Local {
			return qa.Errorf(qa.Forbidden, "paths can be named only while the server is for this machine alone; send the files")
		}
		roots = append(roots, path)
	}
	if len(roots) == 0 {
		return qa.Errorf(qa.Invalid, "nothing was chosen; choose files, or name a path")
	}
	project, err := p.Project(r.Context(), true)
	if err != nil {
		return err
	}
	return p.Additions.Start(project, roots, workbench.AddOptions{})
}

// keep writes a file that was sent into the folder of the data.
func (p panel) keep(head *multipart.FileHeader) (string, error) {
	from, err := head.Open()
	if err != nil {
		return "", qa.Errorf(qa.Unavailable, "keep %s: %w", head.Filename, err)
	}
	defer from.Close()
	return p.Bench.KeepUpload(head.Filename, from)
}

// shownJob is an addition with the names of files that were sent as people know them.
func shownJob(p *workbench.Project, j *workbench.Addition) *workbench.Addition {
	if j == nil || p == nil {
		return j
	}
	out := *j
	out.Progress.Path = p.Shown(j.Progress.Path)
	if j.Err != nil {
		out.Err = qa.Errorf(qa.CodeOf(j.Err), "%s", p.ShownIn(j.Err.Error()))
	}
	if j.Added != nil {
		added := *j.Added
		added.Files = slices.Clone(added.Files)
		for i := range added.Files {
			f := &added.Files[i]
			f.Path, f.Reason = p.Shown(f.Path), p.ShownIn(f.Reason)
		}
		out.Added = &added
	}
	return &out
}

// again reads all files of the corpus once more, and finds those that are gone.
func (p panel) again(w http.ResponseWriter, r *http.Request) {
	project, err := p.Project(r.Context(), true)
	if err == nil {
		err = p.Additions.StartAgain(r.Context(), project)
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	http.Redirect(w, r, "/corpus", http.StatusSeeOther)
}

// tellEvery is how often a page that looks on is told.
const tellEvery = 200 * time.Millisecond

// events tells a page how the addition goes on.
func (p panel) events(w http.ResponseWriter, r *http.Request) {
	project, err := p.Project(r.Context(), false)
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("corpus", "Corpus"), "That cannot be told", err))
		return
	}
	e := ui.Stream(w)
	for {
		j, changed := p.Additions.State()
		if j == nil || !j.Going {
			break
		}
		if e.Part(r.Context(), progress(shownJob(project, j))) != nil {
			return
		}
		rest := time.After(tellEvery)
		select {
		case <-changed:
		case <-p.Ended():
			return
		case <-r.Context().Done():
			return
		}
		<-rest
	}
	v, err := p.view(r.Context(), r.URL.Query())
	v.Err = err
	if e.Part(r.Context(), content(v)) == nil {
		_ = e.Done("The texts were added")
	}
}
