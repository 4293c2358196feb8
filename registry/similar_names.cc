#include "registry/similar_names.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Nobody mistypes more than one letter of a name that is longer than any.
constexpr size_t kMaxLength = 65;
constexpr char kAlphabet[] = "-0123456789abcdefghijklmnopqrstuvwxyz";
// So many names are compared one by one while somebody waits.
constexpr int64_t kFewNames = 5000;
constexpr size_t kMaxNearest = 3;

// What one error makes of `word`: a few hundred texts, however many names there
// are.
std::set<std::string> Misspellings(const std::string& word) {
  std::set<std::string> made;
  for (size_t i = 0; i <= word.size(); ++i) {
    const std::string before = word.substr(0, i);
    const std::string after = word.substr(i);
    for (const char* c = kAlphabet; *c != '\0'; ++c) {
      made.insert(absl::StrCat(before, std::string(1, *c), after));
      if (!after.empty()) {
        made.insert(absl::StrCat(before, std::string(1, *c), after.substr(1)));
      }
    }
    if (!after.empty()) made.insert(before + after.substr(1));
    if (after.size() > 1) {
      std::string swapped = word;
      std::swap(swapped[i], swapped[i + 1]);
      made.insert(std::move(swapped));
    }
  }
  made.erase(word);
  return made;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> NamesOneErrorAway(
    SqliteDatabase& database, absl::string_view word) {
  std::vector<std::string> names;
  if (word.size() > kMaxLength) return names;
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT 1 FROM listed WHERE name = ?1"));
  for (const std::string& name : Misspellings(absl::AsciiStrToLower(word))) {
    query.BindText(1, name);
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (there) names.push_back(name);
    query.Reset();
  }
  return names;
}

absl::StatusOr<std::vector<std::string>> NearestNames(SqliteDatabase& database,
                                                      absl::string_view word) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<std::string> names,
                          NamesOneErrorAway(database, word));
  if (names.empty()) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database.Prepare("SELECT name FROM listed ORDER BY name LIMIT ?1"));
    query.Bind(1, kFewNames);
    std::vector<std::string> known;
    while (true) {
      ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
      if (!there) break;
      known.emplace_back(query.Text(0));
    }
    if (known.size() < kFewNames) names = resolver::NearestWords(word, known);
  }
  if (names.size() > kMaxNearest) names.resize(kMaxNearest);
  return names;
}

}  // namespace orrery::registry
