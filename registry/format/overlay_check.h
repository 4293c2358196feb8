#ifndef REGISTRY_FORMAT_OVERLAY_CHECK_H_
#define REGISTRY_FORMAT_OVERLAY_CHECK_H_

#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/format/release_check.h"
#include "registry/format/release_directory.h"

namespace orrery::registry {

struct OverlayCheck {
  std::vector<Finding> findings;
  // What its relations name (RelationMentions).
  std::vector<std::string> mentions;
  // As ReleaseFacts.
  std::vector<std::string> requirements;

  bool refused() const;
};

// Checks a directory of an overlay source, which adds files to releases of
// another source and holds none of the files that make one (resolver.md §7).
// As CheckRelease; whether its options are there only the base can say.
OverlayCheck CheckOverlay(absl::string_view directory, const ReleaseKey& key,
                          std::span<const ReleaseFile> files);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_OVERLAY_CHECK_H_
