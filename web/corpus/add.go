package corpus

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// job is an addition as it goes on, or as it ended.
type job struct {
	Going    bool
	Progress workbench.AddProgress
	Added    *workbench.Added
	Err      error
}

// adder adds texts in the background, one addition at a time.
type adder struct {
	mu      sync.Mutex
	job     *job
	changed chan struct{} // closed, and made anew, whenever job changes
}

// now is a copy of the job; nil when nothing was added yet.
func (a *adder) now() *job {
	j, _ := a.watch()
	return j
}

func (a *adder) watch() (*job, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.job == nil {
		return nil, a.changed
	}
	j := *a.job
	return &j, a.changed
}

// set puts a job in the place of the last; false when that still goes on.
func (a *adder) set(j *job, begin bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if begin && a.job != nil && a.job.Going {
		return false
	}
	a.job = j
	close(a.changed)
	a.changed = make(chan struct{})
	return true
}

// maxUpload is how much may be sent at once.
const maxUpload = 2 << 30

// uploads is the folder, in that of the data, where files lie that were sent.
const uploads = "uploads"

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
	return p.start(r.Context(), roots, workbench.AddOptions{})
}

// keep writes a file that was sent into the folder of the data. Only the last part of its name counts, whatever the browser says.
func (p panel) keep(head *multipart.FileHeader) (string, error) {
	dir, err := p.Bench.Data()
	if err != nil {
		return "", err
	}
	name := filepath.Base(filepath.Clean("/" + strings.ReplaceAll(head.Filename, `\`, "/")))
	if name == "/" || name == "." || strings.HasPrefix(name, ".") {
		return "", qa.Errorf(qa.Invalid, "%q is no name of a file", head.Filename)
	}
	if err := os.MkdirAll(filepath.Join(dir, uploads), 0o755); err != nil {
		return "", qa.Errorf(qa.Unavailable, "keep %s: %w", name, err)
	}
	from, err := head.Open()
	if err != nil {
		return "", qa.Errorf(qa.Unavailable, "keep %s: %w", name, err)
	}
	defer from.Close()
	path := filepath.Join(dir, uploads, name)
	return path, workbench.WriteFile(path, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	})
}

// again reads all files of the corpus once more that have changed, and finds those that are gone.
func (p panel) again(w http.ResponseWriter, r *http.Request) {
	var roots []string
	project, err := p.Project(r.Context(), false)
	if err == nil && project != nil {
		for f, ferr := range project.Index.Files(r.Context()) {
			if err = ferr; err != nil {
				break
			}
			if path := project.File(f.Path); exists(path) {
				roots = append(roots, path)
			}
		}
	}
	if err == nil {
		err = p.start(r.Context(), roots, workbench.AddOptions{Again: true, Hidden: true})
	}
	if err != nil {
		p.write(w, r, ui.StatusOf(err), err)
		return
	}
	http.Redirect(w, r, "/corpus", http.StatusSeeOther)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (p panel) start(ctx context.Context, roots []string, o workbench.AddOptions) error {
	project, err := p.Project(ctx, true)
	if err != nil {
		return err
	}
	if !p.adder.set(&job{Going: true}, true) {
		return qa.Errorf(qa.Unavailable, "texts are being added already; wait until that is done")
	}
	p.Go(func(ctx context.Context) {
		added, err := project.Add(ctx, roots, o, func(a workbench.AddProgress) { p.adder.set(&job{Going: true, Progress: a}, false) })
		last := p.adder.now()
		p.adder.set(&job{Progress: last.Progress, Added: added, Err: err}, false)
	})
	return nil
}

// tellEvery is how often a page that looks on is told.
const tellEvery = 200 * time.Millisecond

// events tells a page how the addition goes on.
func (p panel) events(w http.ResponseWriter, r *http.Request) {
	e := ui.Stream(w)
	for {
		j, changed := p.adder.watch()
		if j == nil || !j.Going {
			break
		}
		if e.Part(r.Context(), progress(j)) != nil {
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
