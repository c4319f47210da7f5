package qa

import (
	"errors"
	"fmt"
)

// Code is an error's kind, for machines; its message is for people.
type Code string

// The codes. One table in the API maps them to HTTP, one in cmd to exit codes.
const (
	Invalid          Code = "invalid"           // the request cannot be done as asked
	NotFound         Code = "not_found"         // no such model, file, question
	UnsupportedModel Code = "unsupported_model" // the repository is there but is nothing we can run
	BrokenModel      Code = "broken_model"      // the repository should run but its files are damaged or do not fit together
	Forbidden        Code = "forbidden"         // it is there, but not for us: gated, private, no right to write
	Unavailable      Code = "unavailable"       // not now: no network, a server that does not answer, a full disk
	Internal         Code = "internal"
)

// Error is an error with a code.
type Error struct {
	Code Code
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error with a code; %w wraps as in fmt.Errorf.
func Errorf(c Code, format string, args ...any) error {
	return &Error{Code: c, Err: fmt.Errorf(format, args...)}
}

// CodeOf is the code of the outermost Error in the chain, Internal when there is none, empty for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
