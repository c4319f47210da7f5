package hub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// part is a range of a large file that is fetched into a file of its own. Like the incomplete file it
// only grows, so its size says what is there. When all of it is there it is appended to the
// incomplete file and removed; a kill in between finds both, and the overlap is skipped.
type part struct {
	from, to int64
	have     int64         // bytes from the start of the part
	ready    chan struct{} // closed when have == to-from
}

func partPath(blob string, at int64) string {
	return blob + "." + strconv.FormatInt(at, 10) + ".part"
}

// partFiles lists a blob's parts on disk: offset to size.
func partFiles(blob string) map[int64]int64 {
	entries, err := os.ReadDir(filepath.Dir(blob))
	if err != nil {
		return nil
	}
	parts := map[int64]int64{}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), filepath.Base(blob)+".")
		if rest, ok2 := strings.CutSuffix(rest, ".part"); ok && ok2 {
			at, err := strconv.ParseInt(rest, 10, 64)
			if st, serr := e.Info(); err == nil && serr == nil && at >= 0 && strconv.FormatInt(at, 10) == rest {
				parts[at] = st.Size()
			}
		}
	}
	return parts
}

// bytesHere is how much of a blob earlier pulls left.
func bytesHere(blob string, size int64) int64 {
	n := max(0, sizeOf(blob+".incomplete"))
	for at, have := range partFiles(blob) {
		n += max(0, at+have-max(at, n))
	}
	return min(n, size)
}

// layParts divides what is missing behind prefix, keeping what earlier pulls left (offset to size).
// Left overs that cannot be used are named in drop.
func layParts(prefix, size, partSize int64, left map[int64]int64) (parts []*part, drop []int64) {
	var offsets []int64
	for at := range left {
		offsets = append(offsets, at)
	}
	slices.Sort(offsets)
	var kept []int64
	end := prefix
	for _, at := range offsets {
		n := left[at]
		behind := len(kept) > 0 && at < end // overlaps the part before it
		if at >= size || n > size-at || n <= 0 || at+n <= prefix || behind {
			drop = append(drop, at)
			continue
		}
		kept, end = append(kept, at), at+n
	}
	pos := prefix
	fresh := func(until int64) {
		for ; pos < until; pos = min(pos+partSize, until) {
			parts = append(parts, &part{from: pos, to: min(pos+partSize, until)})
		}
	}
	for i, at := range kept {
		next := size
		if i+1 < len(kept) {
			next = kept[i+1]
		}
		fresh(at)
		parts = append(parts, &part{from: at, to: min(max(at+left[at], at+partSize), next), have: left[at]})
		pos = parts[len(parts)-1].to
	}
	fresh(size)
	for _, p := range parts {
		p.ready = make(chan struct{})
	}
	return parts, drop
}

// fillParts fetches the missing ranges side by side and appends them in order.
func (t *transfer) fillParts(ctx context.Context) error {
	parts, drop := layParts(t.prefix, t.size, t.c.cfg.PartSize, partFiles(t.path))
	for _, at := range drop {
		tidy(partPath(t.path, at))
	}
	for _, p := range parts {
		if p.have > 0 {
			t.gained(int(p.from + p.have - max(p.from, t.prefix)))
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	next := 0
	claim := func() *part {
		mu.Lock()
		defer mu.Unlock()
		if next == len(parts) {
			return nil
		}
		next++
		return parts[next-1]
	}
	for range min(t.c.cfg.Connections, len(parts)) {
		g.Go(func() error {
			for p := claim(); p != nil; p = claim() {
				if err := t.fetchPart(ctx, p); err != nil {
					return err
				}
				close(p.ready)
			}
			return nil
		})
	}
	g.Go(func() error {
		for _, p := range parts {
			select {
			case <-p.ready:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := t.join(p); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// fetchPart brings the rest of one part.
func (t *transfer) fetchPart(ctx context.Context, p *part) error {
	path := partPath(t.path, p.from)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return wrapDisk(err, "open %s", path)
	}
	defer f.Close()
	for p.from+p.have < p.to {
		err := t.c.retry(ctx, t.notice, func() (bool, error) {
			before := p.have
			err := t.streamPart(ctx, p, f)
			return p.have > before, err
		})
		if err != nil {
			return err
		}
	}
	return wrapDisk(f.Close(), "write %s", path)
}

func (t *transfer) streamPart(ctx context.Context, p *part, f *os.File) error {
	if err := t.c.takeSlot(ctx); err != nil {
		return err
	}
	defer t.c.freeSlot()
	a, skip, err := t.get(ctx, p.from+p.have, p.to)
	if err != nil {
		return err
	}
	defer a.Close()
	if skip > 0 || a.StatusCode != http.StatusPartialContent {
		return errNoRanges
	}
	return t.receive(a, p.to-p.from-p.have, func(b []byte) error {
		n, err := f.Write(b)
		p.have += int64(n)
		t.gained(n)
		return wrapDisk(err, "write %s", f.Name())
	})
}

// join appends a complete part to the incomplete file, without what a join that was cut already
// appended, and removes it.
func (t *transfer) join(p *part) error {
	path := partPath(t.path, p.from)
	f, err := os.Open(path)
	if err != nil {
		return wrapDisk(err, "open %s", path)
	}
	defer f.Close()
	rest := io.NewSectionReader(f, t.prefix-p.from, p.to-t.prefix)
	buf := make([]byte, copyBuffer)
	for t.prefix < p.to {
		n, err := rest.Read(buf)
		wrote, werr := t.file.Write(buf[:n])
		t.hash.Write(buf[:wrote])
		t.prefix += int64(wrote) // its bytes are counted already
		if werr != nil {
			return wrapDisk(werr, "write %s", t.incomplete())
		}
		if err != nil && (!errors.Is(err, io.EOF) || t.prefix != p.to) {
			return errorf(Corrupt, "%s ends after %d bytes: another program shortened it", path, t.prefix-p.from)
		}
	}
	f.Close()
	tidy(path)
	return nil
}
