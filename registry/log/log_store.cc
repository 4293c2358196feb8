#include "registry/log/log_store.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;

constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE leaf (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE node (
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX node_leaf ON node (hash) WHERE level = 0;
-- By the index of the leaf that names it; zstd frames.
CREATE TABLE catalog (
  leaf INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;
-- Sizes that had a checkpoint; the newest with its note.
CREATE TABLE published (size INTEGER PRIMARY KEY, note TEXT) STRICT;
-- How far each source was read.
CREATE TABLE mark (
  source TEXT PRIMARY KEY,
  commit_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Bytes of files that leaves name, each a zstd frame.
CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;
)sql",
    R"sql(
DROP TABLE catalog;
-- One row: the replay that made what is below of the leaves.
CREATE TABLE reading (rules INTEGER NOT NULL, is_sound INTEGER NOT NULL) STRICT;
)sql",
    kLeafLookupSchema,
    kCatalogSchema,
};

absl::Status AddLeaves(SqliteDatabase& database, const LogBatch& batch) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement leaf,
                          database.Prepare("INSERT INTO leaf VALUES (?1, ?2)"));
  int64_t index = batch.first;
  for (const std::string& bytes : batch.leaves) {
    ORRERY_RETURN_IF_ERROR(leaf.Bind(1, index).BindBlob(2, bytes).Run());
    ORRERY_RETURN_IF_ERROR(AddToLookup(database, index, bytes));
    ++index;
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement node,
      database.Prepare("INSERT INTO node VALUES (?1, ?2, ?3)"));
  for (const TreeNode& added : batch.nodes) {
    ORRERY_RETURN_IF_ERROR(node.Bind(1, added.level)
                               .Bind(2, added.index)
                               .BindBlob(3, added.hash.bytes())
                               .Run());
  }
  return absl::OkStatus();
}

absl::Status RereadLeaves(SqliteDatabase& database) {
  ORRERY_RETURN_IF_ERROR(ClearLookup(database));
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT idx, bytes FROM leaf ORDER BY idx"));
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(AddToLookup(database, query.Int(0), query.Blob(1)));
  }
}

absl::Status RereadCatalog(SqliteDatabase& database,
                           const CatalogUpdate& catalog) {
  ORRERY_RETURN_IF_ERROR(ClearCatalogs(database));
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement newest,
                          database.Prepare("SELECT max(idx) FROM leaf"));
  ORRERY_RETURN_IF_ERROR(newest.Step().status());
  ORRERY_ASSIGN_OR_RETURN(const CatalogName name,
                          NameCatalog(database, catalog));
  return PutCatalog(database, newest.Int(0), name.digest, catalog);
}

absl::Status PutReading(SqliteDatabase& database, const LogReading& reading) {
  ORRERY_RETURN_IF_ERROR(database.Execute("DELETE FROM reading"));
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO reading VALUES (?1, ?2)"));
  return put.Bind(1, reading.rules).Bind(2, reading.is_sound ? 1 : 0).Run();
}

absl::Status PutMark(SqliteDatabase& database, const ReadMark& mark) {
  if (!mark.commit.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement drop,
        database.Prepare("DELETE FROM mark WHERE source = ?1"));
    return drop.BindText(1, mark.source).Run();
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT OR REPLACE INTO mark VALUES (?1, ?2)"));
  return put.BindText(1, mark.source).BindText(2, *mark.commit).Run();
}

absl::StatusOr<std::string> Unpack(const SqliteStatement& row, int size,
                                   int packed) {
  absl::StatusOr<std::string> bytes =
      UnpackContent(row.Blob(packed), static_cast<uint64_t>(row.Int(size)));
  if (!bytes.ok()) return LogDamage(bytes.status().message());
  return bytes;
}

absl::Status Missing(absl::string_view what, const Digest& digest) {
  return absl::NotFoundError(
      absl::StrCat("there is no ", what, " ", digest.Hex()));
}

}  // namespace

absl::Status LogDamage(absl::string_view what) {
  return WithReason(absl::DataLossError(what), kDatabaseDamaged,
                    {{"file", kLogFile}});
}

absl::Status AsLogDamage(const absl::Status& status) {
  const ErrorReason known = ReasonOf(status);
  const auto file = known.metadata.find("file");
  if (known.reason != kDatabaseDamaged || file == known.metadata.end() ||
      file->second != kLogFile) {
    return status;
  }
  return WithReason(absl::InternalError(absl::StrCat(
                        "the log is damaged (", status.message(), "); restore ",
                        kLogFile, " and keys/ together from a backup")),
                    known.reason, known.metadata);
}

LogStore::LogStore(const std::string& path,
                   std::unique_ptr<SqliteWriter> writer)
    : writer_(std::move(writer)), readers_(path, kMigrations) {}

