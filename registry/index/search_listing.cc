#include "registry/index/search_listing.h"

#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "registry/index/search_text.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr int64_t kRowGap = int64_t{1} << 40;

// One listed package, as it is searched.
struct Listed {
  std::string name;
  std::string squashed;
  std::string tags;
  std::string text;
};

// Texts that sort as the places do.
std::string PlaceOf(const Release& release) {
  return absl::StrFormat("%d%03d%s", release.selected ? 0 : 1,
                         release.name.size(), release.name);
}

Listed ListedFrom(const Release& release) {
  return {release.name, Squash(release.name), absl::StrJoin(release.tags, " "),
          absl::StrCat(release.description, " ", release.maintainer)};
}

absl::Status Insert(SqliteDatabase& database, int64_t row,
                    const std::string& place, const Listed& listed) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement list,
      database.Prepare("INSERT INTO listed VALUES (?1, ?2, ?3, ?4)"));
  ORRERY_RETURN_IF_ERROR(list.Bind(1, row)
                             .BindText(2, place)
                             .BindText(3, listed.name)
                             .BindText(4, listed.squashed)
                             .Run());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement name,
      database.Prepare("INSERT INTO named(rowid, squashed, name, tags) "
                       "VALUES (?1, ?2, ?3, ?4)"));
  ORRERY_RETURN_IF_ERROR(name.Bind(1, row)
                             .BindText(2, listed.squashed)
                             .BindText(3, listed.name)
                             .BindText(4, listed.tags)
                             .Run());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement index,
      database.Prepare("INSERT INTO search(rowid, squashed, name, tags, text) "
                       "VALUES (?1, ?2, ?3, ?4, ?5)"));
  return index.Bind(1, row)
      .BindText(2, listed.squashed)
      .BindText(3, listed.name)
      .BindText(4, listed.tags)
      .BindText(5, listed.text)
      .Run();
}

// How many were erased.
absl::StatusOr<int64_t> Erase(SqliteDatabase& database,
                              const std::string& name) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement unlist,
      database.Prepare("DELETE FROM listed WHERE name = ?1 RETURNING row"));
  unlist.BindText(1, name);
  ORRERY_ASSIGN_OR_RETURN(const bool there, unlist.Step());
  if (!there) return 0;
  const int64_t row = unlist.Int(0);
  unlist.Reset();
  for (const char* sql : {"DELETE FROM named WHERE rowid = ?1",
                          "DELETE FROM search WHERE rowid = ?1"}) {
    ORRERY_ASSIGN_OR_RETURN(SqliteStatement erase, database.Prepare(sql));
    ORRERY_RETURN_IF_ERROR(erase.Bind(1, row).Run());
  }
  return 1;
}

// A row between those of the neighbours; nothing when there is no room left.
absl::StatusOr<std::optional<int64_t>> RowFor(SqliteDatabase& database,
                                              const std::string& place) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement before,
      database.Prepare("SELECT row FROM listed WHERE place < ?1 "
                       "ORDER BY place DESC LIMIT 1"));
  before.BindText(1, place);
  ORRERY_ASSIGN_OR_RETURN(const bool any_before, before.Step());
  const int64_t low = any_before ? before.Int(0) : 0;
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement after,
      database.Prepare("SELECT row FROM listed WHERE place > ?1 "
                       "ORDER BY place LIMIT 1"));
  after.BindText(1, place);
  ORRERY_ASSIGN_OR_RETURN(const bool any_after, after.Step());
  if (!any_after) {
    if (low > std::numeric_limits<int64_t>::max() - kRowGap) {
      return std::nullopt;
    }
    return low + kRowGap;
  }
  const int64_t middle = low + (after.Int(0) - low) / 2;
  if (middle == low) return std::nullopt;
  return middle;
}

absl::Status SetCount(SqliteDatabase& database, int64_t listed) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement set,
                          database.Prepare("UPDATE state SET listed = ?1"));
  return set.Bind(1, listed).Run();
}

// All anew, in their order, with room between them.
absl::Status Rebuild(SqliteDatabase& database,
                     std::map<std::string, Listed> by_place) {
  {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database.Prepare("SELECT place, search.name, search.squashed, tags, "
                         "text FROM listed JOIN search ON search.rowid = row"));
    while (true) {
      ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
      if (!there) break;
      by_place[std::string(query.Text(0))] = {
          std::string(query.Text(1)), std::string(query.Text(2)),
          std::string(query.Text(3)), std::string(query.Text(4))};
    }
  }
  ORRERY_RETURN_IF_ERROR(
      database.Execute("DELETE FROM listed; DELETE FROM named; "
                       "DELETE FROM search"));
  int64_t row = 0;
  for (const auto& [place, listed] : by_place) {
    row += kRowGap;
    ORRERY_RETURN_IF_ERROR(Insert(database, row, place, listed));
  }
  return database.Execute(
      "INSERT INTO named(named) VALUES ('optimize');"
      "INSERT INTO search(search) VALUES ('optimize')");
}

}  // namespace

absl::Status UpdateListing(SqliteDatabase& database,
                           const std::map<std::string, ReleasePtr>& shown) {
  ORRERY_ASSIGN_OR_RETURN(int64_t kept, CountListed(database));
  std::map<std::string, Listed> coming;
  for (const auto& [name, release] : shown) {
    ORRERY_ASSIGN_OR_RETURN(const int64_t erased, Erase(database, name));
    kept -= erased;
    if (release != nullptr) coming[PlaceOf(*release)] = ListedFrom(*release);
  }
  ORRERY_RETURN_IF_ERROR(
      SetCount(database, kept + static_cast<int64_t>(coming.size())));
  while (!coming.empty() && static_cast<int64_t>(coming.size()) <= kept) {
    const auto& [place, listed] = *coming.begin();
    ORRERY_ASSIGN_OR_RETURN(const std::optional<int64_t> row,
                            RowFor(database, place));
    if (!row.has_value()) break;
    ORRERY_RETURN_IF_ERROR(Insert(database, *row, place, listed));
    coming.erase(coming.begin());
  }
  if (coming.empty()) return absl::OkStatus();
  return Rebuild(database, std::move(coming));
}

absl::StatusOr<int64_t> CountListed(SqliteDatabase& database) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement count,
                          database.Prepare("SELECT listed FROM state"));
  ORRERY_RETURN_IF_ERROR(count.Step().status());
  return count.Int(0);
}

}  // namespace orrery::registry
