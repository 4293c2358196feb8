#include "registry/index_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/content_packer.h"
#include "registry/index_record.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE source (
  name TEXT PRIMARY KEY,
  origin TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  packages_tree TEXT NOT NULL,
  rules_version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  error TEXT NOT NULL,
  remote_commit TEXT NOT NULL,
  last_success_time INTEGER,
  last_change_time INTEGER
) STRICT;

-- Paths are blobs: git knows no encoding.
CREATE TABLE entry (
  source TEXT NOT NULL,
  directory BLOB NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (source, directory)
) STRICT;

CREATE TABLE revision (
  source TEXT NOT NULL,
  directory BLOB NOT NULL,
  revision INTEGER NOT NULL,
  tree BLOB,
  commit_id TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (source, directory, revision)
) STRICT, WITHOUT ROWID;

-- By SHA-256; each a zstd frame.
CREATE TABLE content (
  digest BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;
)sql",
};

// A thread that reads keeps its connection for the next; more are closed.
constexpr size_t kMaxIdleReaders = 8;

void BindTime(SqliteStatement& statement, int index,
              const std::optional<absl::Time>& time) {
  if (time.has_value()) {
    statement.Bind(index, absl::ToUnixMicros(*time));
  } else {
    statement.BindNull(index);
  }
}

std::optional<absl::Time> TimeAt(const SqliteStatement& statement, int column) {
  if (statement.IsNull(column)) return std::nullopt;
  return absl::FromUnixMicros(statement.Int(column));
}

absl::string_view IdBytes(const ObjectId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

absl::Status WriteSource(SqliteDatabase& database, const StoredSource& source) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT OR REPLACE INTO source "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  put.BindText(1, source.name)
      .BindText(2, source.origin)
      .BindText(3, source.commit)
      .BindText(4, source.packages_tree)
      .Bind(5, source.rules_version)
      .Bind(6, source.state)
      .BindText(7, source.error)
      .BindText(8, source.remote_commit);
  BindTime(put, 9, source.last_success_time);
  BindTime(put, 10, source.last_change_time);
  return put.Run();
}

absl::Status WriteContents(SqliteDatabase& database,
                           const std::vector<PackedContent>& contents) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT OR IGNORE INTO content VALUES (?1, ?2, ?3)"));
  for (const PackedContent& content : contents) {
    put.BindBlob(1, content.digest.bytes())
        .Bind(2, static_cast<int64_t>(content.size))
        .BindBlob(3, content.packed);
    ORRERY_RETURN_IF_ERROR(put.Run());
  }
  return absl::OkStatus();
}

absl::Status WriteEntries(SqliteDatabase& database, const IndexChange& change) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement erase,
      database.Prepare(
          "DELETE FROM entry WHERE source = ?1 AND directory = ?2"));
  for (const std::string& directory : change.erase) {
    erase.BindText(1, change.source.name).BindBlob(2, directory);
    ORRERY_RETURN_IF_ERROR(erase.Run());
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3)"));
  for (const IndexEntry* entry : change.put) {
    put.BindText(1, change.source.name)
        .BindBlob(2, entry->release->directory)
        .BindBlob(3, EncodeIndexEntry(*entry));
    ORRERY_RETURN_IF_ERROR(put.Run());
  }
  return absl::OkStatus();
}

absl::Status WriteRevisions(SqliteDatabase& database,
                            const IndexChange& change) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare(
          "INSERT INTO revision SELECT ?1, ?2, "
          "1 + coalesce(max(revision), 0), ?3, ?4, ?5 FROM revision "
          "WHERE source = ?1 AND directory = ?2"));
  for (const ReleaseRevision& revision : change.revisions) {
    put.BindText(1, change.source.name).BindBlob(2, revision.directory);
    if (revision.tree.has_value()) put.BindBlob(3, IdBytes(*revision.tree));
    put.BindText(4, revision.commit)
        .Bind(5, absl::ToUnixSeconds(revision.time));
    ORRERY_RETURN_IF_ERROR(put.Run());
  }
  return absl::OkStatus();
}

}  // namespace

IndexStore::IndexStore(std::string path, std::unique_ptr<SqliteDatabase> writer)
    : path_(std::move(path)), writer_(std::move(writer)) {}

absl::StatusOr<std::unique_ptr<IndexStore>> IndexStore::Open(
    const std::string& path, const Options& options) {
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> writer,
                          SqliteDatabase::Open(path, kMigrations));
  if (!options.durable) {
    ORRERY_RETURN_IF_ERROR(writer->Execute("PRAGMA synchronous = OFF"));
  }
  return std::unique_ptr<IndexStore>(new IndexStore(path, std::move(writer)));
}

absl::StatusOr<std::vector<StoredSource>> IndexStore::LoadSources() {
  const MutexLock lock(&writer_mutex_);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      writer_->Prepare("SELECT * FROM source ORDER BY name"));
  std::vector<StoredSource> sources;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return sources;
    StoredSource& source = sources.emplace_back();
    source.name = std::string(query.Text(0));
    source.origin = std::string(query.Text(1));
    source.commit = std::string(query.Text(2));
    source.packages_tree = std::string(query.Text(3));
    source.rules_version = static_cast<int>(query.Int(4));
    source.state = static_cast<int>(query.Int(5));
    source.error = std::string(query.Text(6));
    source.remote_commit = std::string(query.Text(7));
    source.last_success_time = TimeAt(query, 8);
    source.last_change_time = TimeAt(query, 9);
  }
}

