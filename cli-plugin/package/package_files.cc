#include "cli-plugin/package/package_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command/file_reader.h"

#include "registry/format/file_mode.h"

namespace orrery::cli {
namespace {

namespace fs = std::filesystem;

// Nothing larger is read; the rules refuse such a file by its size.
constexpr size_t kMaxFileBytes = size_t{4} << 20;

absl::StatusOr<std::vector<fs::path>> Entries(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat(
        directory.string(), " cannot be listed: ", error.message()));
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// The directories `depth` levels below `directory`, and the links in the place
// of one of the last two levels.
absl::Status CollectBelow(const fs::path& directory, int depth,
                          std::vector<fs::path>* found,
                          std::vector<fs::path>* links) {
  if (depth == 0) {
    found->push_back(directory);
    return absl::OkStatus();
  }
  auto entries = Entries(directory);
  if (!entries.ok()) return entries.status();
  for (const fs::path& entry : *entries) {
    std::error_code error;
    const fs::file_type type = fs::symlink_status(entry, error).type();
    if (type == fs::file_type::symlink && depth <= 2) links->push_back(entry);
    if (type != fs::file_type::directory) continue;
    if (absl::Status status = CollectBelow(entry, depth - 1, found, links);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

uint32_t ModeOf(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::directory) return registry::kTreeMode;
  if (status.type() != fs::file_type::regular) return registry::kLinkMode;
  const bool executable =
      (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
  return executable ? registry::kExecutableMode : registry::kFileMode;
}

bool IsNumber(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

}  // namespace

absl::StatusOr<ReleaseTree> FindReleases(const std::string& directory) {
  std::error_code error;
  const fs::path given(directory);
  if (!fs::is_directory(given, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(directory, fs::exists(given, error) ? " is not a directory"
                                                         : " does not exist"));
  }
  const fs::path packages = given / "repo" / "packages";
  if (fs::is_directory(packages, error)) {
    ReleaseTree tree{given.string(), {}};
    std::vector<fs::path> found;
    std::vector<fs::path> links;
    if (absl::Status status = CollectBelow(packages, 3, &found, &links);
        !status.ok()) {
      return status;
    }
    for (const fs::path& release : found) {
      tree.directories.push_back(release.lexically_relative(given).string());
    }
    for (const fs::path& link : links) {
      tree.links.push_back(link.lexically_relative(given).string());
    }
    std::sort(tree.directories.begin(), tree.directories.end());
    return tree;
  }
  const std::vector<std::string> steps =
      absl::StrSplit(directory, '/', absl::SkipEmpty());
  if (steps.size() >= 3 && IsNumber(steps.back())) {
    const size_t kept = std::min<size_t>(steps.size(), 5);
    const std::string relative = absl::StrJoin(
        steps.end() - static_cast<ptrdiff_t>(kept), steps.end(), "/");
    return ReleaseTree{directory.substr(0, directory.size() - relative.size()),
                       {relative}};
  }
  return absl::InvalidArgumentError(absl::StrCat(
      directory, " holds no repo/packages and is no release (.../K/kafka/57)"));
}

absl::StatusOr<ReleaseFiles> ReadRelease(const std::string& root,
                                         const std::string& directory) {
  ReleaseFiles release;
  release.directory = directory;
  auto entries = Entries(fs::path(root) / directory);
  if (!entries.ok()) return entries.status();
  release.texts.resize(entries->size());
  for (size_t i = 0; i < entries->size(); ++i) {
    const fs::path& path = (*entries)[i];
    registry::ReleaseFile file;
    file.name = path.filename().string();
    file.mode = ModeOf(path);
    if (file.mode == registry::kFileMode ||
        file.mode == registry::kExecutableMode) {
      std::error_code error;
      file.size = fs::file_size(path, error);
      if (file.size <= kMaxFileBytes) {
        auto text = ReadFileUpTo(path.string(), kMaxFileBytes);
        if (!text.ok()) return text.status();
        release.texts[i] = *std::move(text);
        file.size = release.texts[i].size();
        file.bytes = release.texts[i];
      }
    }
    release.files.push_back(std::move(file));
  }
  return release;
}

}  // namespace orrery::cli
