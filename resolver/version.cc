#include "resolver/version.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace orrery::resolver {

absl::StatusOr<Version> Version::Parse(absl::string_view label) {
  constexpr size_t kMaxLength = 64;
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("-.+_~:").find(c) != absl::string_view::npos;
  };
  absl::string_view fault;
  if (label.empty() || label.size() > kMaxLength) {
    fault = "it must have 1 to 64 characters";
  } else if (!std::all_of(label.begin(), label.end(), allowed)) {
    fault = "only letters, digits and '-', '.', '+', '_', '~', ':' are allowed";
  }
  if (!fault.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", absl::CHexEscape(label.substr(0, kMaxLength)),
                     "' is no version: ", fault));
  }
  return Version(std::string(label), VersionKey::OfLabel(label));
}

bool TotalLess(const Version& a, const Version& b) {
  const std::weak_ordering order = a <=> b;
  return order == 0 ? a.label() < b.label() : order < 0;
}

}  // namespace orrery::resolver
