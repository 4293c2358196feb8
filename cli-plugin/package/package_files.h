// Release directories on this machine, read for the rules.

#ifndef CLI_PLUGIN_PACKAGE_PACKAGE_FILES_H_
#define CLI_PLUGIN_PACKAGE_PACKAGE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "registry/format/release_check.h"

namespace orrery::cli {

// A release directory with its files. Move only: `files` borrow from `texts`.
struct ReleaseFiles {
  // "repo/packages/K/kafka/57".
  std::string directory;
  std::vector<registry::ReleaseFile> files;
  std::vector<std::string> texts;

  ReleaseFiles() = default;
  ReleaseFiles(ReleaseFiles&&) = default;
  ReleaseFiles& operator=(ReleaseFiles&&) = default;
  ReleaseFiles(const ReleaseFiles&) = delete;
  ReleaseFiles& operator=(const ReleaseFiles&) = delete;
};

// Where the releases of `directory` are: every `<L>/<name>/<N>` below its
// repo/packages when it is a repository's root, itself when it is a release.
// Paths relative to the repository's root, sorted. kInvalidArgument when it is
// neither.
struct ReleaseTree {
  // Absolute; what the directories are relative to.
  std::string root;
  std::vector<std::string> directories;
  // Links where packages or releases stand: refused, and never followed.
  std::vector<std::string> links = {};
};
absl::StatusOr<ReleaseTree> FindReleases(const std::string& directory);

// Reads a directory of the tree. Links and other odd files are given with a
// mode that refuses the release, never followed.
absl::StatusOr<ReleaseFiles> ReadRelease(const std::string& root,
                                         const std::string& directory);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_PACKAGE_FILES_H_
