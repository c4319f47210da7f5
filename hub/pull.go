package hub

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// PullOptions are what a caller may want to be otherwise.
type PullOptions struct {
	Events func(Event) // called from one goroutine at a time; must not block for long
	// Recheck hashes files that are there already, which otherwise only their size vouches for.
	Recheck bool
}

// Pull brings a model at a revision (empty = main) into the cache and returns where it lies. What is
// there is not fetched again. When it fails or ctx ends, what came is kept and the next pull goes on
// from it; the revision counts as pulled (refs/) only when all its files are there.
func (c *Client) Pull(ctx context.Context, id, revision string, o PullOptions) (Snapshot, error) {
	if revision == "" {
		revision = "main"
	}
	if err := checkNames(id, revision); err != nil {
		return Snapshot{}, err
	}
	if c.cfg.Offline {
		return c.pullOffline(id, revision)
	}
	e := newEmitter(o.Events)
	for replans := 0; ; replans++ {
		p, err := c.plan(ctx, id, revision, e.notice(""))
		if err != nil {
			return Snapshot{}, wrapf(err, "pull")
		}
		snap, err := c.pull(ctx, p, o, e)
		if !errors.Is(err, Changed) || replans == 2 {
			return snap, wrapf(err, "pull %s@%s", id, revision)
		}
		e.emit(Event{Kind: Retry, Message: err.Error()})
	}
}

// pullOffline is content with what is on this machine, if that is all of it.
func (c *Client) pullOffline(id, revision string) (Snapshot, error) {
	s, err := c.Cache().Find(id, revision)
	if err == nil {
		err = s.Complete()
	}
	if err != nil {
		return Snapshot{}, errorf(Offline, "pull %s@%s: %w; %s", id, revision, err, c.cfg.OfflineNote)
	}
	return s, nil
}

