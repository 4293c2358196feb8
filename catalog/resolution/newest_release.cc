#include "catalog/resolution/newest_release.h"

namespace orrery::catalog {
namespace {

using resolver::Rank;

bool IsOffered(const ReleaseFacts& release) {
  return !release.release->hidden && !release.is_lost && !release.is_shadowed &&
         release.release->not_current.empty();
}

bool IsBarred(const ReleaseFacts& release) {
  return !IsOffered(release) || release.unreadable;
}

}  // namespace

registry::ReleasePtr NewestRelease(const PackageFacts& package, Rank rank,
                                   const resolver::RankSet& untrusted) {
  registry::ReleasePtr newest;
  bool is_prerelease = true;
  for (Rank other = 0; other < package.releases.size(); ++other) {
    const ReleaseFacts& release = package.releases[other];
    const bool pre = release.version.is_prerelease();
    if (other != rank && (IsBarred(release) || untrusted.Contains(other) ||
                          (pre && !is_prerelease))) {
      continue;
    }
    newest = release.release;
    is_prerelease = pre;
  }
  return newest;
}

registry::ReleasePtr NewerPrerelease(const PackageFacts& package,
                                     const resolver::RankSet& untrusted) {
  registry::ReleasePtr prerelease;
  for (size_t i = package.releases.size(); i-- > 0;) {
    const ReleaseFacts& release = package.releases[i];
    if (IsBarred(release) || untrusted.Contains(static_cast<Rank>(i))) continue;
    if (!release.version.is_prerelease()) return prerelease;
    if (prerelease == nullptr) prerelease = release.release;
  }
  return nullptr;
}

registry::ReleasePtr BetterRelease(
    const PackageFacts& package, Rank rank,
    const std::optional<resolver::RankSet>& reachable) {
  for (size_t above = package.releases.size(); above-- > rank + size_t{1};) {
    const ReleaseFacts& release = package.releases[above];
    if (!IsOffered(release) || release.version.is_prerelease()) continue;
    if (reachable.has_value() &&
        !reachable->Contains(static_cast<Rank>(above))) {
      continue;
    }
    return release.release;
  }
  return nullptr;
}

}  // namespace orrery::catalog
