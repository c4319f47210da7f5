package hub

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
)

// transfer brings the bytes of one blob. The file <etag>.incomplete only ever grows by bytes that came,
// in order; its size is the record of how far it is. That needs no second file that could
// disagree, holds through a kill at any moment, and is what huggingface_hub expects of the name.
// After a power cut the tail may be wrong; the hash at the end finds that, as all else.
type transfer struct {
	c      *Client
	about  target
	url    string
	etag   string
	size   int64
	digest Digest
	path   string // of the blob; ".incomplete" and ".<offset>.part" are added

	notice   retryNotice
	progress func(done int64)

	file   *os.File
	hash   hash.Hash
	prefix int64        // bytes in file, all hashed
	done   atomic.Int64 // bytes here, those in parts included
	whole  bool         // the server ignores ranges
}

// errNoRanges says that the server sent the whole file where a range was asked for.
var errNoRanges = errors.New("the server ignores ranges")

const copyBuffer = 256 << 10

func (t *transfer) incomplete() string { return t.path + ".incomplete" }

// run brings all bytes and verifies them; the blob then has its name. Bytes that prove wrong are
// thrown away and fetched once more; wrong again is an error. A bad start left by an earlier pull
// does not count.
func (t *transfer) run(ctx context.Context) error {
	for fresh := 0; ; {
		resumed, err := t.open(ctx)
		if err == nil {
			err = t.fill(ctx)
		}
		if err == nil {
			err = t.digest.check(t.about.file, t.hash)
		}
		if err == nil {
			return t.finish()
		}
		t.file.Close()
		if !errors.Is(err, HashMismatch) {
			return err
		}
		if derr := t.discard(); derr != nil {
			return derr // wrong bytes that cannot be thrown away would be met again for ever
		}
		if !resumed {
			fresh++
		}
		if fresh > 1 {
			return wrapf(err, "%s: the server sent wrong bytes %d times; they were thrown away; try again later or with another HF_ENDPOINT", t.about.id, fresh)
		}
		t.notice(err, 0)
	}
}

