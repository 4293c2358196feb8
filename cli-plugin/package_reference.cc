#include "cli-plugin/package_reference.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli-plugin/problem.h"

#include "resolver/package_name.h"

namespace orrery::cli {
namespace {

absl::Status CheckRange(absl::string_view range, absl::string_view name) {
  absl::string_view rest = range;
  if (absl::ConsumePrefix(&rest, "release=")) {
    int64_t release = 0;
    if (absl::SimpleAtoi(rest, &release) && release >= 0) {
      return absl::OkStatus();
    }
    return UsageError(absl::StrCat("\"", rest,
                                   "\" is no release number; see `orrery "
                                   "versions ",
                                   name, "`"));
  }
  if (rest.size() > 1 && rest[0] == '=') return absl::OkStatus();
  return UsageError(absl::StrCat("\"@", range, "\" is no range; write ", name,
                                 "@=", range.empty() ? "LABEL" : range,
                                 " for that version or ", name,
                                 "@release=N for a release"));
}

}  // namespace

std::string PackageReference::Text() const {
  return range.empty() ? name : absl::StrCat(name, "@", range);
}

absl::StatusOr<PackageReference> ParsePackageReference(absl::string_view text) {
  const size_t at = text.find('@');
  PackageReference reference;
  reference.name = std::string(text.substr(0, at));
  const auto name = resolver::PackageName::Parse(reference.name);
  if (!name.ok()) return UsageError(name.status().message());
  if (at == absl::string_view::npos) return reference;
  reference.range = std::string(text.substr(at + 1));
  if (absl::Status status = CheckRange(reference.range, reference.name);
      !status.ok()) {
    return status;
  }
  return reference;
}

}  // namespace orrery::cli
