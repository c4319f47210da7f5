// Package index keeps the passages of a corpus on disk and finds those that may answer a question. It stores documents and
// passages as they were cut elsewhere and knows nothing of file formats; all of it lies in the project's one SQLite file.
//
// A text becomes terms here, not in SQLite: words are folded and English endings cut, scripts that put no spaces between words
// become overlapping grams. An FTS5 table holds the terms without the text, and proposes passages by its bm25; the best of them
// are ranked anew by a BM25 whose parameters can be chosen, which also explains its scores.
package index

import (
	"context"

	"github.com/tryall/tryall/internal/sqlite"
)

// Index is the corpus of one project. It may be used from several goroutines and processes at once.
type Index struct {
	db    *sqlite.DB
	known frequencies
}

// Open brings the index's tables in db to the newest schema. db stays the caller's to close.
func Open(ctx context.Context, db *sqlite.DB) (*Index, error) {
	if err := db.Migrate(ctx, "index", schema); err != nil {
		return nil, err
	}
	return &Index{db: db}, nil
}

// schema has one step per version; a step that was released never changes.
//
// Ids of documents and passages are never used again, and those of one document's passages follow one another from
// "first" on. A text lies in blocks of blockSize bytes; block b of document d has the id d*maxBlocks+b.
var schema = []string{`
create table index_files (
	id integer primary key,
	path text not null unique,
	size integer not null,
	modified text not null,
	digest text not null,
	format text not null,
	documents integer not null,
	passages integer not null,
	words integer not null,
	bytes integer not null,
	error text not null,
	warnings text not null, -- JSON
	added text not null,
	content blob not null -- digest of the documents, so that equal ones are not indexed again
) strict;
create table index_documents (
	id integer primary key,
	file integer not null references index_files (id),
	name text not null unique,
	source text not null,
	title text not null,
	marks text not null, -- JSON
	bytes integer not null,
	first integer not null,
	passages integer not null,
	content blob not null -- digest
) strict;
create index index_documents_of_file on index_documents (file);
create table index_texts (
	id integer primary key,
	packed blob not null
) strict;
create table index_passages (
	id integer primary key,
	document integer not null, -- no foreign key: it would look through all passages for each document that goes
	start integer not null,
	"end" integer not null,
	words integer not null,
	title text, -- null where it is the document's
	page text not null,
	heading text not null
) strict;
create virtual table index_terms using fts5 (title, heading, text, content='', contentless_delete=1, tokenize='ascii');
create table index_totals (
	id integer primary key check (id = 1),
	passages integer not null,
	words integer not null,
	next_document integer not null,
	next_passage integer not null
) strict;
insert into index_totals values (1, 0, 0, 1, 1);
`}
