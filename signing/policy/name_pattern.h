#ifndef SIGNING_POLICY_NAME_PATTERN_H_
#define SIGNING_POLICY_NAME_PATTERN_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Which package names are meant (spec: trust.md §12.2): an exact name, all
// names of a scope (`<scope>/`), the unscoped names that begin with `<prefix>-`
// (`<prefix>-*`), or all (`*`).
class NamePattern {
 public:
  // kInvalidArgument for anything else.
  static absl::StatusOr<NamePattern> Parse(absl::string_view text);

  bool is_exact() const { return kind_ == Kind::kExact; }
  const std::string& text() const { return text_; }

  bool operator==(const NamePattern&) const = default;

 private:
  enum class Kind { kExact, kScope, kPrefix, kAll };

  NamePattern(Kind kind, absl::string_view text) : kind_(kind), text_(text) {}

  Kind kind_;
  std::string text_;
};

// The texts of all patterns that match a package name, the most specific
// first: the name, its scope, its prefixes from the longest on, all.
std::vector<std::string> PatternsOf(absl::string_view name);

// What the lines of a file set for patterns of names.
template <typename T>
class PatternTable {
 public:
  struct Entry {
    NamePattern pattern;
    T value;
    int64_t line;
  };

  // False, and nothing is added, if the pattern is there already.
  bool Add(const NamePattern& pattern, T value, int64_t line) {
    return entries_
        .emplace(pattern.text(), Entry{pattern, std::move(value), line})
        .second;
  }

  // Of the most specific pattern that matches a package name; nullptr if none
  // does.
  const Entry* Find(absl::string_view name) const {
    for (const std::string& text : PatternsOf(name)) {
      const auto found = entries_.find(text);
      if (found != entries_.end()) return &found->second;
    }
    return nullptr;
  }

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_NAME_PATTERN_H_
