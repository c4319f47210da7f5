package index

import (
	"context"
	"database/sql"

	"github.com/tryall/tryall/qa"
)

// Check looks whether the index is whole: FTS5's own check, and that files, documents, passages and terms fit together. It takes
// a while on a large corpus, and others cannot write meanwhile.
func (x *Index) Check(ctx context.Context) error {
	return x.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "insert into index_terms (index_terms) values ('integrity-check')"); err != nil {
			return qa.Errorf(qa.Invalid, "check the index: %w", err)
		}
		for _, c := range checks {
			var n int
			if err := tx.QueryRowContext(ctx, c.query).Scan(&n); err != nil {
				return err
			}
			if n != 0 {
				return qa.Errorf(qa.Invalid, "check the index: %d %s; remove the corpus and add it again", n, c.what)
			}
		}
		return nil
	})
}

// checks count what is not to be.
var checks = []struct{ what, query string }{
	{"files do not have the documents that they should", "select count(*) from index_files f where documents != (select count(*) from index_documents d where d.file = f.id)"},
	{"files do not have the passages that they should", "select count(*) from index_files f where passages != (select coalesce(sum(passages), 0) from index_documents d where d.file = f.id)"},
	{"documents belong to no file", "select count(*) from index_documents where file not in (select id from index_files)"},
	{"documents do not have the passages that they should", `select count(*) from index_documents d where passages !=
		(select count(*) from index_passages p where p.id >= d.first and p.id < d.first + d.passages and p.document = d.id)`},
	{"documents do not have their text", `select count(*) from index_documents d where (bytes + 8191) / 8192 !=
		(select count(*) from index_texts t where t.id >= d.id * 1048576 and t.id < (d.id + 1) * 1048576)`},
	{"passages belong to no document", "select count(*) from index_passages where document not in (select id from index_documents)"},
	{"texts belong to no document", "select count(*) from index_texts where id / 1048576 not in (select id from index_documents)"},
	{"passages cannot be found by their words", "select count(*) from index_passages where id not in (select rowid from index_terms)"},
	{"entries of words belong to no passage", "select count(*) from index_terms where rowid not in (select id from index_passages)"},
	{"totals are wrong", `select count(*) from index_totals where passages != (select count(*) from index_passages)
		or words != (select coalesce(sum(words), 0) from index_passages)`},
}
