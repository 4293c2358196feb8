#include "registry/log/yanks.h"

#include <algorithm>

#include "registry/judge/tree_hash.h"

namespace orrery::registry {

const signing::PackageState* Yanks::FindYanked(
    absl::string_view package) const {
  // The leaves of the others need not be read.
  if (log_ == nullptr || !log_->yanked.contains(package)) return nullptr;
  return signing::FindPackage(*log_, package);
}

const std::string* Yanks::ReasonOf(absl::string_view package,
                                   absl::string_view source, int64_t release,
                                   int64_t revision) const {
  const signing::PackageState* const known = FindYanked(package);
  if (known == nullptr) return nullptr;
  const signing::ReleaseState* const state =
      signing::FindRelease(*known, source, release);
  if (state == nullptr || revision < 1 ||
      revision > static_cast<int64_t>(state->revisions.size())) {
    return nullptr;
  }
  const signing::Yank* const yank =
      signing::FindYank(*known, source, release, revision);
  return yank == nullptr ? nullptr : &yank->reason;
}

const std::string* Yanks::ReasonOf(const Release& release) const {
  const signing::PackageState* const known = FindYanked(release.name);
  // Hashing a release is not for nothing.
  if (known == nullptr) return nullptr;
  const signing::ReleaseState* const state =
      signing::FindRelease(*known, release.source, release.release);
  if (state == nullptr) return nullptr;
  const std::string tree = TreeHash(release);
  for (auto revision = static_cast<int64_t>(state->revisions.size());
       revision > 0; --revision) {
    if (state->revisions[revision - 1].tree.Text() == tree) {
      return ReasonOf(release.name, release.source, release.release, revision);
    }
  }
  return nullptr;
}

PackageEntry Yanks::WithoutYanked(const PackageEntry& package) const {
  PackageEntry offered = package;
  std::erase_if(offered.releases, [&](const ReleasePtr& release) {
    return ReasonOf(*release) != nullptr;
  });
  return offered.releases.empty() ? package : offered;
}

}  // namespace orrery::registry
