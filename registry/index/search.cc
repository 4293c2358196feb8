#include "registry/index/search.h"

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <utility>

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

// Rows whose names and tags match, and those that match anywhere.
constexpr char kNamed[] =
    "SELECT listed.name, ?2 || place FROM named "
    "CROSS JOIN listed ON listed.row = named.rowid "
    "WHERE named MATCH ?1 ORDER BY named.rowid";
constexpr char kAnywhere[] =
    "SELECT listed.name, ?2 || place FROM search "
    "CROSS JOIN listed ON listed.row = search.rowid "
    "WHERE search MATCH ?1 ORDER BY search.rowid";

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

// Names in the order they were found, each once: those behind a place.
class NameCollector {
 public:
  NameCollector(std::string after, size_t wanted)
      : after_(std::move(after)), wanted_(wanted) {}

  bool full() const { return names_.size() >= wanted_; }
  // Whether there is none at all, before the place neither.
  bool none() const { return seen_.empty(); }
  // Takes rows of `query`, each a name and its place, until it is full.
  absl::Status Take(SqliteStatement& query) {
    while (!full()) {
      ORRERY_ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) return absl::OkStatus();
      Add(std::string(query.Text(0)), std::string(query.Text(1)));
    }
    return absl::OkStatus();
  }
  void Add(std::string name, std::string place) {
    if (!seen_.insert(name).second || place <= after_) return;
    names_.push_back({std::move(name), std::move(place)});
  }
  std::vector<FoundName> Finish() { return std::move(names_); }

 private:
  const std::string after_;
  const size_t wanted_;
  std::vector<FoundName> names_;
  std::unordered_set<std::string> seen_;
};

// A place is the rank and the place within it: 0 for exactly this name, 1 for
// those of the same letters, then the expressions, last the typing errors.
constexpr char kFirstExpressionRank = '2';
constexpr char kErrorRank = '9';

absl::Status TakeNamed(SqliteDatabase& database, const std::string& text,
                       const std::string& squashed, NameCollector& names) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT name, (name <> ?2) || place FROM listed "
                       "WHERE squashed = ?1 ORDER BY name <> ?2, row"));
  query.BindText(1, squashed).BindText(2, text);
  return names.Take(query);
}

absl::Status TakeMatches(SqliteDatabase& database, const char* sql,
                         const std::string& expression, char rank,
                         NameCollector& names) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement query, database.Prepare(sql));
  query.BindText(1, expression).BindText(2, std::string(1, rank));
  return names.Take(query);
}

absl::StatusOr<std::vector<FoundName>> AllNames(SqliteDatabase& database,
                                                const SearchQuery& query) {
  NameCollector names(query.after, query.limit + 1);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement list,
      database.Prepare("SELECT name, place FROM listed WHERE place > ?1 "
                       "ORDER BY place"));
  list.BindText(1, query.after);
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
  NameCollector names(query.after, query.limit + 1);
  ORRERY_RETURN_IF_ERROR(TakeNamed(database, text, squashed, names));
  const bool named = !names.none();
  // Best rank first.
  const std::pair<const char*, std::string> matches[] = {
      {kNamed, Prefixes("squashed", {squashed})},
      {kNamed, Prefixes("name", words)},
      {kNamed, Prefixes("squashed name tags", words)},
      {kAnywhere, Prefixes("squashed name tags text", words)}};
  char rank = kFirstExpressionRank;
  for (const auto& [sql, expression] : matches) {
    if (names.full()) break;
    ORRERY_RETURN_IF_ERROR(
        TakeMatches(database, sql, expression, rank++, names));
  }
  if (!named) {
    ORRERY_ASSIGN_OR_RETURN(
        found.did_you_mean,
        NamesOneErrorAway(database, absl::StrJoin(words, "-")));
    if (names.none()) {
      for (const std::string& name : found.did_you_mean) {
        names.Add(name, kErrorRank + name);
      }
    }
  }
  found.names = names.Finish();
  return found;
}

absl::StatusOr<std::vector<FoundName>> ListNames(SqliteDatabase& database,
                                                 absl::string_view after,
                                                 size_t limit) {
  NameCollector names(std::string(after), limit);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement list,
      database.Prepare("SELECT name, name FROM listed WHERE name > ?1 "
                       "ORDER BY name"));
  list.BindText(1, after);
  ORRERY_RETURN_IF_ERROR(names.Take(list));
  return names.Finish();
}

}  // namespace orrery::registry
