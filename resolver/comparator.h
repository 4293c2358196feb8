// One comparator of a range.

#ifndef RESOLVER_COMPARATOR_H_
#define RESOLVER_COMPARATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

#include "resolver/version.h"
#include "resolver/version_key.h"

namespace orrery::resolver {

// `*`, `1.2.*`, `1.2-*`, `>=1.2`, `^1.2`, `release>=7` and their kin
// (resolver.md §3.1, §3.2).
class Comparator {
 public:
  // Nothing if `text` is no comparator.
  static std::optional<Comparator> Parse(absl::string_view text);

  // `release` is the number of the release that bears the version, if one
  // does. Says nothing about pre-releases, which the range gates.
  bool Contains(const Version& version, std::optional<uint64_t> release) const;

  // Whether its text names a pre-release, or exactly this release.
  bool LetsPrereleaseIn(std::optional<uint64_t> release) const;

  // Whether it is `=1.2`, `1.2` or `release=7`.
  bool is_equal() const { return op_ == Operator::kEqual; }
  // As written.
  const std::string& text() const { return text_; }

 private:
  enum class Operator {
    kAny,
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kFirstNumbers,  // 1.2.*
    kFirstLists,    // 1.2-*
    kUpTo,          // ^ and ~: from the version to below `end_`
  };

  Comparator(absl::string_view text, Operator op) : text_(text), op_(op) {}

  static std::optional<Operator> TakeOperator(absl::string_view* text);
  static std::optional<Comparator> ParseRelease(absl::string_view text);
  static std::optional<Comparator> ParseWildcard(absl::string_view text);
  static std::optional<Comparator> ParseSpan(absl::string_view text);
  bool ContainsKey(const Version& version) const;

  std::string text_;
  Operator op_;
  // The label written, unless the comparator is `*` or on the release number.
  std::optional<Version> version_;
  std::optional<VersionKey> end_;
  std::optional<uint64_t> release_;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_COMPARATOR_H_
