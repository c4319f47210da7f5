package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tryall/tryall/web/webtest"
)

// narrow are connections whose server side buffers little, so that a client that reads nothing is soon one that cannot be written to.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(4 << 10)
	}
	return c, err
}

// heap is what is in use after what is not was taken away, in bytes.
func heap() int64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// watcher follows the events of an address until its context ends, counting parts; ended tells whether the server said that nothing follows.
func watcher(ctx context.Context, client *http.Client, address string, parts *atomic.Int64) (ended bool) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(r)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 16<<10)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case strings.HasPrefix(line, "event: part"):
			parts.Add(1)
		case strings.HasPrefix(line, "event: done"):
			return true
		case err != nil:
			return false
		}
	}
}

// stalled asks for the events of an address and reads nothing of them.
func stalled(t *testing.T, srv *httptest.Server, path string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: "+srv.Listener.Addr().String()+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSoak has 50 browsers watch a race at once, others come and go, and some read nothing: memory stays flat, nobody waits for anybody, and
// no goroutine is left. It takes 5 seconds, or TRYALL_SOAK, like 60s.
func TestSoak(t *testing.T) {
	long := 5 * time.Second
	if s := os.Getenv("TRYALL_SOAK"); s != "" {
		var err error
		if long, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	const browsers, deaf, questions = 50, 5, 2000
	f := webtest.Bench(t)
	s, err := New(Config{Bench: f.Workbench, Access: Access{Addr: "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(s)
	srv.Listener = narrow{srv.Listener}
	srv.Start()
	defer func() { s.env.End(); srv.Close(); s.Close() }()
	f.Slow(long / 1500) // one contestant alone takes a third longer than the browsers watch
	status, run, body := begin(t, srv.URL, leases(questions), two()...)
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, body)
	}
	until(t, srv.URL+run, "The race is on")
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(200 * time.Millisecond)
	before := runtime.NumGoroutine()

	watch, leave := context.WithCancel(t.Context())
	defer leave()
	transport := &http.Transport{MaxConnsPerHost: 0}
	client := &http.Client{Transport: transport}
	var all sync.WaitGroup
	var parts [browsers]atomic.Int64
	var done, visits atomic.Int64
	for i := range browsers {
		all.Go(func() {
			if watcher(watch, client, srv.URL+run+"/events", &parts[i]) {
				done.Add(1)
			}
		})
	}
	all.Go(func() { // somebody who comes and goes
		for watch.Err() == nil {
			short, gone := context.WithTimeout(watch, 150*time.Millisecond)
			var n atomic.Int64
			watcher(short, client, srv.URL+run+"/events", &n)
			gone()
			visits.Add(1)
		}
	})
	var silent []net.Conn
	for range deaf {
		silent = append(silent, stalled(t, srv, run+"/events"))
	}
	answered := func() int {
		state, _, ok := s.env.Races.State(strings.TrimPrefix(run, "/bakeoff/"))
		if !ok || state.Race == nil {
			t.Fatal("the race is not going on")
		}
		return state.Race.Done
	}
	var sizes []int64
	var most int
	steps := []int{answered()}
	for range 4 {
		time.Sleep(long / 4)
		sizes, steps, most = append(sizes, heap()), append(steps, answered()), max(most, runtime.NumGoroutine())
	}
	least, mostTold := parts[0].Load(), parts[0].Load()
	for i := range parts {
		least, mostTold = min(least, parts[i].Load()), max(mostTold, parts[i].Load())
	}
	t.Logf("%v: %d browsers, told %d to %d times; %d visits; %d goroutines before, %d at most; heap in kB %d %d %d %d; answered %v", long, browsers, least, mostTold, visits.Load(), before, most, sizes[0]>>10, sizes[1]>>10, sizes[2]>>10, sizes[3]>>10, steps)
	if least < 10 || least*5 < mostTold*4 {
		t.Errorf("somebody was told only %d times, and another %d times", least, mostTold)
	}
	if grown := sizes[3] - sizes[0]; grown > 8<<20 {
		t.Errorf("the heap has grown by %d kB", grown>>10)
	}
	for i := 1; i < len(steps); i++ {
		if steps[i] <= steps[i-1] {
			t.Errorf("the race stood still: %v", steps)
		}
	}
	leave()
	all.Wait()
	transport.CloseIdleConnections()
	for _, c := range silent {
		c.Close()
	}
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines are there, %d were:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	f.Slow(0)
	until(t, srv.URL+run, "is better than")
}
