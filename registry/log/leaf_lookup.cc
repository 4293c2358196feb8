#include "registry/log/leaf_lookup.h"

#include <variant>

#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/replay/leaf_subject.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status AddPackageLeaf(SqliteDatabase& database, absl::string_view package,
                            int64_t leaf) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO package_leaf VALUES (?1, ?2)"));
  return put.BindText(1, package).Bind(2, leaf).Run();
}

absl::Status AddIndexLeaf(SqliteDatabase& database, int64_t leaf,
                          int64_t unix_seconds) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO index_leaf VALUES (?1, ?2)"));
  return put.Bind(1, leaf).Bind(2, unix_seconds).Run();
}

absl::Status AddFirst(SqliteDatabase& database, absl::string_view insertion,
                      absl::string_view key, int64_t leaf) {
  if (key.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement put, database.Prepare(insertion));
  return put.BindText(1, key).Bind(2, leaf).Run();
}

absl::StatusOr<bool> HasLeaves(SqliteDatabase& database,
                               absl::string_view package, int64_t size) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT 1 FROM package_leaf "
                       "WHERE package = ?1 AND leaf < ?2 LIMIT 1"));
  return query.BindText(1, package).Bind(2, size).Step();
}

// Key and leaf of the rows of a query below `size`.
absl::Status VisitFirst(
    SqliteDatabase& database, absl::string_view sql, int64_t size,
    const std::function<void(absl::string_view, int64_t)>& visit) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement query, database.Prepare(sql));
  query.Bind(1, size);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    visit(query.Text(0), query.Int(1));
  }
}

}  // namespace

absl::Status AddToLookup(SqliteDatabase& database, int64_t leaf,
                         absl::string_view bytes) {
  const signing::LeafSubject subject = signing::SubjectOf(bytes);
  if (subject.package.empty()) {
    const absl::StatusOr<signing::Leaf> parsed = signing::ParseLeaf(bytes);
    // Where a leaf is void, nobody asks.
    if (!parsed.ok()) return absl::OkStatus();
    const auto* const index =
        std::get_if<signing::IndexRecord>(&parsed->record.body);
    if (index != nullptr) {
      return AddIndexLeaf(database, leaf, index->unix_seconds);
    }
  }
  ORRERY_RETURN_IF_ERROR(AddPackageLeaf(database, subject.package, leaf));
  if (subject.package.empty()) return absl::OkStatus();
  ORRERY_RETURN_IF_ERROR(
      AddFirst(database, "INSERT OR IGNORE INTO first_sighting VALUES (?1, ?2)",
               subject.source, leaf));
  return AddFirst(database, "INSERT OR IGNORE INTO first_yank VALUES (?1, ?2)",
                  subject.is_yank ? subject.package : "", leaf);
}

absl::Status ClearLookup(SqliteDatabase& database) {
  return database.Execute(
      "DELETE FROM package_leaf; DELETE FROM index_leaf; "
      "DELETE FROM first_sighting; DELETE FROM first_yank");
}

absl::Status VisitLeavesOf(SqliteDatabase& database, absl::string_view package,
                           int64_t size, const LeafVisitor& visit) {
  if (!package.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const bool has_leaves,
                            HasLeaves(database, package, size));
    if (!has_leaves) return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare(
          "SELECT leaf, bytes FROM package_leaf JOIN leaf ON idx = leaf "
          "WHERE package IN ('', ?1) AND leaf < ?2 ORDER BY leaf"));
  query.BindText(1, package).Bind(2, size);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(visit(query.Int(0), query.Blob(1)));
  }
}

absl::StatusOr<LogOutline> ReadOutline(SqliteDatabase& database, int64_t size) {
  LogOutline outline;
  ORRERY_RETURN_IF_ERROR(VisitFirst(
      database, "SELECT source, leaf FROM first_sighting WHERE leaf < ?1", size,
      [&outline](absl::string_view source, int64_t leaf) {
        outline.first_sightings.emplace(source, leaf);
      }));
  ORRERY_RETURN_IF_ERROR(VisitFirst(
      database, "SELECT package, leaf FROM first_yank WHERE leaf < ?1", size,
      [&outline](absl::string_view package, int64_t) {
        outline.yanked.emplace(package);
      }));
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT leaf, unix_seconds FROM index_leaf "
                       "WHERE leaf < ?1 ORDER BY leaf"));
  query.Bind(1, size);
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return outline;
    outline.indexes.push_back({query.Int(0), query.Int(1)});
  }
}

}  // namespace orrery::registry
