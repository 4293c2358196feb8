#ifndef CATALOG_OPTIONS_PATTERN_SET_H_
#define CATALOG_OPTIONS_PATTERN_SET_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}

namespace orrery::catalog {

// The regular expressions of a schema, compiled once. They run in linear time:
// look-around and back-references are refused (D45).
class PatternSet {
 public:
  static constexpr size_t kMaxPatternBytes = size_t{4} << 10;
  static constexpr size_t kMaxTextBytes = size_t{64} << 10;

  PatternSet();
  ~PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;

  // kInvalidArgument saying what is wrong with the expression.
  absl::Status Add(absl::string_view pattern);

  // Whether `pattern`, which was added, is found anywhere in `text`. False for
  // a text of more than kMaxTextBytes.
  bool Matches(absl::string_view pattern, absl::string_view text) const;

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_PATTERN_SET_H_
