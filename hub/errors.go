package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Code is what kind of error it is. A Code is itself an error, so errors.Is(err, hub.GatedRepo) asks
// for the kind, and CodeOf reads it.
type Code string

// The codes.
const (
	Invalid          Code = "invalid"            // an id, revision or setting that cannot be meant
	RepoNotFound     Code = "repo_not_found"     // no such repository, or private and not ours to see
	GatedRepo        Code = "gated_repo"         // its terms must be accepted first
	Unauthorized     Code = "unauthorized"       // the token is not accepted
	Forbidden        Code = "forbidden"          // the token may not do this, or the repository is disabled
	RevisionNotFound Code = "revision_not_found" // no such branch, tag or commit
	EntryNotFound    Code = "entry_not_found"    // no such file at that revision
	NoWeights        Code = "no_weights"         // the repository has no weights in a format that is read
	NotCached        Code = "not_cached"         // not on this machine, or not all of it
	Offline          Code = "offline"            // needs the network, which is switched off
	Unreachable      Code = "unreachable"        // the server did not answer, after all tries
	RateLimited      Code = "rate_limited"       // the server asks to come back later
	BadResponse      Code = "bad_response"       // the server's answer makes no sense
	HashMismatch     Code = "hash_mismatch"      // the bytes are not what the repository says they are
	Changed          Code = "changed"            // the files change while they are pulled
	UnsafePath       Code = "unsafe_path"        // a file name that could write elsewhere
	DiskFull         Code = "disk_full"          // no room
	Permission       Code = "permission"         // the operating system does not allow it
	Corrupt          Code = "corrupt"            // a cache folder or an archive that is not as it should be
	Busy             Code = "busy"               // another process is at it
)

// Error makes a code usable with errors.Is.
func (c Code) Error() string { return strings.ReplaceAll(string(c), "_", " ") }

// Error is an error of this package: its kind, and a sentence that says what was being done to what
// and what to do next.
type Error struct {
	Code   Code
	Msg    string
	File   string // the file it is about, when it is about one
	Status int    // HTTP status, when a server sent one
	Want   string // HashMismatch: the hash the repository names
	Got    string // HashMismatch: the hash of what came
	Err    error  // cause, already part of Msg
}

func (e *Error) Error() string { return e.Msg }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is tells whether target is the error's code.
func (e *Error) Is(target error) bool { c, ok := target.(Code); return ok && c == e.Code }

// CodeOf is the code of the first Error in the chain, empty when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func errorf(c Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: c, Msg: err.Error(), Err: errors.Unwrap(err)}
}

// wrapf puts words in front of an error and keeps its code and fields.
func wrapf(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	msg := fmt.Sprintf(format, args...) + ": " + err.Error()
	var e *Error
	if errors.As(err, &e) {
		wrapped := *e
		wrapped.Msg, wrapped.Err = msg, err
		return &wrapped
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// wrapDisk names what the operating system refused and what can be done about it.
func wrapDisk(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	doing := fmt.Sprintf(format, args...)
	var pe *fs.PathError
	cause := err
	if errors.As(err, &pe) {
		cause = pe.Err
	}
	switch {
	case isDiskFull(err):
		return errorf(DiskFull, "%s: %w: make room (`tryall rm` frees models) or point HF_HUB_CACHE at a larger disk; what is there is kept, and the same pull goes on from it", doing, cause)
	case errors.Is(err, fs.ErrPermission) || isReadOnly(err):
		return errorf(Permission, "%s: %w: make the folder writable for this user or point HF_HUB_CACHE at one that is", doing, cause)
	}
	return fmt.Errorf("%s: %w", doing, cause)
}

// clean makes a server's words fit to print: no control characters, not long.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0xfffd || r == 0x2028 || r == 0x2029 || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "..."
	}
	return s
}
