#include "cli-plugin/package_reference.h"

#include "absl/strings/str_cat.h"
#include "cli-plugin/problem.h"

#include "resolver/package_name.h"
#include "resolver/version_range.h"

namespace orrery::cli {
namespace {

absl::Status CheckRange(absl::string_view range, absl::string_view name) {
  if (resolver::VersionRange::Parse(range).ok()) return absl::OkStatus();
  return UsageError(absl::StrCat(
      "\"@", range, "\" is no range; write ", name,
      "@=", range.empty() ? "LABEL" : range, " for that version, ", name,
      "@>=LABEL for a newer one too, or ", name, "@release=N for a release"));
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
