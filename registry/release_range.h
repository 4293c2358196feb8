#ifndef REGISTRY_RELEASE_RANGE_H_
#define REGISTRY_RELEASE_RANGE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/release.h"

namespace orrery::registry {

// Which releases of a package a user accepts.
class ReleaseRange {
 public:
  // Any release.
  ReleaseRange() = default;

  // `=LABEL` (that label, byte for byte), `release=N` (that number), or empty
  // (any). kInvalidArgument otherwise.
  static absl::StatusOr<ReleaseRange> Parse(absl::string_view text);

  bool any() const { return !label_.has_value() && !release_.has_value(); }
  bool Allows(const Release& release) const;
  // As Parse reads it.
  std::string text() const;

 private:
  std::optional<std::string> label_;
  std::optional<int64_t> release_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_RELEASE_RANGE_H_
