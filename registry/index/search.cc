#include "registry/index/search.h"

#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/index/search_text.h"
#include "registry/index/similar_names.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxQueryBytes = 1000;
constexpr size_t kMaxWords = 16;

// Where the words of a query are looked for, best rank first.
constexpr const char* kRanks[] = {"name", "squashed name tags",
                                  "squashed name tags text"};

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

// Names in the order they were found, each once.
class NameCollector {
 public:
  explicit NameCollector(size_t wanted) : wanted_(wanted) {}

  bool full() const { return names_.size() >= wanted_; }
  // How many a query must give so that enough are new.
  int64_t limit() const {
    return static_cast<int64_t>(wanted_ + names_.size());
  }
  // Takes all rows of `query`, whose first column is a name.
  absl::Status Take(SqliteStatement& query) {
    while (true) {
      ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) return absl::OkStatus();
      std::string name(query.Text(0));
      if (!full() && seen_.insert(name).second) {
        names_.push_back(std::move(name));
      }
    }
  }
  std::vector<std::string> Finish() { return std::move(names_); }

 private:
  const size_t wanted_;
  std::vector<std::string> names_;
  std::unordered_set<std::string> seen_;
};

// Exactly this name, then those of the same letters. Whether there are any.
absl::StatusOr<bool> TakeNamed(SqliteDatabase& database,
                               const std::string& text,
                               const std::string& squashed,
                               NameCollector& names) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT name FROM listed WHERE squashed = ?1 "
                       "ORDER BY name <> ?2, row LIMIT ?3"));
  query.BindText(1, squashed).BindText(2, text).Bind(3, names.limit());
  const int64_t before = names.limit();
  ORRERY_RETURN_IF_ERROR(names.Take(query));
  return names.limit() > before;
}

absl::Status TakeMatches(SqliteDatabase& database,
                         const std::string& expression, NameCollector& names) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare(
          "SELECT listed.name FROM (SELECT rowid AS found FROM search WHERE "
          "search MATCH ?1 ORDER BY rowid LIMIT ?2) "
          "CROSS JOIN listed ON listed.row = found"));
  query.BindText(1, expression).Bind(2, names.limit());
  return names.Take(query);
}

absl::StatusOr<std::vector<std::string>> AllNames(SqliteDatabase& database,
                                                  const SearchQuery& query) {
  NameCollector names(query.limit + 1);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement list,
      database.Prepare("SELECT name FROM listed ORDER BY row "
                       "LIMIT ?1 OFFSET ?2"));
  list.Bind(1, names.limit()).Bind(2, static_cast<int64_t>(query.offset));
  ORRERY_RETURN_IF_ERROR(names.Take(list));
  return names.Finish();
}

}  // namespace

absl::StatusOr<FoundNames> SearchNames(SqliteDatabase& database,
                                       const SearchQuery& query) {
  if (query.text.size() > kMaxQueryBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the query has ", query.text.size(), " bytes, more than ",
                     kMaxQueryBytes));
  }
  FoundNames found;
  const std::string text =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(query.text));
  if (text.empty()) {
    ORRERY_ASSIGN_OR_RETURN(found.names, AllNames(database, query));
    return found;
  }
  std::vector<std::string> words = SearchWords(text);
  words.resize(std::min(words.size(), kMaxWords));
  if (words.empty()) return found;

  const std::string squashed = absl::StrJoin(words, "");
  NameCollector names(query.offset + query.limit + 1);
  ORRERY_ASSIGN_OR_RETURN(const bool named,
                          TakeNamed(database, text, squashed, names));
  std::vector<std::string> expressions = {Prefixes("squashed", {squashed})};
  for (const char* columns : kRanks) {
    expressions.push_back(Prefixes(columns, words));
  }
  for (const std::string& expression : expressions) {
    if (names.full()) break;
    ORRERY_RETURN_IF_ERROR(TakeMatches(database, expression, names));
  }
  found.names = names.Finish();
  if (!named) {
    ORRERY_ASSIGN_OR_RETURN(
        found.did_you_mean,
        NamesOneErrorAway(database, absl::StrJoin(words, "-")));
    if (found.names.empty()) found.names = found.did_you_mean;
  }
  found.names.erase(
      found.names.begin(),
      found.names.begin() +
          static_cast<int64_t>(std::min(query.offset, found.names.size())));
  return found;
}

absl::StatusOr<std::vector<std::string>> ListNames(SqliteDatabase& database,
                                                   absl::string_view after,
                                                   size_t limit) {
  NameCollector names(limit);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement list,
      database.Prepare("SELECT name FROM listed WHERE name > ?1 "
                       "ORDER BY name LIMIT ?2"));
  list.BindText(1, after).Bind(2, static_cast<int64_t>(limit));
  ORRERY_RETURN_IF_ERROR(names.Take(list));
  return names.Finish();
}

}  // namespace orrery::registry
