package hub

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// target is what a request is about, for its errors.
type target struct {
	id, revision, file string
}

func (t target) String() string {
	s := t.id
	if t.revision != "" {
		s += "@" + t.revision
	}
	if t.file != "" {
		s += ": " + t.file
	}
	return s
}

// statusError makes an error of an answer that is not a success. The Hub tells what is wrong in
// X-Error-Code; 401 stands also for repositories that do not exist (huggingface_hub,
// utils/_http.py, hf_raise_for_status).
func (c *Client) statusError(a *answer, t target) error {
	message := serverMessage(a)
	e := c.explainStatus(a, t, message)
	e.Status, e.File = a.StatusCode, t.file
	if message != "" {
		e.Msg += " (the server says: " + message + ")"
	}
	if isTemporary(a.StatusCode) {
		return &temporary{err: e, after: retryAfter(a.Header, time.Now())}
	}
	return e
}

func isTemporary(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

func (c *Client) explainStatus(a *answer, t target, message string) *Error {
	page := c.cfg.Endpoint + "/" + t.id
	switch code, status := a.Header.Get("X-Error-Code"), a.StatusCode; {
	case code == "RevisionNotFound":
		return errorf(RevisionNotFound, "%s: there is no branch, tag or commit %q; %s/branches lists them", t.id, t.revision, page)
	case code == "EntryNotFound":
		return errorf(EntryNotFound, "%s: there is no such file at this revision", t)
	case code == "GatedRepo":
		return errorf(GatedRepo, "%s is gated: accept the terms at %s and set HF_TOKEN to a token of that account%s", t.id, page, c.tokenNote())
	case code == "RepoNotFound":
		return errorf(RepoNotFound, "%s: there is no such model on %s; check the spelling, and set HF_TOKEN if it is private%s", t.id, c.cfg.Endpoint, c.tokenNote())
	case strings.EqualFold(message, "Access to this resource is disabled."):
		return errorf(Forbidden, "%s: the Hub has disabled this repository; pull another model", t)
	case status == http.StatusUnauthorized && c.cfg.Token != "" && strings.Contains(strings.ToLower(message), "invalid"):
		return errorf(Unauthorized, "%s: the access token from %s is not accepted; make a new one at %s/settings/tokens", t, c.cfg.TokenSource, c.cfg.Endpoint)
	case status == http.StatusUnauthorized:
		return errorf(RepoNotFound, "%s: there is no such model on %s, or it is private; check the spelling, and set HF_TOKEN if it is private%s", t.id, c.cfg.Endpoint, c.tokenNote())
	case status == http.StatusForbidden:
		return errorf(Forbidden, "%s: the server forbids it; the token must have the right to read this repository%s", t, c.tokenNote())
	case status == http.StatusTooManyRequests:
		return errorf(RateLimited, "%s: the server gets too many requests from here%s; with a token (HF_TOKEN) more are allowed", t, c.tokenNote())
	case status == http.StatusNotFound && t.file != "":
		return errorf(EntryNotFound, "%s: there is no such file on %s", t, c.cfg.Endpoint)
	case status == http.StatusNotFound || status == http.StatusGone:
		return errorf(RepoNotFound, "%s: %s knows no such model; check the spelling and HF_ENDPOINT", t, c.cfg.Endpoint)
	case status == http.StatusRequestedRangeNotSatisfiable:
		return errorf(BadResponse, "%s: the server has no such range (%s)", t, clean(a.Header.Get("Content-Range")))
	case status >= 500 || status == http.StatusRequestTimeout:
		return errorf(Unreachable, "%s: %s answers %d %s", t, c.cfg.Endpoint, status, http.StatusText(status))
	default:
		return errorf(BadResponse, "%s: %s answers %d %s", t, c.cfg.Endpoint, status, http.StatusText(status))
	}
}

// tokenNote says which token went along, if any.
func (c *Client) tokenNote() string {
	switch {
	case c.cfg.Token != "":
		return " (the token from " + c.cfg.TokenSource + " was sent)"
	case c.cfg.TokenSource != "":
		return " (" + c.cfg.TokenSource + ")"
	}
	return " (no token was sent)"
}

// serverMessage is what the server says in X-Error-Message or in a JSON body.
func serverMessage(a *answer) string {
	if m := clean(a.Header.Get("X-Error-Message")); m != "" {
		return m
	}
	if !strings.Contains(a.Header.Get("Content-Type"), "json") {
		return ""
	}
	data, err := readBounded(a, 64<<10)
	if err != nil {
		return ""
	}
	var body struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil {
		return ""
	}
	s, _ := body.Error.(string)
	return clean(s)
}
