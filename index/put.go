package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// Document is a document with the passages that it was cut into.
type Document struct {
	qa.Document
	Passages []qa.Passage
}

// Put replaces everything that a file had with these documents, in one transaction. Documents, their order, marks and passages
// that are there already are not indexed again; the rest of the state is kept as given, but for the counts, which are ours.
// An id that another file's document has is an error, and so is a passage that is not what its range says.
func (x *Index) Put(ctx context.Context, f FileState, docs []Document) error {
	e, err := check(f, docs)
	if err != nil {
		return err
	}
	return x.put(ctx, []entry{e})
}

// entry is a file that was found to be in order.
type entry struct {
	state   FileState
	docs    []Document
	content []byte   // digest of all
	each    [][]byte // digest of each document
}

func (e entry) passages() (n int) {
	for _, d := range e.docs {
		n += len(d.Passages)
	}
	return n
}

func (e entry) bytes() (n int) {
	for _, d := range e.docs {
		n += len(d.Text)
	}
	return n
}

func check(f FileState, docs []Document) (entry, error) {
	e := entry{state: f, docs: docs}
	switch {
	case f.Path == "":
		return e, qa.Errorf(qa.Invalid, "index a file: it has no path")
	case f.Error != "" && len(docs) > 0:
		return e, qa.Errorf(qa.Invalid, "index %s: a file that could not be read (%s) has documents", f.Path, f.Error)
	}
	seen := map[qa.DocumentID]bool{}
	all := sha256.New()
	for _, d := range docs {
		if seen[d.ID] {
			return e, qa.Errorf(qa.Invalid, "index %s: two documents are called %q", f.Path, d.ID)
		}
		seen[d.ID] = true
		if err := checkDocument(d); err != nil {
			return e, qa.Errorf(qa.Invalid, "index %s: document %q: %w", f.Path, d.ID, err)
		}
		digest := digestOf(d)
		e.each = append(e.each, digest)
		all.Write(digest)
		writeString(all, d.Source) // changes the file, but not the corpus
	}
	e.content = all.Sum(nil)
	e.state.Documents, e.state.Passages = len(docs), e.passages()
	return e, nil
}

func checkDocument(d Document) error {
	if d.ID == "" {
		return qa.Errorf(qa.Invalid, "it has no id")
	}
	if len(d.Text) > blockSize*maxBlocks {
		return qa.Errorf(qa.Invalid, "its text has %d bytes; the most is %d", len(d.Text), blockSize*maxBlocks)
	}
	for _, m := range d.Marks {
		if !utf8.ValidString(m.Label) || !utf8.ValidString(string(m.Kind)) {
			return qa.Errorf(qa.Invalid, "the mark at byte %d is not UTF-8", m.At)
		}
	}
	for i, p := range d.Passages {
		r := p.Range
		switch {
		case r.Start < 0 || r.End <= r.Start || r.End > len(d.Text):
			return qa.Errorf(qa.Invalid, "passage %d has the bytes %d to %d of a text of %d", i, r.Start, r.End, len(d.Text))
		case p.Text != d.Text[r.Start:r.End]:
			return qa.Errorf(qa.Invalid, "passage %d is not the text at its bytes %d to %d", i, r.Start, r.End)
		case p.Doc != d.ID:
			return qa.Errorf(qa.Invalid, "passage %d says that it is of document %q", i, p.Doc)
		case i > 0 && (r.Start < d.Passages[i-1].Range.Start || r == d.Passages[i-1].Range):
			return qa.Errorf(qa.Invalid, "passage %d does not come after the one before it", i)
		}
	}
	return nil
}

// digestOf stands for everything of a document that a reader or a search could see, but for its source.
func digestOf(d Document) []byte {
	h := sha256.New()
	for _, s := range []string{string(d.ID), d.Title, d.Text} {
		writeString(h, s)
	}
	writeInts(h, len(d.Marks), len(d.Passages))
	for _, m := range d.Marks {
		writeInts(h, m.At)
		writeString(h, string(m.Kind))
		writeString(h, m.Label)
	}
	for _, p := range d.Passages {
		writeInts(h, p.Range.Start, p.Range.End)
		for _, s := range []string{p.Title, p.Page, p.Heading} {
			writeString(h, s)
		}
	}
	return h.Sum(nil)
}

func writeString(h hash.Hash, s string) {
	writeInts(h, len(s))
	h.Write([]byte(s))
}

func writeInts(h hash.Hash, ints ...int) {
	var b [8]byte
	for _, i := range ints {
		h.Write(binary.LittleEndian.AppendUint64(b[:0], uint64(i)))
	}
}

// put writes files, whole, in one transaction. Of several entries of one file the last counts.
func (x *Index) put(ctx context.Context, entries []entry) error {
	return x.db.Write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx)
		if err != nil {
			return err
		}
		last := map[string]int{}
		for i, e := range entries {
			last[e.state.Path] = i
		}
		// All that goes is cleared at once: FTS5 writes what it has in memory whenever it is told to delete.
		var changed []int
		var cleared []int64
		ids := make([]int64, len(entries))
		for i, e := range entries {
			if last[e.state.Path] != i {
				continue
			}
			id, content, err := w.known(e.state.Path)
			if err != nil {
				return err
			}
			switch ids[i] = id; {
			case id == 0:
				changed = append(changed, i)
			case !slices.Equal(content, e.content):
				changed, cleared = append(changed, i), append(cleared, id)
			default:
				if err := w.state(id, e); err != nil {
					return err
				}
			}
		}
		if _, err := w.clear(cleared); err != nil {
			return err
		}
		for _, i := range changed {
			if err := w.file(ids[i], entries[i]); err != nil {
				return err
			}
		}
		return w.close()
	})
}

// known is the id of a file and the digest of what it has; 0 when there is no such file.
func (w *writer) known(path string) (id int64, content []byte, err error) {
	err = w.tx.QueryRowContext(w.ctx, "select id, content from index_files where path = ?", path).Scan(&id, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	return id, content, err
}

// file writes one file, of which there is nothing yet but perhaps its own row.
func (w *writer) file(id int64, e entry) (err error) {
	if id == 0 {
		if id, err = w.newFile(e.state.Path); err != nil {
			return err
		}
	}
	words := 0
	for i, d := range e.docs {
		n, err := w.document(id, e, i, d)
		if err != nil {
			return err
		}
		words += n
	}
	if _, err := w.tx.ExecContext(w.ctx, "update index_files set documents = ?, passages = ?, words = ?, bytes = ?, content = ? where id = ?",
		len(e.docs), e.passages(), words, e.bytes(), e.content, id); err != nil {
		return err
	}
	return w.state(id, e)
}
