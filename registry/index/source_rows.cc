#include "registry/index/source_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "registry/index/entry_rows.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

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

ObjectId IdAt(const SqliteStatement& statement, int column) {
  ObjectId id;
  const absl::string_view bytes = statement.Blob(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.bytes.size()),
              id.bytes.begin());
  return id;
}

// Lines of a name and a number.
std::string EncodeCounts(const SourceCounts& counts) {
  std::string text = absl::StrCat(
      "packages ", counts.packages, "\nreleases ", counts.releases, "\nhidden ",
      counts.hidden, "\nlegacy ", counts.legacy_releases, "\nrefused ",
      counts.refused_places, "\noverlays ", counts.overlays);
  for (const auto& [rule, count] : counts.findings) {
    absl::StrAppend(&text, "\nrule:", rule, " ", count);
  }
  return text;
}

SourceCounts DecodeCounts(absl::string_view text) {
  SourceCounts counts;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    int64_t count = 0;
    if (!absl::SimpleAtoi(parts.second, &count)) continue;
    absl::string_view name = parts.first;
    if (name == "packages") counts.packages = count;
    if (name == "releases") counts.releases = count;
    if (name == "hidden") counts.hidden = count;
    if (name == "legacy") counts.legacy_releases = count;
    if (name == "refused") counts.refused_places = count;
    if (name == "overlays") counts.overlays = count;
    if (absl::ConsumePrefix(&name, "rule:")) {
      counts.findings[std::string(name)] = count;
    }
  }
  return counts;
}

}  // namespace

absl::StatusOr<std::vector<StoredSource>> ReadSources(
    SqliteDatabase& database) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT name, origin, commit_id, packages_tree, "
                       "rules_version, state, error, remote_commit, "
                       "last_success_time, last_change_time, failing_since, "
                       "paused_until, trust_tree, reports FROM source "
                       "ORDER BY name"));
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
    source.failing_since = TimeAt(query, 10);
    source.paused_until = TimeAt(query, 11);
    source.trust_tree = std::string(query.Text(12));
    source.reports = std::string(query.Text(13));
  }
}

absl::StatusOr<std::optional<StoredIndex>> ReadIndex(SqliteDatabase& database,
                                                     absl::string_view name) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT id, version, staged, counts FROM source "
                       "WHERE name = ?1"));
  query.BindText(1, name);
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) return std::nullopt;
  StoredIndex index;
  index.source = query.Int(0);
  index.version = query.Int(1);
  index.staged = query.Int(2) != 0;
  index.counts = DecodeCounts(query.Text(3));
  return index;
}

absl::StatusOr<std::vector<ReleaseRevision>> ReadRevisions(
    SqliteDatabase& database, int64_t source) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT directory, tree, commit_id, time FROM revision "
                       "WHERE source = ?1 ORDER BY directory, revision"));
  query.Bind(1, source);
  std::vector<ReleaseRevision> revisions;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return revisions;
    ReleaseRevision& revision = revisions.emplace_back();
    revision.directory = std::string(query.Blob(0));
    if (!query.IsNull(1)) revision.tree = IdAt(query, 1);
    revision.commit = IdAt(query, 2);
    revision.time = absl::FromUnixSeconds(query.Int(3));
  }
}

absl::Status PutSource(SqliteDatabase& database, const StoredSource& source) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare(
          "INSERT INTO source(name, origin, commit_id, packages_tree, "
          "rules_version, state, error, remote_commit, last_success_time, "
          "last_change_time, failing_since, paused_until, trust_tree, "
          "reports) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
          "?12, ?13, ?14) "
          "ON CONFLICT DO UPDATE SET origin = ?2, commit_id = ?3, "
          "packages_tree = ?4, rules_version = ?5, state = ?6, error = ?7, "
          "remote_commit = ?8, last_success_time = ?9, "
          "last_change_time = ?10, failing_since = ?11, paused_until = ?12, "
          "trust_tree = ?13, reports = ?14"));
  put.BindText(1, source.name)
      .BindText(2, source.origin)
      .BindText(3, source.commit)
      .BindText(4, source.packages_tree)
      .Bind(5, source.rules_version)
      .Bind(6, source.state)
      .BindText(7, source.error)
      .BindText(8, source.remote_commit)
      .BindText(13, source.trust_tree)
      .BindText(14, source.reports);
  BindTime(put, 9, source.last_success_time);
  BindTime(put, 10, source.last_change_time);
  BindTime(put, 11, source.failing_since);
  BindTime(put, 12, source.paused_until);
  return put.Run();
}

absl::StatusOr<StoredIndex> EnsureIndex(SqliteDatabase& database,
                                        const std::string& name) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT OR IGNORE INTO source(name) VALUES (?1)"));
  ORRERY_RETURN_IF_ERROR(put.BindText(1, name).Run());
  ORRERY_ASSIGN_OR_RETURN(std::optional<StoredIndex> index,
                          ReadIndex(database, name));
  if (!index.has_value()) return absl::InternalError("a source has no row");
  return *std::move(index);
}

absl::Status PutIndex(SqliteDatabase& database, const StoredIndex& index) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("UPDATE source SET version = ?2, staged = ?3, "
                       "counts = ?4 WHERE id = ?1"));
  return put.Bind(1, index.source)
      .Bind(2, index.version)
      .Bind(3, index.staged ? 1 : 0)
      .BindText(4, EncodeCounts(index.counts))
      .Run();
}

absl::Status AddRevisions(SqliteDatabase& database, int64_t source,
                          const std::vector<ReleaseRevision>& revisions) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare(
          "INSERT INTO revision SELECT ?1, ?2, "
          "1 + coalesce(max(revision), 0), ?3, ?4, ?5 FROM revision "
          "WHERE source = ?1 AND directory = ?2"));
  for (const ReleaseRevision& revision : revisions) {
    put.Bind(1, source).BindBlob(2, revision.directory);
    if (revision.tree.has_value()) put.BindBlob(3, IdBytes(*revision.tree));
    put.BindBlob(4, IdBytes(revision.commit))
        .Bind(5, absl::ToUnixSeconds(revision.time));
    ORRERY_RETURN_IF_ERROR(put.Run());
  }
  return absl::OkStatus();
}

absl::Status RetireSource(SqliteDatabase& database, absl::string_view name) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement retire,
      database.Prepare("INSERT INTO retired SELECT id FROM source "
                       "WHERE name = ?1"));
  ORRERY_RETURN_IF_ERROR(retire.BindText(1, name).Run());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement erase,
      database.Prepare("DELETE FROM source WHERE name = ?1"));
  return erase.BindText(1, name).Run();
}

absl::Status DropRetired(SqliteDatabase& database, size_t limit) {
  int64_t source = 0;
  {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database.Prepare("SELECT source FROM retired LIMIT 1"));
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    source = query.Int(0);
  }
  ORRERY_ASSIGN_OR_RETURN(const bool all,
                          DropAllEntries(database, source, limit));
  if (!all) return absl::OkStatus();
  for (const char* sql : {"DELETE FROM reference WHERE source = ?1",
                          "DELETE FROM revision WHERE source = ?1",
                          "DELETE FROM retired WHERE source = ?1"}) {
    ORRERY_ASSIGN_OR_RETURN(SqliteStatement erase, database.Prepare(sql));
    ORRERY_RETURN_IF_ERROR(erase.Bind(1, source).Run());
  }
  return absl::OkStatus();
}

}  // namespace orrery::registry
