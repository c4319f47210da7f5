package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// newHTTPClient is the transport: proxies from the environment, no compression (sizes and ranges
// count stored bytes), and HTTP/1.1, because over HTTP/2 the ranges of a large file would share one
// connection and be no faster than one.
func newHTTPClient(cfg Config) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.MaxIdleConnsPerHost = cfg.Connections
	t.ReadBufferSize = 64 << 10
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

const maxRedirects = 10

var errStalled = errors.New("no byte came")

// call is one request to the Hub, redirects included.
type call struct {
	method string
	url    string
	ranged string        // Range header, or empty
	stall  time.Duration // give up when nothing comes for this long
	// relativeOnly stops at a redirect to another host: what it says in its headers is the answer.
	relativeOnly bool
}

// answer is a response with what the Hub itself said on the way to it.
type answer struct {
	*http.Response
	etag     string // X-Linked-Etag, or the ETag of an answer by the Hub itself; as sent
	foreign  bool   // another host than the Hub's sent it
	size     int64  // X-Linked-Size, or the length of an answer by the Hub itself; -1 = not said
	commit   string // X-Repo-Commit
	watchdog *watchdog
}

// Close ends the request.
func (a *answer) Close() { a.Body.Close(); a.watchdog.stop() }

// Read reads the body; a body that stalls is an error after the call's stall time.
func (a *answer) Read(p []byte) (int, error) {
	n, err := a.Body.Read(p)
	if n > 0 {
		a.watchdog.pet()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = a.watchdog.explain(err)
	}
	return n, err
}

// watchdog cancels a request that brings nothing for a while. A slow one that moves lives.
type watchdog struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	after  time.Duration
}

func newWatchdog(ctx context.Context, after time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watchdog{ctx: ctx, cancel: cancel, after: after, timer: time.AfterFunc(after, func() { cancel(errStalled) })}
}

func (w *watchdog) pet() { w.timer.Reset(w.after) }

func (w *watchdog) stop() { w.timer.Stop(); w.cancel(context.Canceled) }

// explain tells a stall and the caller's own cancelling from what the transport makes of them.
func (w *watchdog) explain(err error) error {
	cause := context.Cause(w.ctx)
	if errors.Is(cause, errStalled) {
		return &temporary{err: errorf(Unreachable, "no byte came for %s", w.after)}
	}
	if cause != nil {
		return cause
	}
	return transportError(err)
}

// do sends one request and follows redirects. Authorization goes to the endpoint's own host over its
// own scheme, and is gone for good once a redirect has led elsewhere.
func (c *Client) do(ctx context.Context, k call) (*answer, error) {
	u, err := url.Parse(k.url)
	if err != nil {
		return nil, errorf(Invalid, "address %s: %w", quote(k.url), err)
	}
	ctx, dog := newWatchdog(ctx, k.stall)
	a := &answer{size: -1, watchdog: dog}
	authorized := c.cfg.Token != ""
	for range maxRedirects {
		home := c.atEndpoint(u)
		authorized = authorized && home
		if a.Response, err = c.send(ctx, k, u, authorized); err != nil { //nolint:bodyclose // answer.Close does
			err = a.watchdog.explain(err)
			a.watchdog.stop()
			return nil, wrapf(err, "%s %s", k.method, redact(u))
		}
		a.watchdog.pet()
		a.note(home)
		next, err := redirectTarget(a.Response, u)
		if err != nil {
			a.Close()
			return nil, err
		}
		if next == nil || (k.relativeOnly && (next.Host != u.Host || next.Scheme != u.Scheme)) {
			return a, nil
		}
		_, _ = io.CopyN(io.Discard, a.Body, 4<<10) // so that the connection can be used again
		a.Body.Close()
		u = next
	}
	a.watchdog.stop()
	return nil, errorf(BadResponse, "%s %s: more than %d redirects", k.method, redact(u), maxRedirects)
}

func (c *Client) send(ctx context.Context, k call, u *url.URL, authorized bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, k.method, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.userAgent())
	req.Header.Set("Accept-Encoding", "identity")
	if k.ranged != "" {
		req.Header.Set("Range", k.ranged)
	}
	if authorized {
		req.Header.Set("Authorization", "Bearer "+string(c.cfg.Token))
	}
	return c.http.Do(req)
}

// note keeps what the Hub says about the file: the first to say it counts, and only the Hub's own host.
func (a *answer) note(home bool) {
	h := a.Header
	if a.foreign = !home; a.foreign {
		return
	}
	redirect := a.StatusCode >= 300 && a.StatusCode < 400
	if v := h.Get("X-Linked-Etag"); v != "" && a.etag == "" {
		a.etag = v
	}
	if v, err := strconv.ParseInt(h.Get("X-Linked-Size"), 10, 64); err == nil && v >= 0 && a.size < 0 {
		a.size = v
	}
	if v := h.Get("X-Repo-Commit"); v != "" && a.commit == "" {
		a.commit = v
	}
	if !redirect && a.etag == "" {
		a.etag = h.Get("ETag")
	}
	if a.StatusCode == http.StatusOK && a.size < 0 {
		a.size = a.ContentLength
	}
}

// redirectTarget is where a response sends us, nil when it does not.
func redirectTarget(r *http.Response, from *url.URL) (*url.URL, error) {
	switch r.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	loc := r.Header.Get("Location")
	next, err := from.Parse(loc)
	if loc == "" || err != nil || (next.Scheme != "http" && next.Scheme != "https") || next.Host == "" {
		return nil, errorf(BadResponse, "%s redirects to %s, which is no address", redact(from), quote(loc))
	}
	return next, nil
}

// atEndpoint tells whether u is on the Hub's own scheme, host and port.
func (c *Client) atEndpoint(u *url.URL) bool {
	e, err := url.Parse(c.cfg.Endpoint)
	return err == nil && e.Scheme == u.Scheme && strings.EqualFold(e.Hostname(), u.Hostname()) && port(e) == port(u)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

func (c *Client) userAgent() string {
	ua := c.cfg.UserAgent
	if ua == "" {
		ua = "tryall"
	}
	ua += "; go/" + strings.TrimPrefix(runtime.Version(), "go")
	if c.cfg.Origin != "" {
		ua += "; origin/" + c.cfg.Origin
	}
	return clean(ua)
}

// redact is an address without its query: signed addresses carry keys there.
func redact(u *url.URL) string {
	short := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return clean(short.String())
}

// transportError tells what is worth another try from what is not, and drops the address that
// net/http puts in front, which may carry a signature.
func transportError(err error) error {
	var t *temporary
	if errors.As(err, &t) {
		return err
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return errorf(Unreachable, "%w: a proxy may stand between; its certificate can be given with SSL_CERT_FILE", err)
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return errorf(Unreachable, "no such host %s: check the network and HF_ENDPOINT; HF_HUB_OFFLINE=1 uses what is on this machine", dns.Name)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &temporary{err: errorf(Unreachable, "the connection was cut")}
	}
	return &temporary{err: errorf(Unreachable, "%w", err)}
}
