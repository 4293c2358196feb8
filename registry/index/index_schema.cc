#include "registry/index/index_schema.h"

namespace orrery::registry {
namespace {

constexpr const char* kMigrations[] = {
    // What the first schema held is read from git again.
    "",
    R"sql(
DROP TABLE IF EXISTS source;
DROP TABLE IF EXISTS entry;
DROP TABLE IF EXISTS revision;
DROP TABLE IF EXISTS content;

-- One row, of the newest snapshot; the second counts the rows of `listed`.
CREATE TABLE state (
  generation INTEGER NOT NULL,
  listed INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (0, 0);

CREATE TABLE source (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL DEFAULT '',
  commit_id TEXT NOT NULL DEFAULT '',
  packages_tree TEXT NOT NULL DEFAULT '',
  rules_version INTEGER NOT NULL DEFAULT 0,
  state INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  remote_commit TEXT NOT NULL DEFAULT '',
  last_success_time INTEGER,
  last_change_time INTEGER,
  -- The version that is served, and whether rows of the next one may be there.
  version INTEGER NOT NULL DEFAULT 0,
  staged INTEGER NOT NULL DEFAULT 0,
  counts TEXT NOT NULL DEFAULT ''
) STRICT;

-- Ids of sources that are gone and whose rows are not yet.
CREATE TABLE retired (source INTEGER PRIMARY KEY) STRICT;

-- A row belongs to the versions from `born` to before `died`. Paths are blobs:
-- git knows no encoding.
CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL,
  directory BLOB NOT NULL,
  born INTEGER NOT NULL,
  died INTEGER,
  object BLOB NOT NULL,
  mode INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_place ON entry (source, directory, born);
CREATE INDEX entry_died ON entry (source, died) WHERE died IS NOT NULL;
CREATE INDEX entry_refused ON entry (source, directory) WHERE verdict = 1;

-- What served releases name that others may name too; of the newest version.
CREATE TABLE reference (
  source INTEGER NOT NULL,
  key INTEGER NOT NULL,
  directory BLOB NOT NULL,
  PRIMARY KEY (source, key, directory)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  source INTEGER NOT NULL,
  directory BLOB NOT NULL,
  revision INTEGER NOT NULL,
  tree BLOB,
  commit_id BLOB NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (source, directory, revision)
) STRICT, WITHOUT ROWID;

-- By SHA-256, with the number of rows in `entry` that have it.
CREATE TABLE content (
  digest BLOB PRIMARY KEY,
  packed INTEGER NOT NULL,
  uses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Each a zstd frame.
CREATE TABLE packed (
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

-- The visible packages of the newest snapshot. Rows ascend with places.
CREATE TABLE listed (
  row INTEGER PRIMARY KEY,
  place TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  squashed TEXT NOT NULL
) STRICT;
CREATE INDEX listed_squashed ON listed (squashed);
-- `detail=column` is enough for words and prefixes; the prefix index serves
-- the short ones, which match much.
CREATE VIRTUAL TABLE search USING fts5(squashed, name, tags, text,
                                       detail=column, prefix='1 2 3');
)sql",
    R"sql(
-- What the relations of an entry name (RelationMentions).
CREATE TABLE mention (
  source INTEGER NOT NULL,
  name TEXT NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (source, name, entry)
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
-- So that a restart forgets neither (LookSchedule).
ALTER TABLE source ADD COLUMN failing_since INTEGER;
ALTER TABLE source ADD COLUMN paused_until INTEGER;
)sql",
    R"sql(
-- Whether the entry is the one that was logged, while git has a refused one.
ALTER TABLE entry ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN refuses INTEGER NOT NULL
  GENERATED ALWAYS AS (kept = 1 OR verdict = 1) VIRTUAL;
DROP INDEX entry_refused;
CREATE INDEX entry_refused ON entry (source, directory) WHERE refuses = 1;
)sql",
    R"sql(
-- `search` without its long texts: what is looked for in names and tags is
-- found without a walk through all that descriptions say.
CREATE VIRTUAL TABLE named USING fts5(squashed, name, tags, detail=column,
                                      prefix='1 2 3');
INSERT INTO named(rowid, squashed, name, tags)
  SELECT rowid, squashed, name, tags FROM search;
)sql",
    R"sql(
-- The folder of maintainers' statements at the commit, and what was told of
-- those that are not logged (EncodeReports).
ALTER TABLE source ADD COLUMN trust_tree TEXT NOT NULL DEFAULT '';
ALTER TABLE source ADD COLUMN reports TEXT NOT NULL DEFAULT '';
)sql",
};

}  // namespace

SqliteDatabase::Migrations IndexMigrations() { return kMigrations; }

}  // namespace orrery::registry
