package hubtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Request is one request that came.
type Request struct {
	Host          string // "hub" or "cdn"
	Method        string
	Path          string
	Range         string
	Authorization string
	UserAgent     string
	Status        int
	From, To      int64 // bytes of the file that were to be sent
	Sent          int64 // bytes of the file that were sent
}

// Fault makes requests go wrong. The first fault that fits a request is used.
type Fault struct {
	Host   string // "hub", "cdn"; empty = both
	Method string // empty = all
	Path   string // part of the path; empty = all
	Times  int    // how often; 0 = always

	Status      int               // answer this instead
	Header      map[string]string // headers to set; an empty value removes
	Before      func()            // run first
	Hang        time.Duration     // then wait
	CutAfter    int64             // send this many bytes of the body, then cut the connection; -1 = none
	Wrong       bool              // change the first byte sent
	IgnoreRange bool              // send the whole file with 200
	Drip        time.Duration     // wait after each DripSize bytes
	DripSize    int               // 4096 unless set
	StallAfter  int64             // send this many bytes, then nothing until the client goes
	Extra       int               // send so many bytes more, without a Content-Length
	BadRange    string            // say this Content-Range
}

// Fail adds a fault.
func (s *Server) Fail(f *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Requests lists what came since the last Forget, whose path holds part.
func (s *Server) Requests(part string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, r := range s.log {
		if strings.Contains(r.Path, part) {
			out = append(out, *r)
		}
	}
	return out
}

// Forget empties the list of requests.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// Sent sums the bytes of files sent for paths that hold part.
func (s *Server) Sent(part string) int64 {
	var n int64
	for _, r := range s.Requests(part) {
		n += r.Sent
	}
	return n
}

func (s *Server) serve(host string, w http.ResponseWriter, r *http.Request, route func(*exchange)) {
	x := &exchange{ResponseWriter: w, r: r, s: s, entry: &Request{
		Host: host, Method: r.Method, Path: r.URL.Path, Range: r.Header.Get("Range"),
		Authorization: r.Header.Get("Authorization"), UserAgent: r.Header.Get("User-Agent"), Status: http.StatusOK,
	}}
	x.fault = s.pick(x.entry)
	s.mu.Lock()
	s.log = append(s.log, x.entry)
	s.mu.Unlock()
	if f := x.fault; f != nil {
		if f.Before != nil {
			f.Before()
		}
		if f.Hang > 0 {
			x.pause(f.Hang)
		}
		for k, v := range f.Header {
			w.Header().Set(k, v)
		}
		if f.Status != 0 {
			x.status(f.Status)
			w.WriteHeader(f.Status)
			return
		}
	}
	route(x)
}

// note changes what is remembered of the request.
func (x *exchange) note(change func(*Request)) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	change(x.entry)
}

func (x *exchange) status(status int) { x.note(func(r *Request) { r.Status = status }) }

func (s *Server) pick(r *Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if (f.Host == "" || f.Host == r.Host) && (f.Method == "" || f.Method == r.Method) && strings.Contains(r.Path, f.Path) {
			if f.Times > 0 {
				if f.Times--; f.Times == 0 {
					s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
				}
			}
			return f
		}
	}
	return nil
}

// pause waits, or less long when the client goes.
func (x *exchange) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-x.r.Context().Done():
	}
}

// bytes sends a file, or the range of it that was asked for.
func (x *exchange) bytes(data []byte) {
	size := int64(len(data))
	from, to, ranged := parseRange(x.r.Header.Get("Range"), size)
	if x.fault != nil && x.fault.IgnoreRange {
		from, to, ranged = 0, size, false
	}
	x.Header().Set("Accept-Ranges", "bytes")
	if ranged && from >= size {
		x.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		x.fail(http.StatusRequestedRangeNotSatisfiable, "", "")
		return
	}
	status := http.StatusOK
	if ranged {
		status = http.StatusPartialContent
		x.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, size))
		if x.fault != nil && x.fault.BadRange != "" {
			x.Header().Set("Content-Range", x.fault.BadRange)
		}
	}
	x.status(status)
	x.note(func(r *Request) { r.From, r.To = from, to })
	if x.fault == nil || x.fault.Extra == 0 {
		x.Header().Set("Content-Length", strconv.FormatInt(to-from, 10))
	}
	x.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		x.send(data[from:to])
	}
}

// body sends JSON.
func (x *exchange) body(data []byte) {
	x.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if x.r.Method != http.MethodHead {
		x.send(data)
	}
}

// send writes a body with the faults of the request.
func (x *exchange) send(data []byte) {
	f := x.fault
	if f == nil {
		n, _ := x.Write(data)
		x.note(func(r *Request) { r.Sent = int64(n) })
		return
	}
	data = append(data[:len(data):len(data)], make([]byte, f.Extra)...)
	cut := len(data) + 1
	switch {
	case f.CutAfter < 0:
		cut = 0
	case f.CutAfter > 0:
		cut = int(f.CutAfter)
	}
	if f.Wrong && len(data) > 0 {
		data = append([]byte{^data[0]}, data[1:]...)
	}
	step := len(data)
	if f.Drip > 0 {
		if step = f.DripSize; step == 0 {
			step = 4096
		}
	}
	for at := 0; at < len(data); at += step {
		end := min(at+step, len(data), cut)
		if f.StallAfter > 0 {
			end = min(end, int(f.StallAfter))
		}
		n, err := x.Write(data[min(at, end):end])
		x.note(func(r *Request) { r.Sent += int64(n) })
		if err != nil {
			return
		}
		x.ResponseWriter.(http.Flusher).Flush()
		switch {
		case end == cut:
			panic(http.ErrAbortHandler)
		case f.StallAfter > 0 && end == int(f.StallAfter):
			<-x.r.Context().Done()
			return
		case f.Drip > 0:
			x.pause(f.Drip)
		}
	}
}

// parseRange reads "bytes=5-9" and "bytes=5-".
func parseRange(h string, size int64) (from, to int64, ok bool) {
	spec, ok := strings.CutPrefix(h, "bytes=")
	if !ok {
		return 0, size, false
	}
	a, b, _ := strings.Cut(spec, "-")
	from, err := strconv.ParseInt(a, 10, 64)
	if err != nil {
		return 0, size, false
	}
	to = size
	if last, err := strconv.ParseInt(b, 10, 64); err == nil {
		to = min(size, last+1)
	}
	return from, to, true
}