// open opens what is there of the file and hashes it.
func (t *transfer) open(ctx context.Context) (resumed bool, err error) {
	t.file, err = os.OpenFile(t.incomplete(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return false, wrapDisk(err, "open %s", t.incomplete())
	}
	st, err := t.file.Stat()
	if err != nil {
		return false, wrapDisk(err, "look at %s", t.incomplete())
	}
	if t.prefix = st.Size(); t.prefix > t.size {
		t.prefix = 0
		if err := t.file.Truncate(0); err != nil {
			return false, wrapDisk(err, "empty %s", t.incomplete())
		}
	}
	t.hash = t.digest.newHash(t.size)
	t.done.Store(t.prefix)
	err = hashFile(ctx, t.file, t.prefix, t.hash, nil)
	return t.prefix > 0 || len(partFiles(t.path)) > 0, wrapf(err, "read what is there of %s", t.about.file)
}

// discard removes every byte that is there of the file.
func (t *transfer) discard() error {
	if err := os.Remove(t.incomplete()); err != nil {
		return wrapDisk(err, "remove the wrong bytes in %s", t.incomplete())
	}
	for at := range partFiles(t.path) {
		if err := os.Remove(partPath(t.path, at)); err != nil {
			return wrapDisk(err, "remove the wrong bytes in %s", partPath(t.path, at))
		}
	}
	t.done.Store(0)
	t.progress(0)
	return nil
}

// finish puts the verified bytes under the blob's name; they are on the disk before the name is.
func (t *transfer) finish() error {
	err := syncFile(t.file)
	if err = errors.Join(err, t.file.Close()); err != nil {
		return wrapDisk(err, "write %s", t.incomplete())
	}
	if err := os.Rename(t.incomplete(), t.path); err != nil {
		return wrapDisk(err, "name %s", t.path)
	}
	t.removeParts()
	return nil
}

func (t *transfer) gained(n int) { t.progress(t.done.Add(int64(n))) }

// fill brings what is missing: in parallel ranges when that is much, else as one stream.
func (t *transfer) fill(ctx context.Context) error {
	if !t.whole && (t.size-t.prefix >= 2*t.c.cfg.PartSize || len(partFiles(t.path)) > 0) {
		err := t.fillParts(ctx)
		if !errors.Is(err, errNoRanges) {
			return err
		}
		t.whole = true
		t.done.Store(t.prefix)
	}
	for t.prefix < t.size {
		err := t.c.retry(ctx, t.notice, func() (bool, error) {
			before := t.prefix
			err := t.stream(ctx)
			return t.prefix > before, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stream appends to the file until its end or until something goes wrong.
func (t *transfer) stream(ctx context.Context) error {
	if err := t.c.takeSlot(ctx); err != nil {
		return err
	}
	defer t.c.freeSlot()
	a, skip, err := t.get(ctx, t.prefix, t.size)
	if err != nil {
		return err
	}
	defer a.Close()
	if skip > 0 {
		if _, err := io.CopyN(io.Discard, a, skip); err != nil {
			return cut(err)
		}
	}
	return t.receive(a, t.size-t.prefix, func(b []byte) error { return t.append(b) })
}

// append writes the next bytes of the file.
func (t *transfer) append(b []byte) error {
	n, err := t.file.Write(b)
	t.hash.Write(b[:n])
	t.prefix += int64(n)
	t.gained(n)
	return wrapDisk(err, "write %s", t.incomplete())
}

// receive passes exactly want bytes on. A body that ends early is worth another try.
func (t *transfer) receive(a *answer, want int64, put func([]byte) error) error {
	buf := make([]byte, copyBuffer)
	for want > 0 {
		n, err := a.Read(buf[:min(want, copyBuffer)])
		if perr := put(buf[:n]); perr != nil {
			return perr
		}
		if want -= int64(n); err != nil && want > 0 {
			return cut(err)
		}
	}
	return nil // more than was wanted is not read: the hash decides
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return &temporary{err: errorf(Unreachable, "the body was cut")}
	}
	return err
}

// get asks for bytes [from, to) and checks that the answer is about the same file. skip is how many
// bytes precede the wanted ones, when the server sends the file from its start all the same.
func (t *transfer) get(ctx context.Context, from, to int64) (a *answer, skip int64, err error) {
	k := call{method: http.MethodGet, url: t.url, stall: t.c.cfg.StallTimeout}
	if from > 0 || to < t.size {
		k.ranged = fmt.Sprintf("bytes=%d-%d", from, to-1)
	}
	if a, err = t.c.do(ctx, k); err != nil {
		return nil, 0, err
	}
	switch a.StatusCode {
	case http.StatusOK:
		skip = from
		if a.ContentLength >= 0 && a.ContentLength != t.size {
			err = t.changed("its size is %d now, it was %d", a.ContentLength, t.size)
		}
	case http.StatusPartialContent:
		err = t.checkRange(a.Header.Get("Content-Range"), from, to)
	case http.StatusRequestedRangeNotSatisfiable:
		err = t.changed("it is shorter than %d bytes (%s)", to, clean(a.Header.Get("Content-Range")))
	default:
		err = t.c.statusError(a, t.about)
		if a.foreign && (a.StatusCode == http.StatusForbidden || a.StatusCode == http.StatusUnauthorized) {
			err = &temporary{err: err} // the signature of the address may have run out; the next try gets a new one
		}
	}
	if tag, terr := normalizeETag(a.etag); err == nil && a.etag != "" && (terr != nil || tag != t.etag) {
		err = t.changed("its ETag is %s now, it was %s", clean(tag), t.etag)
	}
	if err != nil {
		a.Close()
		return nil, 0, err
	}
	return a, skip, nil
}

// checkRange compares "bytes 5-9/20" with what was asked for.
func (t *transfer) checkRange(header string, from, to int64) error {
	var first, last int64
	var total string
	if n, _ := fmt.Sscanf(header, "bytes %d-%d/%s", &first, &last, &total); n != 3 || first != from || last != to-1 {
		return &temporary{err: errorf(BadResponse, "asked for bytes %d-%d, the server sent %s", from, to-1, quote(header))}
	}
	if total != "*" && total != strconv.FormatInt(t.size, 10) {
		return t.changed("its size is %s now, it was %d", clean(total), t.size)
	}
	return nil
}

func (t *transfer) changed(format string, args ...any) error {
	e := errorf(Changed, "%s changed on the server while it was pulled: %s", t.about, fmt.Sprintf(format, args...))
	e.File = t.about.file
	return e
}

func (t *transfer) removeParts() {
	for at := range partFiles(t.path) {
		tidy(partPath(t.path, at))
	}
}

func (c *Client) takeSlot(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Client) freeSlot() { <-c.slots }
