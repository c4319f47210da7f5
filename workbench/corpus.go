package workbench

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tryall/tryall/corpus"
	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
)

// AddOptions say what of the files that are found goes into the corpus.
type AddOptions struct {
	Exclude []string // patterns as .gitignore has them
	Hidden  bool     // hidden files and folders too
	// Prune takes out the files that lie below what is added and are there no more.
	Prune bool
	// Again reads files that have not changed too.
	Again bool
}

// What became of a file.
const (
	FileAdded     = "added"
	FileUpdated   = "updated"
	FileUnchanged = "unchanged"
	FileFailed    = "failed"  // it could not be read
	FileSkipped   = "skipped" // left out on purpose
	FileMissing   = "missing" // in the corpus, and no more on the disk
	FileRemoved   = "removed"
)

// AddedFile is what became of one file.
type AddedFile struct {
	Path      string   `json:"path"`
	Status    string   `json:"status"`
	Format    string   `json:"format,omitempty"`
	Documents int      `json:"documents,omitempty"`
	Passages  int      `json:"passages,omitempty"`
	Reason    string   `json:"reason,omitempty"` // why it failed or was skipped
	Warnings  []string `json:"warnings,omitempty"`
}

// Added is what an addition came to. Files are those that have something to be said about: unchanged ones are only counted.
type Added struct {
	Counts map[string]int `json:"counts"` // files by status
	Files  []AddedFile    `json:"files"`
	Took   float64        `json:"took_seconds"`
}

// AddProgress is told while files are read.
type AddProgress struct {
	Path              string
	Found, Done       int // files; Found grows while folders are walked
	Passages          int
	Bytes             int64
	Elapsed           time.Duration
	Failed, Unchanged int
}

// Add reads files and folders into the corpus. A file that has not changed since it was read is not read again; one that cannot be
// read is kept with its reason. What was read stays when the context ends.
func (p *Project) Add(ctx context.Context, roots []string, o AddOptions, progress func(AddProgress)) (*Added, error) {
	a := &adder{p: p, o: o, progress: progress, began: time.Now(), seen: map[string]bool{}, report: &Added{Counts: map[string]int{}, Files: []AddedFile{}}}
	err := a.run(ctx, roots)
	a.report.Took = time.Since(a.began).Seconds()
	return a.report, err
}

// adder is an addition at work.
type adder struct {
	p        *Project
	o        AddOptions
	progress func(AddProgress)
	began    time.Time
	batch    *index.Batch

	mu     sync.Mutex
	seen   map[string]bool
	state  AddProgress
	report *Added
}

func (a *adder) run(ctx context.Context, roots []string) error {
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	a.batch = a.p.Index.Begin(ctx)
	var walking error
	for f, err := range corpus.Walk(working, roots, corpus.WalkOptions{Exclude: a.o.Exclude, Hidden: a.o.Hidden}) {
		if working.Err() != nil {
			break
		}
		if err != nil {
			walking = errors.Join(walking, err)
			continue
		}
		name := a.p.Name(f.Path)
		a.mu.Lock()
		a.seen[name] = true
		a.state.Found++
		a.mu.Unlock()
		if f.Skipped != "" {
			a.done(AddedFile{Path: name, Status: FileSkipped, Reason: f.Skipped}, 0)
			continue
		}
		group.Go(func() error { return a.file(working, f, name) })
	}
	err := group.Wait()
	if err == nil {
		err = a.batch.Close()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && walking == nil {
		err = a.vanished(ctx, roots)
	}
	return errors.Join(err, walking)
}

// file reads one file, if it has changed.
func (a *adder) file(ctx context.Context, f corpus.File, name string) error {
	known, there, err := a.p.Index.File(ctx, name)
	if err != nil {
		return err
	}
	if there && !a.o.Again && known.Size == f.Size && known.ModTime.Equal(f.ModTime) {
		// One that failed is listed again: nothing is left out in silence.
		status := FileUnchanged
		if known.Error != "" {
			status = FileFailed
		}
		a.done(AddedFile{Path: name, Status: status, Format: known.Format, Documents: known.Documents, Passages: known.Passages, Reason: known.Error}, f.Size)
		return nil
	}
	state := index.FileState{Path: name, Size: f.Size, ModTime: f.ModTime, Added: time.Now()}
	docs, err := a.read(ctx, f, &state)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		state.Error = err.Error()
		docs = nil
	}
	if err := a.batch.Put(state, docs); err != nil {
		return err
	}
	out := AddedFile{Path: name, Status: FileAdded, Format: state.Format, Documents: len(docs), Reason: state.Error, Warnings: state.Warnings}
	for i := range docs {
		out.Passages += len(docs[i].Passages)
	}
	switch {
	case state.Error != "":
		out.Status = FileFailed
	case there:
		out.Status = FileUpdated
	}
	a.done(out, f.Size)
	return nil
}

