#include "cli-plugin/catalog/package_reference.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli-plugin/text/problem.h"

#include "resolver/package_name.h"
#include "resolver/version_range.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

absl::Status CheckRange(absl::string_view range, absl::string_view name) {
  if (resolver::VersionRange::Parse(range).ok()) return absl::OkStatus();
  absl::string_view label = range;
  label.remove_prefix(
      std::min(label.find_first_not_of("=!<>^~* "), label.size()));
  return UsageError(absl::StrCat(
      "\"@", range, "\" is no range; write ", name,
      "@=", label.empty() ? "LABEL" : label, " for that version, ", name,
      "@>=LABEL for a newer one too, or ", name, "@release=N for a release"));
}

// Else it is the name of a service.
bool BeginsRange(absl::string_view text) {
  if (text.empty()) return true;
  if (absl::StrContains("=!<>^~*", text.front())) return true;
  if (absl::ConsumePrefix(&text, "release")) {
    return !text.empty() && absl::StrContains("=!<>", text.front());
  }
  if (text.front() == 'v') text.remove_prefix(1);
  return !text.empty() && absl::ascii_isdigit(text.front());
}

// `release=7#1`.
bool HasRevision(absl::string_view range) {
  const size_t hash = range.find('#');
  if (!absl::StartsWith(range, "release=") || hash == absl::string_view::npos) {
    return false;
  }
  const absl::string_view revision = range.substr(hash + 1);
  return !revision.empty() && revision.front() != '0' &&
         std::all_of(revision.begin(), revision.end(), absl::ascii_isdigit);
}

// Takes `[a,b]` off the front of `rest`.
absl::Status TakeFeatures(absl::string_view text, absl::string_view* rest,
                          std::vector<std::string>* features) {
  if (!features->empty() || !absl::ConsumePrefix(rest, "[")) {
    return absl::OkStatus();
  }
  const size_t close = rest->find(']');
  if (close == absl::string_view::npos) {
    return UsageError(absl::StrCat("\"", text, "\": a ] is missing"));
  }
  *features = absl::StrSplit(rest->substr(0, close), ',');
  rest->remove_prefix(close + 1);
  return absl::OkStatus();
}

}  // namespace

std::string PackageReference::Text() const {
  return range.empty() ? name : absl::StrCat(name, "@", range);
}

std::string PackageReference::VersionsText() const {
  return range.substr(0, range.find('#'));
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

absl::StatusOr<PackageReference> ParseItem(absl::string_view text) {
  PackageReference item;
  const size_t end = std::min(text.find_first_of("@["), text.size());
  item.name = std::string(text.substr(0, end));
  absl::string_view rest = text.substr(end);
  ORRERY_RETURN_IF_ERROR(TakeFeatures(text, &rest, &item.features));
  if (absl::StartsWith(rest, "@") && !BeginsRange(rest.substr(1))) {
    const size_t next = std::min(rest.find_first_of("@[", 1), rest.size());
    item.service = std::string(rest.substr(1, next - 1));
    rest.remove_prefix(next);
    ORRERY_RETURN_IF_ERROR(TakeFeatures(text, &rest, &item.features));
  }
  if (absl::ConsumePrefix(&rest, "@")) {
    item.range = std::string(rest);
    const absl::Status range = CheckRange(
        HasRevision(item.range) ? item.VersionsText() : item.range, item.name);
    if (!range.ok()) return range;
    if (!BeginsRange(rest)) {
      return UsageError(
          absl::StrCat("cannot read \"", text, "\" at \"@", rest,
                       "\": what follows the second @ is a range, "
                       "and a label alone is \"=",
                       rest, "\""));
    }
  } else if (!rest.empty()) {
    return UsageError(
        absl::StrCat("cannot read \"", text, "\" at \"", rest,
                     "\"; write NAME@SERVICE[FEATURE,...]@RANGE"));
  }
  return item;
}

}  // namespace orrery::cli
