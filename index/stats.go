package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
)

// Stats is how large a corpus is.
type Stats struct {
	Files     int // all, with those that could not be read
	Failed    int
	Documents int
	Passages  int
	Words     int   // of the passages, as the search counts them: grams in scripts without spaces
	Bytes     int64 // of the documents' texts
	// Digest stands for all documents (ids, titles, texts, marks) and their passages, whatever order they were added in and
	// wherever their files lie: SHA-256 over those of the documents, by id.
	Digest string
}

// Stats counts, and reads one row of each document for the digest.
func (x *Index) Stats(ctx context.Context) (s Stats, err error) {
	err = x.db.View(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `select count(*), coalesce(sum(error != ''), 0), coalesce(sum(documents), 0), coalesce(sum(passages), 0),
			coalesce(sum(words), 0), coalesce(sum(bytes), 0) from index_files`).Scan(&s.Files, &s.Failed, &s.Documents, &s.Passages, &s.Words, &s.Bytes); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "select content from index_documents order by name")
		if err != nil {
			return err
		}
		defer rows.Close()
		h := sha256.New()
		for rows.Next() {
			var content sql.RawBytes
			if err := rows.Scan(&content); err != nil {
				return err
			}
			h.Write(content)
		}
		s.Digest = hex.EncodeToString(h.Sum(nil))
		return rows.Err()
	})
	return s, err
}
