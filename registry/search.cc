#include "registry/search.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxQueryBytes = 1000;
constexpr size_t kMaxWords = 16;
constexpr int64_t kRowGap = int64_t{1} << 40;

// `detail=column` is enough for words and prefixes; the prefix index serves
// the short ones, which match much.
constexpr const char* kSchema[] = {
    "CREATE VIRTUAL TABLE package USING fts5(squashed, name, tags, text, "
    "detail=column, prefix='1 2 3')"};

// Where the words of a query are looked for, best rank first.
constexpr const char* kRanks[] = {"name", "squashed name tags",
                                  "squashed name tags text"};

bool IsWordByte(char c) {
  return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string> Words(absl::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    if (!IsWordByte(c)) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    words.back().push_back(absl::ascii_tolower(c));
  }
  return words;
}

std::string Squash(absl::string_view text) {
  return absl::StrJoin(Words(text), "");
}

// An FTS5 expression; words hold nothing that it would have to escape.
std::string Prefixes(const char* columns,
                     const std::vector<std::string>& words) {
  return absl::StrCat(
      "{", columns, "} : (",
      absl::StrJoin(words, " AND ",
                    [](std::string* out, const std::string& word) {
                      absl::StrAppend(out, "\"", word, "\" *");
                    }),
      ")");
}

}  // namespace

bool SearchIndex::Place::operator<(const Place& other) const {
  return std::make_tuple(!selected, name.size(), absl::string_view(name)) <
         std::make_tuple(!other.selected, other.name.size(),
                         absl::string_view(other.name));
}

SearchIndex::SearchIndex(std::unique_ptr<SqliteDatabase> database)
    : database_(std::move(database)),
      snapshot_(std::make_shared<const Snapshot>()) {}

absl::StatusOr<std::unique_ptr<SearchIndex>> SearchIndex::Create() {
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                          SqliteDatabase::Open(":memory:", kSchema));
  return std::unique_ptr<SearchIndex>(new SearchIndex(std::move(database)));
}

absl::Status SearchIndex::Update(SnapshotPtr snapshot,
                                 const std::vector<std::string>& changed) {
  const MutexLock lock(&mutex_);
  snapshot_ = std::move(snapshot);
  if (changed.empty()) return absl::OkStatus();
  // When most has changed, or a row finds no room: all anew, in their order.
  if (changed.size() <= places_.size()) {
    ORRERY_RETURN_IF_ERROR(database_->Execute("BEGIN"));
    const absl::StatusOr<bool> all = Change(changed);
    ORRERY_RETURN_IF_ERROR(
        database_->Execute(all.ok() ? "COMMIT" : "ROLLBACK"));
    if (all.ok() && *all) return absl::OkStatus();
  }
  return Rebuild();
}

absl::StatusOr<bool> SearchIndex::Change(
    const std::vector<std::string>& changed) {
  for (const std::string& name : changed) {
    ORRERY_RETURN_IF_ERROR(Erase(name));
    const PackageEntry* package = snapshot_->FindPackage(name);
    const Release* release =
        package == nullptr ? nullptr : package->default_release();
    if (release == nullptr) continue;
    const std::optional<int64_t> row = RowFor({release->selected, name});
    if (!row.has_value()) return false;
    ORRERY_RETURN_IF_ERROR(Insert(*release, *row));
  }
  return true;
}

absl::Status SearchIndex::Rebuild() {
  rows_.clear();
  names_.clear();
  places_.clear();
  squashed_.clear();
  vocabulary_ = NameVocabulary();
  std::map<Place, const Release*> sorted;
  for (const PackagePtr& package : snapshot_->packages()) {
    const Release* release = package->default_release();
    if (release != nullptr)
      sorted[{release->selected, package->name}] = release;
  }
  ORRERY_RETURN_IF_ERROR(database_->Execute("BEGIN; DELETE FROM package"));
  int64_t row = 0;
  for (const auto& [place, release] : sorted) {
    row += kRowGap;
    ORRERY_RETURN_IF_ERROR(Insert(*release, row));
  }
  return database_->Execute("COMMIT");
}

absl::Status SearchIndex::Insert(const Release& release, int64_t row) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement insert,
      database_->Prepare("INSERT INTO package(rowid, squashed, name, tags, "
                         "text) VALUES (?1, ?2, ?3, ?4, ?5)"));
  const std::string squashed = Squash(release.name);
  insert.Bind(1, row)
      .BindText(2, squashed)
      .BindText(3, release.name)
      .BindText(4, absl::StrJoin(release.tags, " "))
      .BindText(5, absl::StrCat(release.description, " ", release.maintainer));
  ORRERY_RETURN_IF_ERROR(insert.Run());
  const Place place{release.selected, release.name};
  rows_[place] = row;
  places_[release.name] = place;
  names_[row] = release.name;
  squashed_.emplace(squashed, release.name);
  vocabulary_.Add(release.name);
  return absl::OkStatus();
}

