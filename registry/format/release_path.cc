#include "registry/format/release_path.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"

namespace orrery::registry {
namespace {

constexpr size_t kMaxPathBytes = 200;

bool IsAllowed(char c) {
  constexpr absl::string_view kSigns = "._+@=,~-";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains(kSigns, c);
}

}  // namespace

absl::Status CheckFileName(absl::string_view name) {
  absl::string_view fault;
  if (name.empty()) {
    fault = "it is empty";
  } else if (name.size() > kMaxPathBytes) {
    fault = "it has more than 200 bytes";
  } else if (!std::all_of(name.begin(), name.end(), IsAllowed)) {
    fault = "only letters, digits and ._+@=,~- are allowed";
  } else if (name.back() == '.') {
    fault = "it must not end in a dot";
  } else if (absl::EqualsIgnoreCase(name, ".git")) {
    fault = "git keeps that name for itself";
  }
  if (fault.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(name.substr(0, kMaxPathBytes)),
                   "' is no file name of a release: ", fault));
}

std::string PrintablePath(absl::string_view path) {
  const bool printable = std::none_of(path.begin(), path.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (printable && IsUtf8(path)) return std::string(path);
  return absl::CHexEscape(path);
}

}  // namespace orrery::registry
