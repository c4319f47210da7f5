package store

// schema leads from version to version; steps are only ever added.
//
// What is written often and read by key has an integer for its key, because SQLite keeps such a table in one tree whose rows lie
// where they are looked for: results and spans by track<<32 | example, cached values in the order in which they came. The
// hashes that cached values are found by lie in a table of their own, of about 60 bytes a row, so that noting when one
// was last used rewrites no value.
var schema = []string{`
create table runs (
	no integer primary key,
	id text not null unique,
	name text not null,
	created integer not null,  -- nanoseconds since 1970, as all times here
	finished integer not null, -- 0: not yet
	failed text not null,      -- the reason; empty where it did not
	winner text not null,
	verdict text not null,
	spec text not null,        -- JSON
	bakeoff text               -- JSON, once it is finished
) strict;

create table tracks ( -- a contestant in one mode of a run
	track integer primary key,
	run integer not null references runs(no) on delete cascade,
	mode text not null,
	contestant text not null,
	unique (run, mode, contestant)
) strict;

create table results (id integer primary key, body blob not null) strict;
create table spans (id integer primary key, body blob not null) strict;

create table notes (
	run integer not null references runs(no) on delete cascade,
	key text not null,
	value text not null, -- JSON
	primary key (run, key)
) strict, without rowid;

create table cache_keys (
	key blob primary key,
	id integer not null,   -- of the value
	used integer not null, -- minutes since 1970
	size integer not null,
	sum integer not null
) strict, without rowid;
create table cache_values (id integer primary key, value blob not null) strict;

create table model_settings (model text primary key, settings text not null) strict, without rowid;

create table question_sets (
	no integer primary key,
	name text not null unique,
	imported integer not null,
	format text not null,
	digest text not null,
	head text not null -- JSON: what is said of the set as a whole
) strict;
create table question_contexts (
	id integer primary key, -- set<<32 | number
	article integer not null,
	body text not null,
	extra text not null
) strict;
create table question_items (
	id integer primary key, -- set<<32 | number
	name text not null,
	labelled integer not null, -- by the file
	kept integer not null,     -- 1: no longer in the file, but somebody has judged it
	body text not null         -- JSON
) strict;
create index question_items_by_name on question_items(name);
create table judgements (
	id integer primary key,
	question_set integer not null references question_sets(no) on delete cascade,
	item text not null,
	kind text not null,
	answer text not null,
	start integer not null,
	who text not null,
	at integer not null,
	how text not null,
	weight real not null,
	question text not null, -- the item's text when it was judged
	undone integer not null -- when; 0: it stands
) strict;
create index judgements_by_set on judgements(question_set, item);
`, `
-- the document of the corpus that an answer was marked in, where the question names none and has no context of its own
alter table judgements add column document text not null default '';
`}
