package index

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
)

// writer is one transaction that changes the index.
type writer struct {
	ctx context.Context // of the call that made it, which it does not outlive
	tx  *sql.Tx

	insertDocument, insertText, insertPassage, insertTerms *sql.Stmt

	passages, words           int // all there are
	nextDocument, nextPassage int64
}

func newWriter(ctx context.Context, tx *sql.Tx) (*writer, error) {
	w := &writer{ctx: ctx, tx: tx}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.insertDocument, "insert into index_documents (id, file, name, source, title, marks, bytes, first, passages, content) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
		{&w.insertText, "insert into index_texts (id, packed) values (?, ?)"},
		{&w.insertPassage, `insert into index_passages (id, document, start, "end", words, title, page, heading) values (?, ?, ?, ?, ?, ?, ?, ?)`},
		{&w.insertTerms, "insert into index_terms (rowid, title, heading, text) values (?, ?, ?, ?)"},
	} {
		var err error
		if *s.stmt, err = tx.PrepareContext(ctx, s.text); err != nil { // closed with the transaction
			return nil, err
		}
	}
	return w, tx.QueryRowContext(ctx, "select passages, words, next_document, next_passage from index_totals").
		Scan(&w.passages, &w.words, &w.nextDocument, &w.nextPassage)
}

// close writes down how things stand now.
func (w *writer) close() error {
	_, err := w.tx.ExecContext(w.ctx, "update index_totals set passages = ?, words = ?, next_document = ?, next_passage = ?",
		w.passages, w.words, w.nextDocument, w.nextPassage)
	return err
}

func (w *writer) newFile(path string) (int64, error) {
	r, err := w.tx.ExecContext(w.ctx, `insert into index_files (path, size, modified, digest, format, documents, passages, words, bytes, error, warnings, added, content)
		values (?, 0, '', '', '', 0, 0, 0, 0, '', '[]', '', x'')`, path)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// state writes what is known of the file itself.
func (w *writer) state(file int64, e entry) error {
	f := e.state
	if f.Warnings == nil {
		f.Warnings = []string{}
	}
	if f.Added.IsZero() {
		f.Added = time.Now()
	}
	warnings, err := writeJSON(f.Warnings)
	if err != nil {
		return err
	}
	_, err = w.tx.ExecContext(w.ctx, "update index_files set size = ?, modified = ?, digest = ?, format = ?, error = ?, warnings = ?, added = ? where id = ?",
		f.Size, writeTime(f.ModTime), f.Digest, f.Format, f.Error, warnings, writeTime(f.Added), file)
	return err
}

// document writes the i-th document of a file, and returns the words of its passages.
func (w *writer) document(file int64, e entry, i int, d Document) (words int, err error) {
	var other string
	err = w.tx.QueryRowContext(w.ctx, "select f.path from index_documents d join index_files f on f.id = d.file where d.name = ?", string(d.ID)).Scan(&other)
	switch {
	case err == nil:
		return 0, qa.Errorf(qa.Invalid, "index %s: its document %q is in %s already; rename one of them", e.state.Path, d.ID, other)
	case !errors.Is(err, sql.ErrNoRows):
		return 0, err
	}
	marks, err := writeJSON(d.Marks)
	if err != nil {
		return 0, err
	}
	id := w.nextDocument
	w.nextDocument++
	if _, err := w.insertDocument.ExecContext(w.ctx, id, file, string(d.ID), d.Source, d.Title, marks, len(d.Text), w.nextPassage, len(d.Passages), e.each[i]); err != nil {
		return 0, err
	}
	if err := w.text(id, d.Text); err != nil {
		return 0, err
	}
	var title, heading, text strings.Builder
	list(d.Title, &title)
	for _, p := range d.Passages {
		n, err := w.passage(id, d, p, &title, &heading, &text)
		if err != nil {
			return 0, err
		}
		words += n
	}
	w.passages += len(d.Passages)
	w.words += words
	return words, nil
}

func (w *writer) text(document int64, text string) error {
	for b := 0; b*blockSize < len(text); b++ {
		packed, err := pack(text[b*blockSize : min((b+1)*blockSize, len(text))])
		if err != nil {
			return err
		}
		if _, err := w.insertText.ExecContext(w.ctx, document*maxBlocks+int64(b), packed); err != nil {
			return err
		}
	}
	return nil
}

// passage writes one passage; title holds the terms of the document's title, heading and text are for use.
func (w *writer) passage(document int64, d Document, p qa.Passage, title, heading, text *strings.Builder) (words int, err error) {
	heading.Reset()
	text.Reset()
	list(p.Heading, heading)
	words = list(p.Text, text)
	own, titleTerms := sql.NullString{}, title.String()
	if p.Title != d.Title {
		var b strings.Builder
		list(p.Title, &b)
		own, titleTerms = sql.NullString{String: p.Title, Valid: true}, b.String()
	}
	id := w.nextPassage
	w.nextPassage++
	if _, err = w.insertPassage.ExecContext(w.ctx, id, document, p.Range.Start, p.Range.End, words, own, p.Page, p.Heading); err != nil {
		return 0, err
	}
	_, err = w.insertTerms.ExecContext(w.ctx, id, titleTerms, heading.String(), text.String())
	return words, err
}

// list writes the terms of a text with spaces between them, and returns how many there are.
func list(text string, b *strings.Builder) (n int) {
	tokens(text, func(t token) bool {
		if term := t.term(text); term != "" {
			b.WriteString(term)
			b.WriteByte(' ')
			n++
		}
		return true
	})
	return n
}

// clear removes everything of some files but their own rows.
func (w *writer) clear(files []int64) (removed RemovedCounts, err error) {
	if len(files) == 0 {
		return removed, nil
	}
	ids, err := writeJSON(files)
	if err != nil {
		return removed, err
	}
	const these = " (select value from json_each(?))"
	var words int
	if err = w.tx.QueryRowContext(w.ctx, "select count(*), sum(documents), sum(passages), sum(words) from index_files where id in"+these, ids).
		Scan(&removed.Files, &removed.Documents, &removed.Passages, &words); err != nil {
		return removed, err
	}
	const passages = "(select p.id from index_documents d join index_passages p on p.id >= d.first and p.id < d.first + d.passages where d.file in" + these + ")"
	for _, s := range []string{
		"delete from index_terms where rowid in " + passages,
		"delete from index_passages where id in " + passages,
		"delete from index_texts where id in (select t.id from index_documents d join index_texts t on t.id >= d.id * 1048576 and t.id < (d.id + 1) * 1048576 where d.file in" + these + ")",
		"delete from index_documents where file in" + these,
	} {
		if _, err = w.tx.ExecContext(w.ctx, s, ids); err != nil {
			return removed, err
		}
	}
	w.passages -= removed.Passages
	w.words -= words
	return removed, nil
}
