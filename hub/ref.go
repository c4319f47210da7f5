package hub

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// Precisions are the number formats that a model can be asked to run in, the default first.
var Precisions = []string{"fp32", "fp16", "bf16", "int8"}

// Ref is what a person writes to name a model: a repository, maybe at a revision, or a directory; and maybe a precision.
type Ref struct {
	ID        string // of a repository on the Hub or of a built-in model; empty for a directory
	Revision  string // branch, tag or commit; empty = the default
	Dir       string // path of a directory in Hub layout; empty for an ID
	Precision string // one of Precisions; empty = the default
}

// ParseRef reads "id", "id@revision" or a directory, each with or without ":precision".
//
// A directory starts with ./, ../, / or file:, or is a path of Windows (\, .\, C:\); a bare word is always an id. What
// follows the last colon is a precision, unless a slash comes after: a directory with a colon in its name is written
// with a slash at the end.
func ParseRef(s string) (Ref, error) {
	ref := Ref{}
	name, precision, ok := cutPrecision(s)
	if ok {
		if !slices.Contains(Precisions, precision) {
			return Ref{}, errorf(Invalid, "model %s: %s is not a precision; there are %s", quote(s), quote(precision), strings.Join(Precisions, ", "))
		}
		ref.Precision = precision
	}
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		dir, err := fileURL(path)
		if err != nil {
			return Ref{}, errorf(Invalid, "model %s: %w", quote(s), err)
		}
		ref.Dir = dir
	} else if isPath(name) {
		ref.Dir = name
	}
	if ref.Dir != "" {
		if strings.ContainsRune(ref.Dir, 0) {
			return Ref{}, errorf(Invalid, "model %s: a path has no zero bytes", quote(s))
		}
		ref.Dir = filepath.Clean(ref.Dir)
		return ref, nil
	}
	id, revision, pinned := strings.Cut(name, "@")
	if err := CheckID(id); err != nil {
		return Ref{}, err
	}
	if pinned {
		if err := CheckRevision(revision); err != nil {
			return Ref{}, wrapf(err, "model %s", quote(s))
		}
	}
	ref.ID, ref.Revision = id, revision
	return ref, nil
}

// cutPrecision splits at the last colon, unless that belongs to a path.
func cutPrecision(s string) (name, precision string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.ContainsAny(s[i:], `/\`) || s[:i] == "file" {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// isPath tells a directory from an id by how it starts.
func isPath(s string) bool {
	if s == "." || s == ".." || hasDrive(s) {
		return true
	}
	for _, start := range []string{"./", "../", "/", `.\`, `..\`, `\`} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

// fileURL gives the path of what followed "file:". With // it is a URL of this machine (RFC 8089), else a plain path.
func fileURL(rest string) (string, error) {
	path := rest
	if strings.HasPrefix(rest, "//") {
		u, err := url.Parse("file:" + rest)
		if err != nil {
			return "", err
		}
		if u.Host != "" && u.Host != "localhost" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return "", errorf(Invalid, "a file: address is file:///path/to/the/directory")
		}
		path = u.Path
		if len(path) > 1 && hasDrive(path[1:]) { // file:///C:/models
			path = path[1:]
		}
	}
	if path == "" {
		return "", errorf(Invalid, "file: must be followed by the path of a directory")
	}
	return path, nil
}

// Name is the model without the precision: "id@revision", or a path that starts as one.
func (r Ref) Name() string {
	if r.Dir != "" {
		dir := filepath.ToSlash(r.Dir)
		if filepath.VolumeName(r.Dir) != "" || dir == "." || dir == ".." || strings.HasPrefix(dir, "/") || strings.HasPrefix(dir, "../") {
			return dir
		}
		return "./" + dir
	}
	if r.Revision == "" {
		return r.ID
	}
	return r.ID + "@" + r.Revision
}

// String is the model's full name, "id@revision:precision" without what is not set. ParseRef reads it back.
func (r Ref) String() string {
	name := r.Name()
	if r.Precision != "" {
		return name + ":" + r.Precision
	}
	if _, _, ok := cutPrecision(name); ok { // a directory with a colon in its name
		return name + "/"
	}
	return name
}
