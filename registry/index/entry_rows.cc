#include "registry/index/entry_rows.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/release_directory.h"
#include "registry/index/content_rows.h"
#include "registry/index/index_record.h"
#include "resolver/package_name.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::string_view IdBytes(const ObjectId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

// From columns `object`, `mode`, `verdict`, `kept`, the first of which is
// `column`.
IndexedPlace PlaceAt(const SqliteStatement& row, int column) {
  IndexedPlace place;
  const absl::string_view id = row.Blob(column);
  std::copy_n(id.begin(), std::min(id.size(), place.id.bytes.size()),
              place.id.bytes.begin());
  place.mode = static_cast<uint32_t>(row.Int(column + 1));
  place.verdict = static_cast<Verdict>(row.Int(column + 2));
  place.kept = row.Int(column + 3) != 0;
  return place;
}

// From columns `directory`, `object`, `mode`, `verdict`, `kept`, `record`.
absl::StatusOr<IndexEntry> EntryAt(const SqliteStatement& row,
                                   const SourceVersion& source) {
  ORRERY_ASSIGN_OR_RETURN(
      IndexEntry entry,
      DecodeIndexEntry(row.Blob(5), source.name, row.Blob(0)));
  const IndexedPlace place = PlaceAt(row, 1);
  entry.id = place.id;
  entry.mode = place.mode;
  entry.verdict = place.verdict;
  entry.kept = place.kept;
  return entry;
}

// A row that goes, with what it uses.
struct GoingRow {
  int64_t id;
  int64_t source;
  IndexEntry entry;
};

// From `id`, `directory`, `record`, `source`. A damaged record gives what
// it uses away for ever.
std::vector<GoingRow> GoingRows(SqliteStatement& query,
                                const SourceVersion& source,
                                absl::Status& status) {
  std::vector<GoingRow> rows;
  while (true) {
    const absl::StatusOr<bool> more = query.Step();
    status.Update(more.status());
    if (!more.ok() || !*more) return rows;
    GoingRow& row = rows.emplace_back();
    row.id = query.Int(0);
    row.source = query.Int(3);
    absl::StatusOr<IndexEntry> entry =
        DecodeIndexEntry(query.Blob(2), source.name, query.Blob(1));
    if (entry.ok()) row.entry = *std::move(entry);
  }
}

// What an entry mentions goes with its row.
absl::Status WriteMentions(SqliteDatabase& database, const char* sql,
                           int64_t source, int64_t row,
                           const std::vector<std::string>& mentions) {
  for (const std::string& mention : mentions) {
    ORRERY_ASSIGN_OR_RETURN(SqliteStatement write, database.Prepare(sql));
    ORRERY_RETURN_IF_ERROR(
        write.Bind(1, source).BindText(2, mention).Bind(3, row).Run());
  }
  return absl::OkStatus();
}

absl::Status DropRows(SqliteDatabase& database, SqliteStatement& query,
                      const SourceVersion& source, size_t* dropped) {
  absl::Status status;
  const std::vector<GoingRow> rows = GoingRows(query, source, status);
  ORRERY_RETURN_IF_ERROR(status);
  query.Reset();
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement erase,
                          database.Prepare("DELETE FROM entry WHERE id = ?1"));
  for (const GoingRow& row : rows) {
    if (row.entry.release != nullptr) {
      ORRERY_RETURN_IF_ERROR(
          ReleaseContents(database, row.entry.release->files));
    }
    ORRERY_RETURN_IF_ERROR(WriteMentions(
        database,
        "DELETE FROM mention WHERE source = ?1 AND name = ?2 AND entry = ?3",
        row.source, row.id, row.entry.facts.mentions));
    ORRERY_RETURN_IF_ERROR(erase.Bind(1, row.id).Run());
  }
  if (dropped != nullptr) *dropped = rows.size();
  return absl::OkStatus();
}

// The release of an entry with all its findings.
ReleasePtr WholeRelease(IndexEntry entry) {
  if (entry.compared.empty()) return std::move(entry.release);
  auto release = std::make_shared<Release>(*entry.release);
  release->findings.insert(release->findings.end(), entry.compared.begin(),
                           entry.compared.end());
  std::stable_sort(release->findings.begin(), release->findings.end(),
                   [](const Finding& a, const Finding& b) {
                     return std::tie(a.path, a.pointer, a.rule) <
                            std::tie(b.path, b.pointer, b.rule);
                   });
  return release;
}

