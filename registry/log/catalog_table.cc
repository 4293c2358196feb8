#include "registry/log/catalog_table.h"

#include <functional>
#include <limits>

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;

constexpr int64_t kCatalogsKept = 16;

using LinesVisitor =
    std::function<void(absl::string_view package, absl::string_view lines)>;

// The packages of the catalog that `leaf` names, by name.
absl::Status VisitPackages(SqliteDatabase& database, int64_t leaf,
                           const LinesVisitor& visit) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT package, lines FROM package_lines "
                       "WHERE leaf <= ?1 ORDER BY package, leaf DESC"));
  query.Bind(1, leaf);
  std::string last;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (!there) return absl::OkStatus();
    // The newest lines of a package come first.
    if (query.Text(0) == last) continue;
    last = std::string(query.Text(0));
    visit(last, query.Text(1));
  }
}

absl::Status PutLines(SqliteDatabase& database, absl::string_view package,
                      int64_t leaf, absl::string_view lines) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO package_lines VALUES (?1, ?2, ?3)"));
  return put.BindText(1, package).Bind(2, leaf).BindText(3, lines).Run();
}

// Those that no catalog from `oldest` on has.
absl::Status DropLines(SqliteDatabase& database, absl::string_view package,
                       int64_t oldest) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement drop,
      database.Prepare(
          "DELETE FROM package_lines WHERE package = ?1 AND leaf < (SELECT "
          "max(leaf) FROM package_lines WHERE package = ?1 AND leaf <= ?2)"));
  return drop.BindText(1, package).Bind(2, oldest).Run();
}

// All but the newest, and that of the checkpoint in force; the leaf of the
// oldest that stays.
absl::StatusOr<int64_t> DropCatalogs(SqliteDatabase& database) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare(
          "SELECT min((SELECT min(leaf) FROM (SELECT leaf FROM catalog ORDER "
          "BY leaf DESC LIMIT ?1)), (SELECT coalesce(max(size), 1) - 1 FROM "
          "published))"));
  ORRERY_RETURN_IF_ERROR(query.Bind(1, kCatalogsKept).Step().status());
  const int64_t oldest = query.Int(0);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement drop,
      database.Prepare("DELETE FROM catalog WHERE leaf < ?1"));
  ORRERY_RETURN_IF_ERROR(drop.Bind(1, oldest).Run());
  return oldest;
}

absl::StatusOr<std::string> ReadHead(SqliteDatabase& database, int64_t leaf) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT head FROM catalog WHERE leaf = ?1"));
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Bind(1, leaf).Step());
  if (there) return std::string(query.Text(0));
  return absl::NotFoundError(
      absl::StrCat("there is no catalog of leaf ", leaf));
}

}  // namespace

absl::StatusOr<CatalogName> NameCatalog(SqliteDatabase& database,
                                        const CatalogUpdate& update) {
  signing::DigestBuilder digest;
  CatalogName name;
  const auto add = [&](absl::string_view text) {
    digest.Add(text);
    name.bytes += static_cast<int64_t>(text.size());
  };
  add(update.head);
  auto next = update.packages.begin();
  ORRERY_RETURN_IF_ERROR(VisitPackages(
      database, std::numeric_limits<int64_t>::max(),
      [&](absl::string_view package, absl::string_view lines) {
        while (next != update.packages.end() && next->first < package) {
          add(next++->second);
        }
        const bool is_new =
            next != update.packages.end() && next->first == package;
        add(is_new ? next++->second : lines);
      }));
  while (next != update.packages.end()) add(next++->second);
  name.digest = digest.Finish();
  return name;
}

absl::Status PutCatalog(SqliteDatabase& database, int64_t leaf,
                        const Digest& digest, const CatalogUpdate& update) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO catalog VALUES (?1, ?2, ?3)"));
  ORRERY_RETURN_IF_ERROR(put.Bind(1, leaf)
                             .BindBlob(2, digest.bytes())
                             .BindText(3, update.head)
                             .Run());
  ORRERY_ASSIGN_OR_RETURN(const int64_t oldest, DropCatalogs(database));
  for (const auto& [package, lines] : update.packages) {
    ORRERY_RETURN_IF_ERROR(PutLines(database, package, leaf, lines));
    ORRERY_RETURN_IF_ERROR(DropLines(database, package, oldest));
  }
  return absl::OkStatus();
}

absl::Status ClearCatalogs(SqliteDatabase& database) {
  return database.Execute("DELETE FROM catalog; DELETE FROM package_lines");
}

absl::StatusOr<std::optional<int64_t>> FindCatalog(SqliteDatabase& database,
                                                   const Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT leaf FROM catalog WHERE digest = ?1"));
  ORRERY_ASSIGN_OR_RETURN(const bool there,
                          query.BindBlob(1, digest.bytes()).Step());
  if (!there) return std::nullopt;
  return query.Int(0);
}

absl::StatusOr<std::string> ReadCatalogAt(SqliteDatabase& database,
                                          int64_t leaf) {
  ORRERY_ASSIGN_OR_RETURN(std::string text, ReadHead(database, leaf));
  ORRERY_RETURN_IF_ERROR(VisitPackages(
      database, leaf, [&text](absl::string_view, absl::string_view lines) {
        absl::StrAppend(&text, lines);
      }));
  return text;
}

absl::StatusOr<std::string> ReadCatalogAt(SqliteDatabase& database,
                                          int64_t leaf,
                                          absl::string_view package) {
  ORRERY_ASSIGN_OR_RETURN(std::string text, ReadHead(database, leaf));
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare(
          "SELECT lines FROM package_lines WHERE package = ?1 AND leaf <= ?2 "
          "ORDER BY leaf DESC LIMIT 1"));
  ORRERY_ASSIGN_OR_RETURN(const bool there,
                          query.BindText(1, package).Bind(2, leaf).Step());
  if (there) absl::StrAppend(&text, query.Text(0));
  return text;
}

}  // namespace orrery::registry
