package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// temporary is an error that another try may not meet.
type temporary struct {
	err   error
	after time.Duration // the server's Retry-After, or zero
}

func (t *temporary) Error() string { return t.err.Error() }
func (t *temporary) Unwrap() error { return t.err }

// retryNotice tells of a try that failed and of the wait before the next.
type retryNotice func(err error, wait time.Duration)

// retry runs step until it succeeds, fails for good, or has failed Retries+1 times without bringing
// anything in between. Waits double from BackoffBase up to BackoffMax, half of each at random, so
// that many clients do not come back at once; a server's Retry-After counts when it is longer.
func (c *Client) retry(ctx context.Context, notice retryNotice, step func() (progress bool, err error)) error {
	wait := c.cfg.BackoffBase
	for failures := 0; ; {
		progress, err := step()
		if err == nil {
			return nil
		}
		var t *temporary
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !errors.As(err, &t) {
			return err
		}
		if progress {
			failures, wait = 0, c.cfg.BackoffBase
		}
		if failures++; failures > c.cfg.Retries {
			return giveUp(err, "gave up after %d tries", failures)
		}
		pause := max(wait/2+time.Duration(c.jitter()*float64(wait/2)), t.after)
		if t.after > c.cfg.RetryAfterMax {
			return giveUp(err, "the server asks to come back in %s", t.after.Round(time.Second))
		}
		if notice != nil {
			notice(err, pause)
		}
		if err := c.sleep(ctx, pause); err != nil {
			return err
		}
		wait = min(2*wait, c.cfg.BackoffMax)
	}
}

// giveUp makes a temporary error a final one, so that nobody further up tries again.
func giveUp(err error, format string, args ...any) error {
	final := &Error{Code: Unreachable}
	if e := (*Error)(nil); errors.As(err, &e) {
		*final = *e
	}
	final.Msg, final.Err = fmt.Sprintf(format, args...)+": "+err.Error(), nil
	return final
}

// retryAfter reads how long the server wants to be left alone: Retry-After in seconds or as a date, or
// the t of RateLimit ("api";r=0;t=55), which the Hub sends with 429; zero when absent or senseless.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		for _, field := range strings.Split(h.Get("RateLimit"), ";") {
			if t, ok := strings.CutPrefix(strings.TrimSpace(field), "t="); ok {
				v = t
			}
		}
	}
	if n, err := strconv.ParseFloat(v, 64); err == nil && n >= 0 && n < 1e9 {
		return time.Duration(n * float64(time.Second))
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}
