#ifndef REGISTRY_FORMAT_RELEASE_DIRECTORY_H_
#define REGISTRY_FORMAT_RELEASE_DIRECTORY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "registry/format/finding.h"

namespace orrery::registry {

// The number and name a directory path promises:
// `<prefix>repo/packages/<L>/<name>/<N>`.
struct ReleaseKey {
  std::string name;
  int64_t release = 0;

  bool operator==(const ReleaseKey&) const = default;
};

// Either the key or the finding.
struct ReleaseDirectory {
  std::optional<ReleaseKey> key;
  std::optional<Finding> finding;
};

// Rule `layout` (universe-format §2); `directory` is relative to the
// repository's root and ends in `/<L>/<name>/<N>`.
ReleaseDirectory ParseReleaseDirectory(absl::string_view directory);

// `<packages path>/<L>/<name>`, the folder of a package's releases. Requires: a
// package name.
std::string PackageFolder(absl::string_view packages_path,
                          absl::string_view package);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELEASE_DIRECTORY_H_
