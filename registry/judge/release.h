#ifndef REGISTRY_JUDGE_RELEASE_H_
#define REGISTRY_JUDGE_RELEASE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/format/release_files.h"
#include "signing/digest.h"

namespace orrery::registry {

// A file of a release directory. Its bytes are in the content store under
// `digest`; nothing there for what is not read: symbolic links, submodules,
// directories, files over the limit.
struct ReleaseContent {
  std::string name;
  // As git has it.
  uint32_t mode = 0;
  uint64_t size = 0;
  std::optional<signing::Digest> digest;

  bool operator==(const ReleaseContent&) const = default;
};

// One served release as lists, search and selection need it. Immutable once
// published; its documents are read through the snapshot.
struct Release {
  std::string name;
  // Release number: the order of releases (universe-format §10).
  int64_t release = 0;
  // Label; opaque, may repeat.
  std::string version;
  // Name of the source.
  std::string source;
  // `<subdir>/repo/packages/<L>/<name>/<N>`, relative to the repository's root.
  std::string directory;
  // Kept out of lists, search and default selection (universe-format §12).
  bool hidden = false;
  bool selected = false;
  bool framework = false;
  std::string maintainer;
  std::string description;
  std::vector<std::string> tags;
  // By name.
  std::vector<ReleaseContent> files;
  // Of the release itself and of its comparison with the source's others; by
  // path, pointer, rule.
  std::vector<Finding> findings;

  // Why it is not what its source offers now: then only who names its content
  // may have it. Empty for what is served.
  std::string not_current = {};

  bool operator==(const Release&) const = default;
};

// Null when the release has no such file.
inline const ReleaseContent* FindFile(const Release& release,
                                      absl::string_view name) {
  for (const ReleaseContent& file : release.files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

using ReleasePtr = std::shared_ptr<const Release>;

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_RELEASE_H_