func (a *adder) read(ctx context.Context, f corpus.File, state *index.FileState) ([]index.Document, error) {
	r, err := corpus.ReadFile(ctx, f.Path, state.Path, corpus.Limits{})
	if err != nil {
		return nil, err
	}
	state.Format, state.Warnings, state.Digest = r.Format, r.Warnings, r.Digest
	docs := make([]index.Document, len(r.Documents))
	for i, d := range r.Documents {
		docs[i] = index.Document{Document: d, Passages: corpus.Passages(d, corpus.PassageOptions{})}
	}
	return docs, nil
}

// done counts a file and tells of it.
func (a *adder) done(f AddedFile, size int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report.Counts[f.Status]++
	a.state.Path, a.state.Elapsed = f.Path, time.Since(a.began)
	a.state.Done++
	a.state.Bytes += size
	switch f.Status {
	case FileUnchanged:
		a.state.Unchanged++
	case FileFailed:
		a.state.Failed++
		fallthrough
	default:
		a.state.Passages += f.Passages
		a.report.Files = append(a.report.Files, f)
	}
	if a.progress != nil {
		a.progress(a.state)
	}
}

// vanished finds files of the corpus below what was added that are there no more.
func (a *adder) vanished(ctx context.Context, roots []string) error {
	gone := map[string]bool{}
	for f, err := range a.p.Index.Files(ctx) {
		if err != nil {
			return err
		}
		if !a.seen[f.Path] && a.below(roots, f.Path) {
			if _, err := os.Lstat(a.p.File(f.Path)); errors.Is(err, os.ErrNotExist) {
				gone[f.Path] = true
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	status := FileMissing
	if a.o.Prune {
		status = FileRemoved
		if _, err := a.p.Index.Remove(ctx, func(path string) bool { return gone[path] }); err != nil {
			return err
		}
	}
	for f := range gone {
		a.report.Counts[status]++
		a.report.Files = append(a.report.Files, AddedFile{Path: f, Status: status})
	}
	return nil
}

func (a *adder) below(roots []string, name string) bool {
	for _, root := range roots {
		base, _, glob := strings.Cut(filepath.ToSlash(root), "*")
		if glob { // of a pattern the part before its first star
			base = path.Dir(base + "x")
		}
		if base = a.p.Name(filepath.FromSlash(base)); base == "." || name == base || strings.HasPrefix(name, strings.TrimSuffix(base, "/")+"/") {
			return true
		}
	}
	return false
}

// Name is what a file is called in the corpus: its path from the project's folder where it lies in it, else its whole path.
func (p *Project) Name(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	if p.root != "" {
		if rel, err := filepath.Rel(p.root, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(abs)
}

// File is where a file of the corpus lies.
func (p *Project) File(name string) string {
	if file := filepath.FromSlash(name); filepath.IsAbs(file) || p.root == "" {
		return file
	}
	return filepath.Join(p.root, filepath.FromSlash(name))
}

// CodePoints is where a passage stands in its document, in code points.
func (p *Project) CodePoints(ctx context.Context, passage qa.Passage) (Span, error) {
	d, err := p.Index.Document(ctx, passage.Doc)
	if err != nil {
		return Span{}, err
	}
	points := newCodePoints(d.Text)
	return Span{points.at(passage.Range.Start), points.at(passage.Range.End)}, nil
}

// Retriever finds passages for questions.
func (p *Project) Retriever() qa.Retriever { return p.Index.Retriever(index.RetrieverOptions{}) }
