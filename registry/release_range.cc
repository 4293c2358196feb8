#include "registry/release_range.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace orrery::registry {

absl::StatusOr<ReleaseRange> ReleaseRange::Parse(absl::string_view text) {
  ReleaseRange range;
  if (text.empty()) return range;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "release=")) {
    int64_t release = 0;
    if (!absl::SimpleAtoi(rest, &release) || release < 0 ||
        absl::StrCat(release) != rest) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" names no release number"));
    }
    range.release_ = release;
    return range;
  }
  if (absl::ConsumePrefix(&rest, "=") && !rest.empty()) {
    range.label_ = std::string(rest);
    return range;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is no range: write =LABEL or release=NUMBER"));
}

bool ReleaseRange::Allows(const Release& release) const {
  if (label_.has_value()) return release.version == *label_;
  if (release_.has_value()) return release.release == *release_;
  return true;
}

std::string ReleaseRange::text() const {
  if (label_.has_value()) return absl::StrCat("=", *label_);
  if (release_.has_value()) return absl::StrCat("release=", *release_);
  return "";
}

}  // namespace orrery::registry
