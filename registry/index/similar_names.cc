#include "registry/index/similar_names.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// Nobody mistypes more than one letter of a name that is longer than any.
constexpr size_t kMaxLength = 65;
constexpr char kLowestLetter = '-';
// So many names are compared one by one while somebody waits.
constexpr int64_t kFewNames = 5000;
constexpr size_t kMaxNearest = 3;

// Finds listed names by what one error makes of a word. Of the letters that an
// error may put somewhere only those are tried that some name has there, so
// that it costs a few hundred looks into an index, however many names there
// are.
class ErrorSearch {
 public:
  ErrorSearch(SqliteDatabase* database, std::string word)
      : database_(*database), word_(std::move(word)) {}

  absl::StatusOr<std::vector<std::string>> Run() {
    for (size_t i = 0; i <= word_.size(); ++i) {
      ORRERY_ASSIGN_OR_RETURN(const bool any, TryLetters(i));
      // No name begins like the word up to here.
      if (!any) break;
      if (i == word_.size()) break;
      ORRERY_RETURN_IF_ERROR(Try(word_.substr(0, i) + word_.substr(i + 1)));
      if (i + 1 == word_.size()) continue;
      std::string swapped = word_;
      std::swap(swapped[i], swapped[i + 1]);
      ORRERY_RETURN_IF_ERROR(Try(swapped));
    }
    found_.erase(word_);
    return std::vector<std::string>(found_.begin(), found_.end());
  }

 private:
  // Inserts and replaces at `place`. Whether any name begins like the word up
  // to there.
  absl::StatusOr<bool> TryLetters(size_t place) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement next,
        database_.Prepare("SELECT name FROM listed WHERE name >= ?1 "
                          "ORDER BY name LIMIT 1"));
    const std::string before = word_.substr(0, place);
    const std::string after = word_.substr(place);
    std::string from = before;
    bool any = false;
    while (true) {
      next.Reset();
      next.BindText(1, from);
      ORRERY_ASSIGN_OR_RETURN(const bool there, next.Step());
      if (!there || !absl::StartsWith(next.Text(0), before)) return any;
      any = true;
      if (next.Text(0).size() == place) {
        from = before + kLowestLetter;
        continue;
      }
      const char letter = next.Text(0)[place];
      from = before + letter;
      ORRERY_RETURN_IF_ERROR(Try(from + after));
      if (!after.empty()) ORRERY_RETURN_IF_ERROR(Try(from + after.substr(1)));
      ++from.back();
    }
  }

  absl::Status Try(const std::string& name) {
    ORRERY_ASSIGN_OR_RETURN(
        SqliteStatement query,
        database_.Prepare("SELECT 1 FROM listed WHERE name = ?1"));
    query.BindText(1, name);
    ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
    if (there) found_.insert(name);
    return absl::OkStatus();
  }

  SqliteDatabase& database_;
  const std::string word_;
  std::set<std::string> found_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> NamesOneErrorAway(
    SqliteDatabase& database, absl::string_view word) {
  if (word.size() > kMaxLength) return std::vector<std::string>();
  return ErrorSearch(&database, absl::AsciiStrToLower(word)).Run();
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
