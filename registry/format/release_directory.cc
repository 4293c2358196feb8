#include "registry/format/release_directory.h"

#include <charconv>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "registry/format/document_reader.h"
#include "registry/format/finding_list.h"
#include "registry/format/release_path.h"
#include "resolver/package_name.h"

namespace orrery::registry {
namespace {

std::optional<int64_t> ParseNumber(absl::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool canonical =
      text == "0" || (!text.empty() && text[0] != '0' && text[0] != '-');
  if (error != std::errc() || stop != end || !canonical) return std::nullopt;
  return number;
}

ReleaseDirectory Fault(absl::string_view directory, std::string text) {
  FindingList findings(Profile::kImport);
  const std::string path = PrintablePath(directory);
  findings.Add(rules::kLayout, path, std::nullopt, std::nullopt,
               std::move(text));
  ReleaseDirectory result;
  result.finding = std::move(findings.Take(path)[0]);
  return result;
}

std::string Initial(absl::string_view package) {
  return std::string(
      1, absl::ascii_toupper(static_cast<unsigned char>(package.front())));
}

}  // namespace

ReleaseDirectory ParseReleaseDirectory(absl::string_view directory) {
  const std::vector<absl::string_view> parts = absl::StrSplit(directory, '/');
  if (parts.size() < 3) {
    return Fault(directory,
                 "a release stands in repo/packages/<letter>/<name>/<number>");
  }
  const absl::string_view letter = parts[parts.size() - 3];
  const absl::string_view name = parts[parts.size() - 2];
  const absl::string_view number = parts[parts.size() - 1];
  if (!resolver::PackageName::Parse(name).ok()) {
    return Fault(directory,
                 absl::StrCat(Shown(PrintablePath(name)),
                              " is no package name: 2 to 64 characters of a-z, "
                              "0-9 and '-', a letter first and no '-' last"));
  }
  const std::string initial = Initial(name);
  if (letter != initial) {
    return Fault(directory, absl::StrCat("package ", name, " belongs below ",
                                         Shown(initial), ", not ",
                                         Shown(PrintablePath(letter))));
  }
  const std::optional<int64_t> release = ParseNumber(number);
  if (!release.has_value()) {
    return Fault(directory,
                 absl::StrCat(Shown(PrintablePath(number)),
                              " is no release number: a decimal number from 0 "
                              "to 9223372036854775807 without sign and leading "
                              "zeros"));
  }
  ReleaseDirectory result;
  result.key = ReleaseKey{std::string(name), *release};
  return result;
}

std::string PackageFolder(absl::string_view packages_path,
                          absl::string_view package) {
  return absl::StrCat(packages_path, "/", Initial(package), "/", package);
}

}  // namespace orrery::registry
