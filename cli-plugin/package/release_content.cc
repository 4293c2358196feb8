#include "cli-plugin/package/release_content.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/package/package_files.h"

#include "registry/format/finding.h"
#include "registry/format/release_check.h"
#include "signing/digest.h"
#include "signing/encoding.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

namespace fs = std::filesystem;

std::string PackageDirectoryOf(const std::string& package) {
  const char letter =
      package.empty()
          ? '_'
          : absl::ascii_toupper(static_cast<unsigned char>(package.front()));
  return absl::StrCat("repo/packages/", std::string(1, letter), "/", package);
}

absl::Status Refused(const std::string& directory,
                     const registry::ReleaseCheck& check) {
  std::vector<std::string> reasons;
  for (const registry::Finding& finding : check.findings) {
    if (!finding.refuses) continue;
    reasons.push_back(absl::StrCat(
        finding.path,
        finding.line.has_value() ? absl::StrCat(":", *finding.line) : "", ": ",
        finding.text));
  }
  if (check.legacy) reasons.push_back("it is of the legacy layout");
  return absl::FailedPreconditionError(absl::StrCat(
      "no registry takes ", directory, ": ", absl::StrJoin(reasons, "; "),
      "; `orrery package lint` shows all that is to be mended"));
}

}  // namespace

std::string ReleaseDirectoryOf(const std::string& package, int64_t release) {
  return absl::StrCat(PackageDirectoryOf(package), "/", release);
}

std::vector<int64_t> ReleasesOf(const std::string& root,
                                const std::string& package) {
  std::vector<int64_t> releases;
  std::error_code error;
  for (fs::directory_iterator
           it(fs::path(root) / PackageDirectoryOf(package), error),
       end;
       !error && it != end; it.increment(error)) {
    const auto number = signing::ParseDecimal(it->path().filename().string());
    std::error_code not_there;
    if (number.ok() && fs::is_directory(it->path(), not_there)) {
      releases.push_back(static_cast<int64_t>(*number));
    }
  }
  std::sort(releases.begin(), releases.end());
  return releases;
}

absl::StatusOr<signing::RevisionContent> ReadContent(const std::string& root,
                                                     const std::string& package,
                                                     int64_t release) {
  const std::string directory = ReleaseDirectoryOf(package, release);
  std::error_code error;
  if (!fs::is_directory(fs::path(root) / directory, error)) {
    return absl::NotFoundError(
        absl::StrCat("there is no release directory ", directory));
  }
  ORRERY_ASSIGN_OR_RETURN(const ReleaseFiles read,
                          ReadRelease(root, directory));
  const registry::ReleaseCheck check = registry::CheckRelease(
      directory, {package, release}, read.files, registry::Profile::kImport);
  if (!check.package.has_value()) return Refused(directory, check);
  signing::RevisionContent content;
  content.release = release;
  content.revision = 1;
  content.version = check.package->version;
  content.requirements = check.facts.requirements;
  std::vector<signing::TreeHash::File> files;
  for (const registry::ReleaseFile& file : read.files) {
    content.files.push_back({signing::Digest::Of(file.bytes),
                             static_cast<int64_t>(file.size), file.name});
  }
  std::sort(content.files.begin(), content.files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  for (const signing::ContentFile& file : content.files) {
    files.push_back({file.path, file.digest});
  }
  content.tree = signing::TreeHash::Of(package, release, files);
  return content;
}

std::string Differences(const signing::RevisionContent& recorded,
                        const signing::RevisionContent& found) {
  std::map<absl::string_view, signing::Digest> there;
  for (const signing::ContentFile& file : found.files) {
    there[file.path] = file.digest;
  }
  std::vector<std::string> differences;
  for (const signing::ContentFile& file : recorded.files) {
    const auto same = there.find(file.path);
    if (same == there.end()) {
      differences.push_back(absl::StrCat(file.path, " is gone"));
      continue;
    }
    if (same->second != file.digest) {
      differences.push_back(absl::StrCat(file.path, " differs"));
    }
    there.erase(same);
  }
  for (const auto& [path, digest] : there) {
    differences.push_back(absl::StrCat(path, " is new"));
  }
  return absl::StrJoin(differences, ", ");
}

}  // namespace orrery::cli