absl::Status SearchIndex::Erase(const std::string& name) {
  const auto place = places_.find(name);
  if (place == places_.end()) return absl::OkStatus();
  const auto row = rows_.find(place->second);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement erase,
      database_->Prepare("DELETE FROM package WHERE rowid = ?1"));
  ORRERY_RETURN_IF_ERROR(erase.Bind(1, row->second).Run());
  names_.erase(row->second);
  rows_.erase(row);
  places_.erase(place);
  vocabulary_.Remove(name);
  const auto [first, last] = squashed_.equal_range(Squash(name));
  squashed_.erase(std::find_if(
      first, last, [&](const auto& item) { return item.second == name; }));
  return absl::OkStatus();
}

// A row between those of the neighbours; nothing when there is no room left.
std::optional<int64_t> SearchIndex::RowFor(const Place& place) const {
  const auto next = rows_.upper_bound(place);
  const int64_t before = next == rows_.begin() ? 0 : std::prev(next)->second;
  if (next == rows_.end()) {
    if (before > std::numeric_limits<int64_t>::max() - kRowGap) {
      return std::nullopt;
    }
    return before + kRowGap;
  }
  const int64_t middle = before + (next->second - before) / 2;
  if (middle == before) return std::nullopt;
  return middle;
}

absl::StatusOr<std::vector<int64_t>> SearchIndex::Match(
    const std::string& expression, size_t limit) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database_->Prepare("SELECT rowid FROM package WHERE package MATCH ?1 "
                         "ORDER BY rowid LIMIT ?2"));
  query.BindText(1, expression).Bind(2, static_cast<int64_t>(limit));
  std::vector<int64_t> rows;
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return rows;
    rows.push_back(query.Int(0));
  }
}

// At most `offset + limit + 1` names, best first.
absl::StatusOr<std::vector<std::string>> SearchIndex::FindNames(
    const SearchQuery& query, const std::vector<std::string>& words) {
  const size_t wanted = query.offset + query.limit + 1;
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  const auto take = [&](const std::string& name) {
    if (names.size() < wanted && seen.insert(name).second) {
      names.push_back(name);
    }
  };
  if (words.empty()) {
    // Nothing was asked for: everything.
    for (auto item = rows_.begin();
         item != rows_.end() && names.size() < wanted; ++item) {
      take(item->first.name);
    }
    return names;
  }
  const std::string squashed = absl::StrJoin(words, "");
  // The spelling with the same separators comes before others of the same
  // letters.
  if (places_.contains(
          absl::AsciiStrToLower(absl::StripAsciiWhitespace(query.text)))) {
    take(absl::AsciiStrToLower(absl::StripAsciiWhitespace(query.text)));
  }
  const auto [first, last] = squashed_.equal_range(squashed);
  for (auto item = first; item != last; ++item) take(item->second);

  std::vector<std::string> expressions = {Prefixes("squashed", {squashed})};
  for (const char* columns : kRanks) {
    expressions.push_back(Prefixes(columns, words));
  }
  for (const std::string& expression : expressions) {
    if (names.size() >= wanted) break;
    ORRERY_ASSIGN_OR_RETURN(const std::vector<int64_t> rows,
                            Match(expression, wanted + names.size()));
    for (const int64_t row : rows) take(names_.at(row));
  }
  return names;
}

absl::StatusOr<SearchResult> SearchIndex::Search(const SearchQuery& query) {
  if (query.text.size() > kMaxQueryBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the query has ", query.text.size(), " bytes, more than ",
                     kMaxQueryBytes));
  }
  std::vector<std::string> words = Words(query.text);
  words.resize(std::min(words.size(), kMaxWords));
  SearchResult result;
  const MutexLock lock(&mutex_);
  result.snapshot = snapshot_;
  std::vector<std::string> names;
  const bool nothing_to_find =
      words.empty() && !absl::StripAsciiWhitespace(query.text).empty();
  if (!nothing_to_find) {
    ORRERY_ASSIGN_OR_RETURN(names, FindNames(query, words));
  }
  if (!words.empty() && !squashed_.contains(absl::StrJoin(words, ""))) {
    result.did_you_mean = vocabulary_.OneErrorAway(absl::StrJoin(words, "-"));
    if (names.empty()) names = result.did_you_mean;
  }
  result.more = names.size() > query.offset + query.limit;
  for (size_t i = query.offset;
       i < std::min(names.size(), query.offset + query.limit); ++i) {
    const PackageEntry* package = snapshot_->FindPackage(names[i]);
    result.releases.push_back(package->default_release());
  }
  return result;
}

}  // namespace orrery::registry