absl::StatusOr<int64_t> RowOf(SqliteDatabase& database,
                              const SourceVersion& source,
                              const IndexEntry& entry) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT id FROM entry WHERE source = ?1 AND "
                       "directory = ?2 AND born = ?3"));
  query.Bind(1, source.source)
      .BindBlob(2, entry.release->directory)
      .Bind(3, source.version);
  ORRERY_RETURN_IF_ERROR(query.Step().status());
  return query.Int(0);
}

absl::Status InsertEntry(SqliteDatabase& database, const SourceVersion& source,
                         const IndexEntry& entry) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO entry(source, directory, born, object, "
                       "mode, verdict, kept, record) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  put.Bind(1, source.source)
      .BindBlob(2, entry.release->directory)
      .Bind(3, source.version)
      .BindBlob(4, IdBytes(entry.id))
      .Bind(5, entry.mode)
      .Bind(6, static_cast<int64_t>(entry.verdict))
      .Bind(7, entry.kept ? 1 : 0)
      .BindBlob(8, EncodeIndexEntry(entry));
  ORRERY_RETURN_IF_ERROR(put.Run());
  if (entry.facts.mentions.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const int64_t row, RowOf(database, source, entry));
  return WriteMentions(database, "INSERT INTO mention VALUES (?1, ?2, ?3)",
                       source.source, row, entry.facts.mentions);
}

// Visits the entries of a package with that verdict in any version of
// [`first`, `source.version`], with the versions [born, died) that have it.
absl::Status VisitEntriesOf(
    SqliteDatabase& database, int64_t first, const SourceVersion& source,
    absl::string_view package, Verdict verdict,
    const std::function<void(IndexEntry entry, int64_t born, int64_t died)>&
        visit) {
  // There is nothing in the version before the first.
  if (source.version == 0 || !resolver::PackageName::Parse(package).ok()) {
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare(
          "SELECT directory, object, mode, verdict, kept, record, "
          "born, coalesce(died, ?6) FROM entry WHERE source = ?1 AND "
          "directory > ?2 AND directory < ?3 AND born <= ?4 AND "
          "(died IS NULL OR died > ?7) AND verdict = ?5"));
  // '0' follows '/'.
  const std::string folder = PackageFolder(source.folder, package);
  query.Bind(1, source.source)
      .BindBlob(2, absl::StrCat(folder, "/"))
      .BindBlob(3, absl::StrCat(folder, "0"))
      .Bind(4, source.version)
      .Bind(5, static_cast<int64_t>(verdict))
      .Bind(6, std::numeric_limits<int64_t>::max())
      .Bind(7, first);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    ORRERY_ASSIGN_OR_RETURN(IndexEntry entry, EntryAt(query, source));
    visit(std::move(entry), query.Int(6), query.Int(7));
  }
}

void SortHighestFirst(std::vector<IndexEntry>* entries) {
  std::sort(entries->begin(), entries->end(),
            [](const IndexEntry& a, const IndexEntry& b) {
              return a.release->release > b.release->release;
            });
}

// The entries of a package with that verdict, highest release first.
absl::StatusOr<std::vector<IndexEntry>> ReadEntriesOf(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view package, Verdict verdict) {
  std::vector<IndexEntry> entries;
  ORRERY_RETURN_IF_ERROR(
      VisitEntriesOf(database, source.version, source, package, verdict,
                     [&entries](IndexEntry entry, int64_t, int64_t) {
                       entries.push_back(std::move(entry));
                     }));
  SortHighestFirst(&entries);
  return entries;
}

// Names of the packages with an entry of that verdict, sorted.
absl::StatusOr<std::vector<std::string>> ReadNames(SqliteDatabase& database,
                                                   const SourceVersion& source,
                                                   Verdict verdict) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement next,
      database.Prepare(
          "SELECT directory FROM entry WHERE source = ?1 AND "
          "directory > ?2 AND born <= ?3 AND (died IS NULL OR "
          "died > ?3) AND verdict = ?4 ORDER BY directory LIMIT 1"));
  std::vector<std::string> names;
  std::string after;
  while (true) {
    next.Bind(1, source.source)
        .BindBlob(2, after)
        .Bind(3, source.version)
        .Bind(4, static_cast<int64_t>(verdict));
    ORRERY_ASSIGN_OR_RETURN(const bool there, next.Step());
    if (!there) break;
    absl::string_view folder = next.Blob(0);
    folder = folder.substr(0, folder.rfind('/'));
    names.emplace_back(folder.substr(folder.rfind('/') + 1));
    after = absl::StrCat(folder, "0");
    next.Reset();
  }
  // `kafka-b/0` is before `kafka/0`.
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<std::optional<IndexedPlace>> FindPlace(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view directory) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT object, mode, verdict, kept FROM entry "
                       "WHERE source = ?1 AND directory = ?2 AND born <= ?3 "
                       "AND (died IS NULL OR died > ?3)"));
  query.Bind(1, source.source).BindBlob(2, directory).Bind(3, source.version);
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return std::nullopt;
  return PlaceAt(query, 0);
}

