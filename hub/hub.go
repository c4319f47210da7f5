// Package hub brings models from a Hugging Face Hub into the cache that Python's huggingface_hub
// uses, and reads that cache. A pull takes only the files a question answering model needs, resumes
// where it was cut, and verifies every byte before a file gets its name. The package knows file
// names and hashes; what is in the files is for the packages that load them.
//
// Downloads go over plain HTTP from the resolve address. The Hub's Xet storage serves the same
// bytes there, so HF_HUB_DISABLE_XET has nothing to switch off.
package hub

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// Client talks to one Hub and writes into one cache. It is safe for concurrent use.
type Client struct {
	cfg   Config
	http  *http.Client
	slots chan struct{} // one per request body that may be read at a time

	// Tests replace these.
	sleep    func(context.Context, time.Duration) error
	jitter   func() float64 // in [0,1)
	symlinks func(dir string) bool
}

// New checks the configuration and makes a client of it; zero fields get their defaults.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Client{
		cfg:      cfg,
		http:     newHTTPClient(cfg),
		slots:    make(chan struct{}, cfg.Connections),
		sleep:    sleepContext,
		jitter:   rand.Float64,
		symlinks: symlinksWork,
	}, nil
}

// Config is the client's configuration, defaults filled in.
func (c *Client) Config() Config { return c.cfg }

// Cache is the cache that the client pulls into.
func (c *Client) Cache() Cache { return Cache{Dir: c.cfg.CacheDir} }

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func sleepContext(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