absl::StatusOr<std::vector<IndexEntry>> IndexStore::LoadEntries(
    const std::string& source) {
  const MutexLock lock(&writer_mutex_);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      writer_->Prepare("SELECT record FROM entry WHERE source = ?1 "
                       "ORDER BY directory"));
  query.BindText(1, source);
  std::vector<IndexEntry> entries;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return entries;
    ORRERY_ASSIGN_OR_RETURN(IndexEntry entry,
                            DecodeIndexEntry(query.Blob(0), source));
    entries.push_back(std::move(entry));
  }
}

absl::StatusOr<std::vector<ReleaseRevision>> IndexStore::LoadRevisions(
    const std::string& source) {
  const MutexLock lock(&writer_mutex_);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      writer_->Prepare("SELECT directory, tree, commit_id, time FROM revision "
                       "WHERE source = ?1 ORDER BY directory, revision"));
  query.BindText(1, source);
  std::vector<ReleaseRevision> revisions;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return revisions;
    ReleaseRevision& revision = revisions.emplace_back();
    revision.directory = std::string(query.Blob(0));
    if (!query.IsNull(1)) {
      const absl::string_view bytes = query.Blob(1);
      ObjectId& id = revision.tree.emplace();
      std::copy_n(bytes.begin(), std::min(bytes.size(), id.bytes.size()),
                  id.bytes.begin());
    }
    revision.commit = std::string(query.Text(2));
    revision.time = absl::FromUnixSeconds(query.Int(3));
  }
}

absl::Status IndexStore::Apply(const IndexChange& change) {
  const MutexLock lock(&writer_mutex_);
  SqliteDatabase& database = *writer_;
  return database.Transaction([&database, &change]() -> absl::Status {
    ORRERY_RETURN_IF_ERROR(WriteContents(database, change.contents));
    ORRERY_RETURN_IF_ERROR(WriteEntries(database, change));
    ORRERY_RETURN_IF_ERROR(WriteRevisions(database, change));
    return WriteSource(database, change.source);
  });
}

absl::Status IndexStore::PutSource(const StoredSource& source) {
  const MutexLock lock(&writer_mutex_);
  return WriteSource(*writer_, source);
}

absl::Status IndexStore::EraseSource(const std::string& source) {
  const MutexLock lock(&writer_mutex_);
  SqliteDatabase& database = *writer_;
  return database.Transaction([&database, &source]() -> absl::Status {
    for (const char* sql : {"DELETE FROM entry WHERE source = ?1",
                            "DELETE FROM revision WHERE source = ?1",
                            "DELETE FROM source WHERE name = ?1"}) {
      ORRERY_ASSIGN_OR_RETURN(SqliteStatement erase, database.Prepare(sql));
      ORRERY_RETURN_IF_ERROR(erase.BindText(1, source).Run());
    }
    return absl::OkStatus();
  });
}

absl::Status IndexStore::DropContentsExcept(
    const std::function<bool(const signing::Digest&)>& used) {
  const MutexLock lock(&writer_mutex_);
  std::vector<int64_t> unused;
  {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        writer_->Prepare("SELECT rowid, digest FROM content"));
    while (true) {
      ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      const auto digest = signing::Digest::FromBytes(query.Blob(1));
      if (!digest.ok() || !used(*digest)) unused.push_back(query.Int(0));
    }
  }
  if (unused.empty()) return absl::OkStatus();
  SqliteDatabase& database = *writer_;
  return database.Transaction([&database, &unused]() -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement erase,
        database.Prepare("DELETE FROM content WHERE rowid = ?1"));
    for (const int64_t row : unused) {
      ORRERY_RETURN_IF_ERROR(erase.Bind(1, row).Run());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> IndexStore::TakeReader() {
  {
    const MutexLock lock(&readers_mutex_);
    if (!readers_.empty()) {
      std::unique_ptr<SqliteDatabase> reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  SqliteDatabase::Options options;
  options.read_only = true;
  return SqliteDatabase::Open(path_, kMigrations, options);
}

void IndexStore::GiveReaderBack(std::unique_ptr<SqliteDatabase> reader) {
  const MutexLock lock(&readers_mutex_);
  if (readers_.size() < kMaxIdleReaders) readers_.push_back(std::move(reader));
}

absl::StatusOr<std::string> IndexStore::Read(const signing::Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> reader, TakeReader());
  const absl::StatusOr<std::string> bytes =
      [&]() -> absl::StatusOr<std::string> {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        reader->Prepare("SELECT size, packed FROM content WHERE digest = ?1"));
    query.BindBlob(1, digest.bytes());
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) {
      return absl::NotFoundError(
          absl::StrCat("content sha256:", digest.Hex(), " is not stored"));
    }
    return UnpackContent(query.Blob(1), static_cast<uint64_t>(query.Int(0)));
  }();
  GiveReaderBack(std::move(reader));
  if (bytes.ok() && signing::Digest::Of(*bytes) != digest) {
    return absl::DataLossError(
        absl::StrCat("stored content sha256:", digest.Hex(), " is damaged"));
  }
  return bytes;
}

}  // namespace orrery::registry