absl::Status VisitPlaces(
    SqliteDatabase& database, const SourceVersion& source,
    const std::function<absl::Status(absl::string_view directory,
                                     const IndexedPlace&)>& visit) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare(
          "SELECT directory, object, mode, verdict, kept FROM entry "
          "WHERE source = ?1 AND born <= ?2 "
          "AND (died IS NULL OR died > ?2) ORDER BY directory"));
  query.Bind(1, source.source).Bind(2, source.version);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(visit(query.Blob(0), PlaceAt(query, 1)));
  }
}

absl::StatusOr<std::optional<IndexEntry>> ReadEntry(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view directory) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT directory, object, mode, verdict, kept, record "
                       "FROM entry WHERE source = ?1 AND directory = ?2 AND "
                       "born <= ?3 AND (died IS NULL OR died > ?3)"));
  query.Bind(1, source.source).BindBlob(2, directory).Bind(3, source.version);
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return std::nullopt;
  ORRERY_ASSIGN_OR_RETURN(IndexEntry entry, EntryAt(query, source));
  return entry;
}

absl::StatusOr<std::vector<IndexEntry>> ReadPackage(SqliteDatabase& database,
                                                    const SourceVersion& source,
                                                    absl::string_view package) {
  return ReadEntriesOf(database, source, package, Verdict::kServed);
}

absl::StatusOr<PackageVersions> ReadPackageVersions(SqliteDatabase& database,
                                                    const SourceVersion& before,
                                                    const SourceVersion& after,
                                                    absl::string_view package) {
  PackageVersions versions;
  ORRERY_RETURN_IF_ERROR(
      VisitEntriesOf(database, before.version, after, package, Verdict::kServed,
                     [&](IndexEntry entry, int64_t born, int64_t died) {
                       if (born <= before.version)
                         versions.before.push_back(entry);
                       if (died > after.version)
                         versions.after.push_back(std::move(entry));
                     }));
  SortHighestFirst(&versions.before);
  SortHighestFirst(&versions.after);
  return versions;
}

absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view package) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<IndexEntry> entries,
                          ReadPackage(database, source, package));
  std::vector<ReleasePtr> releases;
  releases.reserve(entries.size());
  for (IndexEntry& entry : entries) {
    releases.push_back(WholeRelease(std::move(entry)));
  }
  return releases;
}

absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view package) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<IndexEntry> entries,
      ReadEntriesOf(database, source, package, Verdict::kOverlay));
  std::vector<ReleasePtr> overlays;
  overlays.reserve(entries.size());
  for (const IndexEntry& entry : entries) overlays.push_back(entry.release);
  return overlays;
}

absl::StatusOr<std::vector<std::string>> ReadMentioning(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view name) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT directory FROM mention "
                       "JOIN entry ON entry.id = mention.entry "
                       "WHERE mention.source = ?1 AND mention.name = ?2 AND "
                       "born <= ?3 AND (died IS NULL OR died > ?3)"));
  query.Bind(1, source.source).BindText(2, name).Bind(3, source.version);
  std::set<std::string> packages;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) break;
    absl::string_view folder = query.Blob(0);
    folder = folder.substr(0, folder.rfind('/'));
    packages.emplace(folder.substr(folder.rfind('/') + 1));
  }
  return std::vector<std::string>(packages.begin(), packages.end());
}

// The table is in this order.
absl::StatusOr<std::vector<std::string>> ReadMentions(
    SqliteDatabase& database, const SourceVersion& source,
    absl::string_view prefix) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT DISTINCT mention.name FROM mention "
                       "JOIN entry ON entry.id = mention.entry "
                       "WHERE mention.source = ?1 AND mention.name >= ?2 AND "
                       "born <= ?3 AND (died IS NULL OR died > ?3) "
                       "ORDER BY mention.name"));
  query.Bind(1, source.source).BindText(2, prefix).Bind(3, source.version);
  std::vector<std::string> mentions;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there || !absl::StartsWith(query.Blob(0), prefix)) break;
    mentions.emplace_back(query.Blob(0));
  }
  return mentions;
}

absl::StatusOr<std::vector<std::string>> ReadPackageNames(
    SqliteDatabase& database, const SourceVersion& source) {
  return ReadNames(database, source, Verdict::kServed);
}

absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
    SqliteDatabase& database, const SourceVersion& source) {
  return ReadNames(database, source, Verdict::kOverlay);
}

