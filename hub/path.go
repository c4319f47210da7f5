package hub

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a server or an archive names becomes a path of this machine only after it has passed here.

var (
	idPattern     = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?/)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$`)
	commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)
	shortPattern  = regexp.MustCompile(`^[0-9a-f]{7,39}$`)
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	etagPattern   = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$`)
)

// CheckID tells whether id can be the name of a model repository: "name" or "owner/name".
func CheckID(id string) error {
	if !idPattern.MatchString(id) || strings.Contains(id, "--") || strings.Contains(id, "..") || strings.HasSuffix(id, ".git") || len(id) > 200 {
		return errorf(Invalid, "%q cannot be a model on the Hub: a name looks like deepset/roberta-base-squad2 (letters, digits, -, _ and .; no -- and no ..)", clean(id))
	}
	return nil
}

// CheckRevision tells whether rev can be a branch, a tag, a commit or refs/pr/N.
func CheckRevision(rev string) error {
	bad := rev == "" || len(rev) > 200 || strings.ContainsAny(rev, "\\~^:?*[\"<>|") || strings.ContainsFunc(rev, func(r rune) bool { return r <= ' ' || r == 0x7f })
	for _, part := range strings.Split(rev, "/") {
		bad = bad || part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") || strings.HasSuffix(part, ".") || strings.Contains(part, "..")
	}
	if bad || !utf8.ValidString(rev) {
		return errorf(Invalid, "%q cannot be a revision: give a branch, a tag, a commit or refs/pr/N", clean(rev))
	}
	return nil
}

// checkListed refuses names that no honest repository lists: they would climb out of its folder.
func checkListed(name string) error {
	bad := name == "" || len(name) > 1024 || !utf8.ValidString(name) || path.IsAbs(name) || strings.ContainsAny(name, "\\\x00") || hasDrive(name)
	for _, part := range strings.Split(name, "/") {
		bad = bad || part == "" || part == "." || part == ".."
	}
	if bad {
		return &Error{Code: UnsafePath, File: name, Msg: "the file name " + quote(name) + " points outside its folder: refused, nothing of this repository was written"}
	}
	return nil
}

// checkName refuses, besides, names that some file system gives another meaning.
func checkName(name string) error {
	if err := checkListed(name); err != nil {
		return err
	}
	for _, part := range strings.Split(name, "/") {
		if len(part) > 255 || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || strings.ContainsAny(part, ":*?\"<>|") || strings.ContainsFunc(part, unicode.IsControl) || isDevice(part) {
			return &Error{Code: UnsafePath, File: name, Msg: "the file name " + quote(name) + " is not one that every file system takes: refused"}
		}
	}
	return nil
}

func quote(s string) string { return `"` + clean(s) + `"` }

func hasDrive(name string) bool {
	return len(name) > 1 && name[1] == ':' && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z'
}

// isDevice tells the names that Windows keeps for devices, whatever their extension.
func isDevice(part string) bool {
	base, _, _ := strings.Cut(part, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}

// normalizeETag strips what HTTP puts around an entity tag, as huggingface_hub does, and refuses what
// cannot be the name of a blob.
func normalizeETag(header string) (string, error) {
	tag := strings.Trim(strings.TrimLeft(header, "W/"), `"`)
	if !etagPattern.MatchString(tag) || strings.HasSuffix(tag, ".incomplete") || strings.HasSuffix(tag, ".part") || isDevice(tag) {
		return "", errorf(BadResponse, "the server's ETag %s cannot be the name of a file", quote(header))
	}
	return tag, nil
}

// escapePath escapes each part of a repository path for a URL.
func escapePath(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}
