#ifndef REGISTRY_FORMAT_DCOS_VERSION_H_
#define REGISTRY_FORMAT_DCOS_VERSION_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// A version of DC/OS as minDcosReleaseVersion names it: canonical decimal
// numbers separated by dots (universe-format §12). Ordered number by number,
// missing ones counting as 0: `1.9` equals `1.9.0`.
class DcosVersion {
 public:
  // Nothing when `text` is not of that form.
  static std::optional<DcosVersion> Parse(absl::string_view text);

  // 999 and above mean "show this release to nobody".
  bool hides() const { return numbers_[0] >= 999; }
  // `1.9.0`, which original servers take for later than `1.9`.
  bool has_trailing_zero() const {
    return numbers_.size() > 2 && numbers_.back() == 0;
  }

  std::strong_ordering operator<=>(const DcosVersion& other) const;
  bool operator==(const DcosVersion& other) const {
    return (*this <=> other) == 0;
  }

 private:
  explicit DcosVersion(std::vector<uint64_t> numbers)
      : numbers_(std::move(numbers)) {}

  // Never empty; what does not fit counts as the largest number.
  std::vector<uint64_t> numbers_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_DCOS_VERSION_H_