func (c *Client) pull(ctx context.Context, p Plan, o PullOptions, e *emitter) (Snapshot, error) {
	for _, f := range p.Files {
		if err := checkName(f.Path); err != nil {
			return Snapshot{}, err
		}
	}
	e.planned(p)
	r := repo{id: p.ID, dir: c.Cache().repoDir(p.ID), cache: c.Cache()}
	if err := c.checkSpace(r, p); err != nil {
		return Snapshot{}, err
	}
	if err := r.prepare(p.Commit); err != nil {
		return Snapshot{}, err
	}
	r.symlinks = c.symlinks(r.dir)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, f := range p.Files {
		g.Go(func() error {
			err := c.ensure(gctx, r, p, f, o, e)
			if err != nil && gctx.Err() == nil {
				e.emit(Event{Kind: Failed, File: f.Path, Message: err.Error()})
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return Snapshot{}, err
	}
	r.sweepParts()
	if err := r.markAbsent(p.Commit, absent(p)); err != nil {
		return Snapshot{}, err
	}
	if err := r.writeRef(p.Revision, p.Commit); err != nil {
		return Snapshot{}, err
	}
	e.emit(Event{Kind: Finished})
	return Snapshot{ID: p.ID, Revision: p.Revision, Commit: p.Commit, Dir: filepath.Join(r.dir, "snapshots", p.Commit)}, nil
}

// absent lists the small files that this commit lacks and that transformers would ask for.
func absent(p Plan) []string {
	var names []string
	for _, w := range wanted {
		if w.role == RoleTokenizer && !slices.ContainsFunc(p.Files, func(f File) bool { return f.Path == w.name }) {
			names = append(names, w.name)
		}
	}
	return names
}

// ensure makes one file be there: it is, or its blob is, or it is fetched.
func (c *Client) ensure(ctx context.Context, r repo, p Plan, f File, o PullOptions, e *emitter) error {
	pointer := r.pointer(p.Commit, f.Path)
	if sizeOf(pointer) == f.Size {
		err := c.recheck(ctx, pointer, f, o, e)
		if err == nil {
			e.emit(Event{Kind: Done, File: f.Path, Cached: true})
			return nil
		}
		if !errors.Is(err, HashMismatch) {
			return err
		}
		e.emit(Event{Kind: Retry, File: f.Path, Message: "the copy on this machine is damaged: " + err.Error()})
	}
	etag := f.Digest.name()
	if etag == "" || sizeOf(r.blob(etag)) != f.Size {
		info, err := c.head(ctx, target{p.ID, p.Commit, f.Path}, f.URL, e.notice(f.Path))
		if err != nil {
			return err
		}
		if etag, err = agree(info, p, f); err != nil {
			return err
		}
	}
	release, err := r.cache.lockBlob(ctx, p.ID, etag,
		func() { e.emit(Event{Kind: Waiting, File: f.Path, Message: "another process is fetching it"}) },
		func() {
			e.emit(Event{Kind: Warning, File: f.Path, Message: "the disk of the cache knows no locks: do not pull the same model twice at once"})
		})
	if err != nil {
		return err
	}
	defer release()
	return c.fetch(ctx, r, p, f, etag, o, e)
}

// recheck hashes a file that is there, if that is wanted.
func (c *Client) recheck(ctx context.Context, path string, f File, o PullOptions, e *emitter) error {
	if !o.Recheck || f.Digest.IsZero() {
		return nil
	}
	var done int64
	return verifyFile(ctx, path, f.Path, f.Digest, func(n int) { done += int64(n); e.progress(f.Path, done) })
}

// agree compares what the Hub says about the file with the listing.
func agree(info fileInfo, p Plan, f File) (etag string, err error) {
	seen := digestOf(info.etag)
	differs := (seen.SHA256 != "" && f.SHA256 != "" && seen != f.Digest) || (seen.GitSHA1 != "" && f.GitSHA1 != "" && seen != f.Digest)
	if info.size != f.Size || differs || info.commit != p.Commit {
		return "", &Error{Code: Changed, File: f.Path, Msg: f.Path + " changed on the server while it was pulled: size " + strconv.FormatInt(info.size, 10) + " and ETag " + info.etag + " at commit " + clean(info.commit) + "; listed were " + strconv.FormatInt(f.Size, 10) + ", " + f.Digest.String() + " at " + p.Commit}
	}
	return info.etag, nil
}

// fetch brings the blob, whose lock is held, and links the snapshot's file to it.
func (c *Client) fetch(ctx context.Context, r repo, p Plan, f File, etag string, o PullOptions, e *emitter) error {
	pointer, blob := r.pointer(p.Commit, f.Path), r.blob(etag)
	if !r.symlinks && sizeOf(pointer) == f.Size && !o.Recheck {
		e.emit(Event{Kind: Done, File: f.Path, Cached: true}) // another process was faster
		return nil
	}
	if sizeOf(blob) == f.Size {
		err := c.recheck(ctx, blob, f, o, e)
		if err == nil {
			if err := r.link(etag, p.Commit, f.Path, false); err != nil {
				return err
			}
			e.emit(Event{Kind: Done, File: f.Path, Cached: true})
			return nil
		}
		if !errors.Is(err, HashMismatch) {
			return err
		}
	}
	if err := os.Remove(blob); err != nil && !errors.Is(err, os.ErrNotExist) { // wrong size or bytes
		return wrapDisk(err, "remove the damaged %s", blob)
	}
	digest := f.Digest
	if digest.IsZero() {
		if digest = digestOf(etag); digest.IsZero() {
			return errorf(BadResponse, "%s: the server names no hash to verify it with (its ETag is %s); a file that cannot be verified is not taken", f.Path, etag)
		}
	}
	t := &transfer{
		c: c, about: target{p.ID, p.Revision, f.Path}, url: f.URL, etag: etag, size: f.Size, digest: digest, path: blob,
		notice:   e.notice(f.Path),
		progress: func(done int64) { e.progress(f.Path, done) },
	}
	e.start(f.Path, bytesHere(blob, f.Size))
	e.emit(Event{Kind: Started, File: f.Path})
	if err := t.run(ctx); err != nil {
		return wrapf(err, "%s", f.Path)
	}
	e.emit(Event{Kind: Verified, File: f.Path})
	if err := r.link(etag, p.Commit, f.Path, true); err != nil {
		return err
	}
	e.emit(Event{Kind: Done, File: f.Path})
	return nil
}

// checkSpace compares what is still to come with the room on the disk.
func (c *Client) checkSpace(r repo, p Plan) error {
	dir := r.dir
	for !exists(dir) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
	}
	free, known := freeSpace(dir)
	if !known {
		return nil
	}
	need := int64(0)
	for _, f := range p.Files {
		if sizeOf(r.pointer(p.Commit, f.Path)) != f.Size && sizeOf(r.blob(f.Digest.name())) != f.Size {
			need += f.Size - bytesHere(r.blob(f.Digest.name()), f.Size)
		}
	}
	if need > free {
		return errorf(DiskFull, "%s more are needed, but the disk of %s has room for %s: make room (`tryall rm` frees models) or point HF_HUB_CACHE at a larger disk", humanBytes(need), r.cache.Dir, humanBytes(free))
	}
	return nil
}

func humanBytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	s := strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	return s + " " + units[i]
}
