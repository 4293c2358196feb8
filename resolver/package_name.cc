#include "resolver/package_name.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace orrery::resolver {

absl::StatusOr<PackageName> PackageName::Parse(absl::string_view text) {
  constexpr size_t kMaxLength = 64;
  const auto allowed = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  };
  absl::string_view fault;
  if (text.size() < 2 || text.size() > kMaxLength) {
    fault = "it must have 2 to 64 characters";
  } else if (!std::all_of(text.begin(), text.end(), allowed)) {
    fault = "only a-z, 0-9 and '-' are allowed";
  } else if (!absl::ascii_islower(static_cast<unsigned char>(text.front()))) {
    fault = "it must begin with a letter";
  } else if (text.back() == '-') {
    fault = "it must not end in '-'";
  }
  if (!fault.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", text.substr(0, kMaxLength), "' is no package name: ", fault));
  }
  return PackageName(std::string(text));
}

}  // namespace orrery::resolver