absl::StatusOr<std::unique_ptr<LogStore>> LogStore::Open(
    const std::string& path, const Options& options) {
  absl::StatusOr<std::unique_ptr<SqliteWriter>> writer =
      SqliteWriter::Open(path, kMigrations, options);
  if (absl::IsDataLoss(writer.status())) {
    return absl::DataLossError(absl::StrCat(
        "the log ", path, " is damaged (", writer.status().message(),
        "); restore it from a backup, or begin a new log in another data "
        "directory"));
  }
  ORRERY_RETURN_IF_ERROR(writer.status());
  // The catalog, which is read before every append.
  ORRERY_RETURN_IF_ERROR((*writer)->Execute("PRAGMA cache_size = -16384"));
  return std::unique_ptr<LogStore>(new LogStore(path, *std::move(writer)));
}

absl::Status LogStore::Append(const LogBatch& batch) {
  const auto write = [&batch](SqliteDatabase& database) -> absl::Status {
    if (batch.mark.has_value()) {
      ORRERY_RETURN_IF_ERROR(PutMark(database, *batch.mark));
    }
    if (batch.leaves.empty()) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(AddLeaves(database, batch));
    const int64_t last =
        batch.first + static_cast<int64_t>(batch.leaves.size()) - 1;
    return PutCatalog(database, last, batch.catalog_digest, batch.catalog);
  };
  return batch.leaves.empty() ? writer_->WriteAhead(write)
                              : writer_->Write(write);
}

absl::StatusOr<CatalogName> LogStore::NameCatalog(const CatalogUpdate& update) {
  CatalogName name;
  ORRERY_RETURN_IF_ERROR(
      writer_->Read([&](SqliteDatabase& database) -> absl::Status {
        ORRERY_ASSIGN_OR_RETURN(name, registry::NameCatalog(database, update));
        return absl::OkStatus();
      }));
  return name;
}

absl::StatusOr<std::optional<LogReading>> LogStore::Reading() {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT rules, is_sound FROM reading"));
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return std::optional<LogReading>();
  return std::optional<LogReading>(
      {static_cast<int>(query.Int(0)), query.Int(1) != 0});
}

absl::Status LogStore::Reread(const LogReading& reading,
                              const std::optional<CatalogUpdate>& catalog) {
  return writer_->Write([&](SqliteDatabase& database) -> absl::Status {
    ORRERY_RETURN_IF_ERROR(RereadLeaves(database));
    if (catalog.has_value()) {
      ORRERY_RETURN_IF_ERROR(RereadCatalog(database, *catalog));
    }
    return PutReading(database, reading);
  });
}

absl::Status LogStore::PutContents(const std::vector<PackedContent>& contents) {
  if (contents.empty()) return absl::OkStatus();
  return writer_->WriteAhead([&contents](
                                 SqliteDatabase& database) -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement put,
        database.Prepare("INSERT OR IGNORE INTO content(digest, size, packed) "
                         "VALUES (?1, ?2, ?3)"));
    for (const PackedContent& content : contents) {
      ORRERY_RETURN_IF_ERROR(put.BindBlob(1, content.digest.bytes())
                                 .Bind(2, static_cast<int64_t>(content.size))
                                 .BindBlob(3, content.packed)
                                 .Run());
    }
    return absl::OkStatus();
  });
}

absl::Status LogStore::PutCheckpoint(int64_t size, absl::string_view note) {
  return writer_->Write([size, note](SqliteDatabase& database) -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement clear,
        database.Prepare(
            "UPDATE published SET note = NULL WHERE note IS NOT NULL"));
    ORRERY_RETURN_IF_ERROR(clear.Run());
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement put,
        database.Prepare("INSERT OR REPLACE INTO published VALUES (?1, ?2)"));
    return put.Bind(1, size).BindText(2, note).Run();
  });
}

absl::StatusOr<int64_t> LogStore::Size() {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT coalesce(max(idx) + 1, 0) FROM leaf"));
  ORRERY_RETURN_IF_ERROR(query.Step().status());
  return query.Int(0);
}

absl::StatusOr<std::optional<LogStore::Checkpoint>> LogStore::ReadCheckpoint() {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare(
          "SELECT size, note FROM published ORDER BY size DESC LIMIT 1"));
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return std::optional<Checkpoint>();
  return std::optional<Checkpoint>({query.Int(0), std::string(query.Text(1))});
}

absl::StatusOr<std::string> LogStore::ReadMarkOf(absl::string_view source) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT commit_id FROM mark WHERE source = ?1"));
  query.BindText(1, source);
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  return there ? std::string(query.Text(0)) : std::string();
}

absl::StatusOr<std::vector<std::string>> LogStore::MarkedSources() {
  return SourcesWhere("true");
}

absl::StatusOr<std::vector<std::string>> LogStore::ReadSources() {
  return SourcesWhere("commit_id != ''");
}

