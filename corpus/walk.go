package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tryall/tryall/qa"
)

// WalkOptions says what Walk leaves out.
type WalkOptions struct {
	Exclude  []string // patterns as in .gitignore, relative to each root
	Hidden   bool     // also files and folders whose name begins with a dot
	NoIgnore bool     // .gitignore and .tryallignore are not followed
	MaxBytes int64    // larger files are skipped; 0 means DefaultLimits.Bytes
}

// File is what Walk found: a file to read, or a file or folder that it skips with the reason.
type File struct {
	Path    string // as the user would write it: below the root as that was given
	Size    int64
	ModTime time.Time
	Skipped string // why it is not to be read; empty: read it
}

// ignoreFiles are followed in this order; the later has the last word.
var ignoreFiles = []string{".gitignore", ".tryallignore"}

// readDir can be replaced by tests.
var readDir = os.ReadDir

// Walk lists what roots hold. A root is a file, a folder or a pattern (* ? [a-z] {a,b}, and ** for any folders). The files of a
// root come sorted, and each file once, whichever way it is reached; what is hidden, ignored, excluded, too large or unreadable
// comes with its reason, a skipped folder without its content. A root that does not exist or matches nothing is an error, after
// which the other roots follow; the context's error ends the walk.
func Walk(ctx context.Context, roots []string, o WalkOptions) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		w := &walker{ctx: ctx, o: o, yield: yield, seen: map[string]string{}}
		if w.o.MaxBytes <= 0 {
			w.o.MaxBytes = DefaultLimits.Bytes
		}
		if rules := parseIgnore(o.Exclude, "", ""); len(rules) > 0 {
			w.exclude = rules
		}
		for _, root := range roots {
			if err := ctx.Err(); err != nil {
				yield(File{Path: root}, err)
				return
			}
			if !w.root(root) {
				return
			}
		}
	}
}

type walker struct {
	ctx     context.Context
	o       WalkOptions
	yield   func(File, error) bool
	seen    map[string]string // real path -> path under which it came
	exclude []ignoreRule
	pattern string // what paths must match; empty: everything
	base    string // the root's folder
	found   int
}

