package corpus

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignoreRule is a line of an ignore file, with the meaning that git gives it.
type ignoreRule struct {
	dir     string // absolute path of the folder that the file lies in; paths are matched relative to it
	pattern string // of doublestar
	folders bool   // matches folders only
	keep    bool   // what it matches is not ignored after all
	line    string // as written
	from    string // the file it is in
}

// parseIgnore reads the lines of an ignore file in dir.
func parseIgnore(lines []string, dir, from string) []ignoreRule {
	var rules []ignoreRule
	for _, line := range lines {
		line = strings.TrimSuffix(strings.TrimPrefix(line, "\ufeff"), "\r")
		r := ignoreRule{dir: dir, line: line, from: from}
		p := trimSpaces(line)
		if p == "" || strings.HasPrefix(p, "#") {
			continue
		}
		if strings.HasPrefix(p, "!") {
			r.keep, p = true, p[1:]
		}
		if strings.HasSuffix(p, "/") {
			r.folders, p = true, strings.TrimRight(p, "/")
		}
		anchored := strings.Contains(p, "/")
		p = escapeBraces(strings.TrimPrefix(p, "/"))
		if p == "" {
			continue
		}
		if !anchored {
			p = "**/" + p
		}
		if strings.HasSuffix(p, "/**") {
			p += "/*" // what is in the folder, not the folder
		}
		if doublestar.ValidatePattern(p) {
			r.pattern = p
			rules = append(rules, r)
		}
	}
	return rules
}

// trimSpaces takes white space off the end, unless a backslash is before it.
func trimSpaces(s string) string {
	for strings.HasSuffix(s, " ") && !strings.HasSuffix(s, `\ `) || strings.HasSuffix(s, "\t") {
		s = s[:len(s)-1]
	}
	return s
}

// escapeBraces takes from braces the meaning that they have in doublestar but not in git.
func escapeBraces(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			out.WriteByte(s[i])
			i++
		case s[i] == '{' || s[i] == '}':
			out.WriteByte('\\')
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func absolute(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return p
}

// lastMatch is the last rule that matches; nil for none. The path is absolute, or relative where the rules have no folder.
func lastMatch(rules []ignoreRule, p string, isDir bool) *ignoreRule {
	for i := len(rules) - 1; i >= 0; i-- {
		r := &rules[i]
		if r.folders && !isDir {
			continue
		}
		rel := filepath.ToSlash(p)
		if r.dir != "" {
			inside, err := filepath.Rel(r.dir, p)
			if err != nil {
				continue
			}
			rel = filepath.ToSlash(inside)
		}
		if ok, _ := doublestar.Match(r.pattern, path.Clean(rel)); ok {
			return r
		}
	}
	return nil
}

// rulesIn reads the ignore files of a folder. One that cannot be read is listed by the walk as any other file.
func (w *walker) rulesIn(dir string, entries []fs.DirEntry) []ignoreRule {
	var rules []ignoreRule
	for _, name := range ignoreFiles {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name && !e.IsDir() }) {
			continue
		}
		rules = append(rules, readIgnore(dir, name)...)
	}
	return rules
}

func readIgnore(dir, name string) []ignoreRule {
	p := filepath.Join(dir, name)
	data, err := load(p, 1<<20)
	if err != nil {
		return nil
	}
	return parseIgnore(strings.Split(string(data), "\n"), absolute(dir), p)
}

// outerRules are those of the folders around a root, up to the repository that it is in.
func (w *walker) outerRules(root string) []ignoreRule {
	if w.o.NoIgnore {
		return nil
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil
	}
	var outer []string
	for dir, up := abs, root; ; {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil // in no repository
		}
		dir, up = parent, filepath.Join(up, "..")
		outer = append(outer, up)
	}
	var rules []ignoreRule
	for _, dir := range slices.Backward(outer) {
		for _, name := range ignoreFiles {
			rules = append(rules, readIgnore(dir, name)...)
		}
	}
	return rules
}
