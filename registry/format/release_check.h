// One release directory, whole, against the rules of universe-format §14 that
// need neither rendering nor other releases.

#ifndef REGISTRY_FORMAT_RELEASE_CHECK_H_
#define REGISTRY_FORMAT_RELEASE_CHECK_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/format/package_document.h"
#include "registry/format/release_directory.h"
#include "registry/format/release_limits.h"

namespace orrery::registry {

// A file of a release directory as git has it. `bytes` is borrowed. A mode
// other than 0100644 and 0100755 (symbolic link, submodule, directory) needs no
// bytes: it refuses the release. For a file over the limit give its size and
// leave `bytes` empty.
struct ReleaseFile {
  std::string name;
  uint32_t mode = 0100644;
  uint64_t size = 0;
  absl::string_view bytes;
};

// A CLI binary that resource.json declares with a digest.
struct CliBinary {
  std::string url;
  std::string sha256;
  // Where it stands in resource.json.
  std::string pointer;
};

// What the rules over several releases need of each (see repository_check.h).
struct ReleaseFacts {
  std::string directory;
  std::string name;
  int64_t release = 0;
  std::string version;
  std::vector<std::string> upgrades_from;
  std::vector<std::string> downgrades_to;
  // Name of the package that must manage this one.
  std::optional<std::string> manager;
  std::vector<CliBinary> cli_binaries;
  // What its relations name (RelationMentions).
  std::vector<std::string> mentions;
  // The texts of its requirements (RequirementTexts); none of refused
  // relations.
  std::vector<std::string> requirements;
};

// The verdict. Either `package` is set, or the release is refused (some finding
// `refuses`), or it is `legacy`: a directory of the layout before packaging
// version 2.0 (universe-format §18), not served and not refused.
struct ReleaseCheck {
  std::optional<PackageDocument> package;
  bool legacy = false;
  // Sorted by path, pointer, rule.
  std::vector<Finding> findings;
  ReleaseFacts facts;

  bool refused() const;
};

// Checks the files of `directory`, in any order. Never fails: what is wrong is
// a finding, of one rule the first 1,000 and one that counts the others. Pure
// and thread-safe; the same findings whatever the order of the files. `facts`
// beyond directory, name and release are filled when `package` is set.
ReleaseCheck CheckRelease(absl::string_view directory, const ReleaseKey& key,
                          std::span<const ReleaseFile> files, Profile profile);

// Of rules and limits together; never 0. A stored verdict that another version
// made is made again.
constexpr int RulesVersion(uint64_t rule_set,
                           std::initializer_list<uint64_t> limits) {
  // FNV-1a: any other limit gives another version.
  uint64_t hash = 14695981039346656037u ^ rule_set;
  for (const uint64_t limit : limits) hash = (hash ^ limit) * 1099511628211u;
  return static_cast<int>(hash >> 40) | 1 << 24;
}

// Raise the first number whenever a rule may judge otherwise than before.
inline constexpr int kRulesVersion =
    RulesVersion(3, {kMaxReleaseFiles, kMaxReleaseFileBytes, kMaxReleaseBytes});

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RELEASE_CHECK_H_