absl::StatusOr<std::vector<std::string>> LogStore::SourcesWhere(
    absl::string_view condition) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement query,
                          reader->Prepare(absl::StrCat(
                              "SELECT source FROM mark WHERE ", condition)));
  std::vector<std::string> sources;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return sources;
    sources.emplace_back(query.Text(0));
  }
}

absl::StatusOr<bool> LogStore::Has(const Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT 1 FROM content WHERE digest = ?1"));
  return query.BindBlob(1, digest.bytes()).Step();
}

absl::Status LogStore::VisitLeaves(int64_t first, int64_t count,
                                   const LeafVisitor& visit) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT idx, bytes FROM leaf WHERE idx >= ?1 "
                      "ORDER BY idx LIMIT ?2"));
  query.Bind(1, first).Bind(2, count);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(visit(query.Int(0), query.Blob(1)));
  }
}

absl::Status LogStore::ReadWith(
    const std::function<absl::Status(SqliteDatabase&)>& body) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  return reader->ReadTransaction([&] { return body(*reader); });
}

absl::Status LogStore::VisitLeavesOf(absl::string_view package, int64_t size,
                                     const LeafVisitor& visit) {
  return ReadWith([&](SqliteDatabase& reader) {
    return registry::VisitLeavesOf(reader, package, size, visit);
  });
}

absl::StatusOr<LogOutline> LogStore::ReadOutline(int64_t size) {
  LogOutline outline;
  ORRERY_RETURN_IF_ERROR(ReadWith([&](SqliteDatabase& reader) -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(outline, registry::ReadOutline(reader, size));
    return absl::OkStatus();
  }));
  return outline;
}

absl::StatusOr<std::string> LogStore::Hashes(int level, int64_t first,
                                             int64_t count) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT hash FROM node WHERE level = ?1 AND idx >= ?2 "
                      "ORDER BY idx LIMIT ?3"));
  query.Bind(1, level).Bind(2, first).Bind(3, count);
  std::string hashes;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return hashes;
    hashes.append(query.Blob(0).data(), query.Blob(0).size());
  }
}

absl::StatusOr<bool> LogStore::IsPublished(int64_t first, int64_t last) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT EXISTS (SELECT 1 FROM published "
                      "WHERE size BETWEEN ?1 AND ?2)"));
  query.Bind(1, first).Bind(2, last);
  ORRERY_RETURN_IF_ERROR(query.Step().status());
  return query.Int(0) != 0;
}

absl::StatusOr<LogStore::Leaf> LogStore::ReadLeaf(const Digest& hash) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT leaf.idx, bytes FROM leaf JOIN node ON level = 0 "
                      "AND node.idx = leaf.idx WHERE hash = ?1"));
  query.BindBlob(1, hash.bytes());
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return Missing("leaf", hash);
  return Leaf{query.Int(0), std::string(query.Blob(1))};
}

absl::StatusOr<std::string> LogStore::ReadCatalog(const Digest& digest) {
  std::string text;
  ORRERY_RETURN_IF_ERROR(ReadWith([&](SqliteDatabase& reader) -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<int64_t> leaf,
                            FindCatalog(reader, digest));
    if (!leaf.has_value()) return Missing("catalog", digest);
    ORRERY_ASSIGN_OR_RETURN(text, registry::ReadCatalogAt(reader, *leaf));
    return absl::OkStatus();
  }));
  if (Digest::Of(text) == digest) return text;
  return LogDamage(
      absl::StrCat("the stored catalog ", digest.Hex(), " is damaged"));
}

absl::StatusOr<std::string> LogStore::ReadCatalogAt(int64_t leaf,
                                                    absl::string_view package) {
  std::string text;
  ORRERY_RETURN_IF_ERROR(ReadWith([&](SqliteDatabase& reader) -> absl::Status {
    ORRERY_ASSIGN_OR_RETURN(text,
                            registry::ReadCatalogAt(reader, leaf, package));
    return absl::OkStatus();
  }));
  return text;
}

absl::StatusOr<std::string> LogStore::Read(const Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT size, packed FROM content WHERE digest = ?1"));
  query.BindBlob(1, digest.bytes());
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return Missing("file", digest);
  ORRERY_ASSIGN_OR_RETURN(std::string bytes, Unpack(query, 0, 1));
  if (Digest::Of(bytes) == digest) return bytes;
  return LogDamage(
      absl::StrCat("the stored file ", digest.Hex(), " is damaged"));
}

absl::StatusOr<PackedContent> LogStore::ReadPacked(const Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, readers_.Take());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      reader->Prepare("SELECT size, packed FROM content WHERE digest = ?1"));
  query.BindBlob(1, digest.bytes());
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return Missing("file", digest);
  return PackedContent{digest, static_cast<uint64_t>(query.Int(0)),
                       std::string(query.Blob(1))};
}

}  // namespace orrery::registry