// root walks one root. Its answer, like that of the methods below, is whether to go on.
func (w *walker) root(root string) bool {
	w.pattern, w.found = "", 0
	info, err := os.Stat(root)
	if err != nil && strings.ContainsAny(root, "*?[{") {
		if _, e := os.Lstat(root); e != nil {
			return w.glob(root)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if target, e := os.Readlink(root); e == nil {
			return w.fail(root, qa.NotFound, "it is a link to %s, which does not exist", target)
		}
		return w.fail(root, qa.NotFound, "there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return w.fail(root, qa.Forbidden, "permission denied")
	case err != nil:
		return w.fail(root, qa.Invalid, "%v", err)
	}
	w.base = root
	if !info.IsDir() {
		w.base = filepath.Dir(root)
		return w.file(root, info, "")
	}
	return w.folder(root, nil, w.outerRules(root))
}

func (w *walker) fail(root string, code qa.Code, format string, args ...any) bool {
	return w.yield(File{Path: root}, qa.Errorf(code, "find %s: %w", root, fmt.Errorf(format, args...)))
}

func (w *walker) glob(root string) bool {
	slashed := filepath.ToSlash(root)
	if !doublestar.ValidatePattern(slashed) {
		return w.fail(root, qa.Invalid, "there is no such file, and it is no valid pattern")
	}
	w.base, _ = doublestar.SplitPattern(slashed)
	w.pattern = path.Clean(slashed)
	if info, err := os.Stat(w.base); err == nil && info.IsDir() {
		if !w.folder(w.base, nil, w.outerRules(w.base)) {
			return false
		}
	}
	if w.found == 0 && w.ctx.Err() == nil {
		return w.fail(root, qa.NotFound, "no file matches it")
	}
	return true
}

// folder walks a folder. above are the real paths of the folders around it.
func (w *walker) folder(dir string, above []string, rules []ignoreRule) bool {
	if err := w.ctx.Err(); err != nil {
		w.yield(File{Path: dir}, err)
		return false
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err == nil {
		resolved, err = filepath.Abs(resolved)
	}
	if err != nil {
		return w.skip(dir, nil, reasonOf(err))
	}
	if slices.Contains(above, resolved) {
		return w.skip(dir, nil, "a link to a folder that it is in")
	}
	if first, ok := w.seen[resolved]; ok {
		if first == dir || w.pattern != "" {
			first = "another root"
		}
		return w.skip(dir, nil, "the same folder as "+first)
	}
	if w.pattern == "" {
		w.seen[resolved] = dir
	}
	above = append(slices.Clip(above), resolved)
	entries, err := readDir(dir)
	if err != nil {
		if !w.skip(dir, nil, reasonOf(err)) {
			return false
		}
	}
	if !w.o.NoIgnore {
		rules = append(slices.Clip(rules), w.rulesIn(dir, entries)...)
	}
	for _, e := range entries { // sorted by name
		if !w.entry(filepath.Join(dir, e.Name()), e, above, rules) {
			return false
		}
	}
	return true
}

// entry takes one entry of a folder.
func (w *walker) entry(p string, e fs.DirEntry, above []string, rules []ignoreRule) bool {
	isDir := e.IsDir()
	info, err := os.Stat(p) // of what a link leads to
	if err == nil {
		isDir = info.IsDir()
	}
	if !w.wanted(p, isDir) {
		return true
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.Type()&fs.ModeSymlink != 0:
		return w.skip(p, nil, "a link to nothing")
	case err != nil:
		return w.skip(p, nil, reasonOf(err))
	case !w.o.Hidden && strings.HasPrefix(e.Name(), "."):
		return w.skip(p, info, "hidden")
	}
	if r := lastMatch(rules, absolute(p), isDir); r != nil && !r.keep {
		return w.skip(p, info, fmt.Sprintf("ignored by %s: %s", r.from, r.line))
	}
	if isDir {
		if r := w.excluded(p, true); r != "" {
			return w.skip(p, info, r)
		}
		return w.folder(p, above, rules)
	}
	return w.file(p, info, "")
}

// file yields a file, unless it is not to be read.
func (w *walker) file(p string, info fs.FileInfo, reason string) bool {
	w.found++
	resolved, err := filepath.EvalSymlinks(p)
	if err == nil {
		resolved, err = filepath.Abs(resolved)
	}
	switch first, again := w.seen[resolved]; {
	case reason != "":
	case err != nil:
		reason = reasonOf(err)
	case again && first == p:
		return true // the same root or an overlapping one: nothing new to say
	case again:
		reason = "the same file as " + first
	case !info.Mode().IsRegular():
		reason = kindOf(info.Mode()) + ", not a file"
	case w.excluded(p, false) != "":
		reason = w.excluded(p, false)
	case info.Size() > w.o.MaxBytes:
		reason = fmt.Sprintf("larger than %s", megabytes(w.o.MaxBytes))
	case info.Size() == 0:
		reason = "empty"
	default:
		w.seen[resolved] = p
	}
	return w.yield(File{Path: p, Size: info.Size(), ModTime: info.ModTime(), Skipped: reason}, nil)
}

func (w *walker) skip(p string, info fs.FileInfo, reason string) bool {
	f := File{Path: p, Skipped: reason}
	if info != nil {
		f.Size, f.ModTime = info.Size(), info.ModTime()
	}
	w.found++
	return w.yield(f, nil)
}

// excluded is the reason where an exclude pattern matches.
func (w *walker) excluded(p string, isDir bool) string {
	rel, err := filepath.Rel(w.base, p)
	if err != nil {
		rel = p
	}
	if r := lastMatch(w.exclude, rel, isDir); r != nil && !r.keep {
		return "excluded: " + r.line
	}
	return ""
}

// wanted says whether a path matches the pattern or, for a folder, whether something in it may.
func (w *walker) wanted(p string, isDir bool) bool {
	if w.pattern == "" {
		return true
	}
	slashed := path.Clean(filepath.ToSlash(p))
	if ok, _ := doublestar.Match(w.pattern, slashed); ok {
		return true
	}
	if !isDir {
		return false
	}
	have, want := strings.Split(slashed, "/"), strings.Split(w.pattern, "/")
	for i, part := range have {
		if i >= len(want) {
			return false
		}
		if want[i] == "**" || strings.Count(want[i], "{") != strings.Count(want[i], "}") { // alternatives with slashes
			return true
		}
		if ok, _ := doublestar.Match(want[i], part); !ok {
			return false
		}
	}
	return true
}

func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return "cannot be read: " + err.Error()
}
