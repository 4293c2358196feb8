// Ranges of versions, as people write them.

#ifndef RESOLVER_VERSION_RANGE_H_
#define RESOLVER_VERSION_RANGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/comparator.h"
#include "resolver/version.h"

namespace orrery::resolver {

// Whether a range lets pre-releases in that it does not name (resolver.md
// §3.4). The gate is for releases of a package; facts, versions of
// capabilities and packages with nothing but pre-releases have none.
enum class PrereleaseGate { kClosed, kOpen };

// A range (§3): conjunctions of comparators, one of which must hold.
class VersionRange {
 public:
  // `*`.
  VersionRange();

  // kInvalidArgument: `cannot read range "<text>" at "<rest>"`. A text that
  // cannot be read never means everything.
  static absl::StatusOr<VersionRange> Parse(absl::string_view text);

  // Whether the range holds for a version; `release` is the number of the
  // release that bears it, if one does (without it, comparators on the release
  // number are false).
  bool Contains(const Version& version, std::optional<uint64_t> release,
                PrereleaseGate gate) const;

  bool is_any() const { return text_ == "*"; }
  // Whether it names one label, or one release number, and nothing else.
  bool names_one() const {
    return alternatives_.size() == 1 && alternatives_[0].size() == 1 &&
           alternatives_[0][0].is_equal();
  }
  // Canonical text (§3.5). It parses to an equal range unless the spaces around
  // `||` took it past the 256 bytes of one.
  const std::string& ToString() const { return text_; }

  bool operator==(const VersionRange& other) const {
    return text_ == other.text_;
  }

 private:
  using Conjunction = std::vector<Comparator>;
  explicit VersionRange(std::vector<Conjunction> alternatives);

  std::vector<Conjunction> alternatives_;
  std::string text_;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_VERSION_RANGE_H_
