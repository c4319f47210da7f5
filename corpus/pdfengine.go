package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/tryall/tryall/qa"
)

// pdfEngine is PDFium as WebAssembly: it sees no files and no network, only its own memory, and can be stopped at any instruction.
// Compiling it takes one to two seconds, so that it happens when the first PDF is read.
var pdfEngine struct {
	sync.Mutex
	pool  pdfium.Pool
	start chan struct{} // closed when the start that is under way is over
	err   error         // of the last start
	cache string
}

// pdfMemory is what one PDF may use, in pages of 64 KiB: 512 MiB.
const pdfMemory = 8192

// CachePDF names a folder for the compiled PDF engine, about 22 MB, so that later processes start it within 0.1 s and with 200 MB less
// memory. It holds machine code, so nobody else may write there. Without it nothing is written.
func CachePDF(dir string) {
	pdfEngine.Lock()
	defer pdfEngine.Unlock()
	pdfEngine.cache = dir
}

// pdfPool is the running engine. Who comes first starts it; nobody waits longer than their context.
func pdfPool(ctx context.Context) (pdfium.Pool, error) {
	e := &pdfEngine
	e.Lock()
	if e.pool != nil {
		defer e.Unlock()
		return e.pool, nil
	}
	if e.start == nil {
		e.start = make(chan struct{})
		go startPDF(e.cache, e.start)
	}
	done := e.start
	e.Unlock()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-done:
	}
	e.Lock()
	defer e.Unlock()
	return e.pool, e.err
}

// startPDF compiles the engine. It cannot be stopped, and ends within seconds. Where what is compiled cannot be kept, as on a full disk,
// it is compiled at each start.
func startPDF(dir string, done chan struct{}) {
	pool, err := initPDF(dir)
	if err != nil && dir != "" {
		pool, err = initPDF("")
	}
	debug.FreeOSMemory() // the compiler's 200 MB
	e := &pdfEngine
	e.Lock()
	defer e.Unlock()
	if e.pool, e.err = pool, nil; err != nil {
		e.pool, e.err = nil, qa.Errorf(qa.Internal, "start the PDF engine: %w", err)
	}
	e.start = nil
	close(done)
}

// initPDF compiles the engine, or finds it compiled in a folder.
func initPDF(dir string) (pdfium.Pool, error) {
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(pdfMemory).WithCloseOnContextDone(true)
	if dir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(dir); err == nil { // a folder that cannot be written costs time only
			config = config.WithCompilationCache(cache)
		}
	}
	return webassembly.Init(webassembly.Config{
		Context:  experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0)),
		MaxTotal: 2,
		FSConfig: wazero.NewFSConfig(), RuntimeConfig: config,
		Stdout: io.Discard, Stderr: io.Discard,
	})
}

// pdfSession is one document open in one instance of the engine.
type pdfSession struct {
	instance pdfium.Pdfium
	document references.FPDF_DOCUMENT
	pages    int
}

// errStopped is what a call returns that took longer than allowed. Its instance is gone.
var errStopped = errors.New("it took too long")

func openPDF(ctx context.Context, data []byte, allowed time.Duration) (*pdfSession, error) {
	pool, err := pdfPool(ctx)
	if err != nil {
		return nil, err
	}
	instance, err := pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, qa.Errorf(qa.Internal, "start the PDF engine: %w", err)
	}
	s := &pdfSession{instance: instance}
	err = s.within(ctx, allowed, func() error {
		doc, err := instance.OpenDocument(&requests.OpenDocument{File: &data})
		if err != nil {
			return err
		}
		s.document = doc.Document
		n, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
		if err == nil {
			s.pages = n.PageCount
		}
		return err
	})
	if err != nil {
		s.close()
		return nil, pdfTrouble(err)
	}
	return s, nil
}

// within calls f and stops it when the time is over or the context ends; then the session's instance is gone.
func (s *pdfSession) within(ctx context.Context, allowed time.Duration, f func() error) error {
	if s.instance == nil {
		return errStopped
	}
	ctx, cancel := context.WithTimeout(ctx, allowed)
	defer cancel()
	killed := make(chan struct{})
	instance := s.instance
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		_ = instance.Kill()
	})
	err := f()
	if !stop() {
		<-killed
		s.instance = nil
		return errStopped
	}
	return err
}

func (s *pdfSession) close() {
	if s.instance != nil {
		_ = s.instance.Close() // a broken instance is thrown away like a whole one
		s.instance = nil
	}
}

// pdfTrouble says in words what the engine has against a file.
func pdfTrouble(err error) error {
	switch {
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return errors.New("it is protected by a password; save a copy without one")
	case errors.Is(err, pdferrors.ErrFormat), errors.Is(err, pdferrors.ErrFile):
		return errors.New("it is damaged: its structure cannot be read; open it in a PDF viewer and save it anew")
	case errors.Is(err, errStopped):
		return errors.New("it took too long to open; it may be damaged")
	}
	return fmt.Errorf("it cannot be opened as a PDF: %w", err)
}
