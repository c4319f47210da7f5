package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// grace is how long requests may go on once the server is to end; events are cut off at once.
const grace = 5 * time.Second

// Serve answers on a listener until the context ends; then it waits a little for what is going on, and closes models and data.
func (s *Server) Serve(ctx context.Context, on net.Listener) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 18,
		BaseContext: func(net.Listener) context.Context { return base }}
	srv.RegisterOnShutdown(func() { s.env.End() })
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(on) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err = srv.Shutdown(wait)
		cut() // what did not end by itself
		if err != nil {
			err = srv.Close()
		}
		if serr := <-ended; err == nil {
			err = serr
		}
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("serve on %s: %w", on.Addr(), err)
	}
	return nil
}