absl::StatusOr<std::vector<Finding>> ReadRefused(SqliteDatabase& database,
                                                 const SourceVersion& source,
                                                 size_t max_places) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT directory, object, mode, verdict, kept, record "
                       "FROM entry WHERE refuses = 1 AND source = ?1 AND "
                       "born <= ?2 AND (died IS NULL OR died > ?2) "
                       "ORDER BY directory LIMIT ?3"));
  query.Bind(1, source.source)
      .Bind(2, source.version)
      .Bind(3, static_cast<int64_t>(max_places));
  std::vector<Finding> refused;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return refused;
    ORRERY_ASSIGN_OR_RETURN(const IndexEntry entry, EntryAt(query, source));
    for (const Finding& finding : entry.release->findings) {
      if (finding.refuses) refused.push_back(finding);
    }
  }
}

absl::Status AddEntry(SqliteDatabase& database, const SourceVersion& source,
                      const IndexEntry& entry) {
  ORRERY_RETURN_IF_ERROR(UseContents(database, entry.release->files));
  return InsertEntry(database, source, entry);
}

absl::Status PutEntry(SqliteDatabase& database, const SourceVersion& source,
                      const IndexEntry& entry) {
  // Before the old row goes: what both have must not go with it.
  ORRERY_RETURN_IF_ERROR(UseContents(database, entry.release->files));
  ORRERY_RETURN_IF_ERROR(EndEntry(database, source, entry.release->directory));
  return InsertEntry(database, source, entry);
}

absl::Status PutCompared(SqliteDatabase& database, const SourceVersion& source,
                         const IndexEntry& entry) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement update,
      database.Prepare("UPDATE entry SET record = ?4 WHERE source = ?1 AND "
                       "directory = ?2 AND born = ?3 RETURNING id"));
  update.Bind(1, source.source)
      .BindBlob(2, entry.release->directory)
      .Bind(3, source.version)
      .BindBlob(4, EncodeIndexEntry(entry));
  ORRERY_ASSIGN_OR_RETURN(const bool of_this_version, update.Step());
  if (of_this_version) return absl::OkStatus();
  update.Reset();
  return PutEntry(database, source, entry);
}

absl::Status EndEntry(SqliteDatabase& database, const SourceVersion& source,
                      absl::string_view directory) {
  int64_t id = 0;
  bool of_this_version = false;
  {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database.Prepare("SELECT id, born FROM entry WHERE source = ?1 AND "
                         "directory = ?2 AND died IS NULL"));
    query.Bind(1, source.source).BindBlob(2, directory);
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    id = query.Int(0);
    of_this_version = query.Int(1) == source.version;
  }
  if (of_this_version) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database.Prepare("SELECT id, directory, record, source FROM entry "
                         "WHERE id = ?1"));
    query.Bind(1, id);
    return DropRows(database, query, source, nullptr);
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement end,
      database.Prepare("UPDATE entry SET died = ?2 WHERE id = ?1"));
  return end.Bind(1, id).Bind(2, source.version).Run();
}

absl::Status DropLaterEntries(SqliteDatabase& database,
                              const SourceVersion& source) {
  constexpr size_t kAtOnce = 1000;
  size_t dropped = kAtOnce;
  while (dropped == kAtOnce) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database.Prepare("SELECT id, directory, record, source FROM entry "
                         "WHERE source = ?1 AND born > ?2 LIMIT ?3"));
    query.Bind(1, source.source).Bind(2, source.version).Bind(3, kAtOnce);
    ORRERY_RETURN_IF_ERROR(DropRows(database, query, source, &dropped));
  }
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement revive,
                          database.Prepare("UPDATE entry SET died = NULL "
                                           "WHERE source = ?1 AND died > ?2"));
  return revive.Bind(1, source.source).Bind(2, source.version).Run();
}

absl::Status DropEndedEntries(SqliteDatabase& database,
                              const SourceVersion& source, size_t limit) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT id, directory, record, source FROM entry "
                       "WHERE source = ?1 AND died <= ?2 LIMIT ?3"));
  query.Bind(1, source.source)
      .Bind(2, source.version)
      .Bind(3, static_cast<int64_t>(limit));
  return DropRows(database, query, source, nullptr);
}

absl::StatusOr<bool> DropAllEntries(SqliteDatabase& database, int64_t source,
                                    size_t limit) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT id, directory, record, source FROM entry "
                       "WHERE source = ?1 LIMIT ?2"));
  query.Bind(1, source).Bind(2, static_cast<int64_t>(limit));
  size_t dropped = 0;
  ORRERY_RETURN_IF_ERROR(DropRows(database, query, SourceVersion(), &dropped));
  return dropped < limit;
}

}  // namespace orrery::registry
