#include "signing/client/candidates.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace orrery::signing {
namespace {

// Sources for which `is_wanted` holds, by priority, then id.
template <typename Predicate>
std::vector<std::string> SourcesBy(const LogState& log, Predicate is_wanted) {
  std::vector<std::pair<int64_t, std::string>> ranked;
  for (const auto& [id, source] : log.sources) {
    if (is_wanted(id, source)) {
      ranked.emplace_back(source.in_force().priority, id);
    }
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> ids;
  ids.reserve(ranked.size());
  for (auto& entry : ranked) ids.push_back(std::move(entry.second));
  return ids;
}

// The latest revision of a release that is what is wanted; 0 if none is.
int64_t LatestWanted(const ReleaseState& release,
                     const WantedRevision& wanted) {
  for (size_t i = release.revisions.size(); i > 0; --i) {
    const auto revision = static_cast<int64_t>(i);
    const bool is_wanted = wanted.revision.value_or(revision) == revision &&
                           (!wanted.tree.has_value() ||
                            *wanted.tree == release.revisions[i - 1].tree);
    if (is_wanted) return revision;
  }
  return 0;
}

// By priority and id.
std::vector<std::string> OverlaysOf(const LogState& log,
                                    const std::string& base) {
  return SourcesBy(log, [&](const std::string&, const SourceState& state) {
    return state.in_force().overlay_of == base;
  });
}

}  // namespace

std::vector<RevisionKey> FindCandidates(const LogState& log,
                                        const PackageState& package,
                                        absl::string_view source,
                                        const WantedRevision& wanted) {
  const std::vector<std::string> sources =
      SourcesBy(log, [&](const std::string& id, const SourceState& state) {
        return state.is_base() && (source.empty() || source == id);
      });
  std::vector<RevisionKey> candidates;
  for (const std::string& id : sources) {
    auto release =
        package.releases.upper_bound({id, std::numeric_limits<int64_t>::max()});
    while (release != package.releases.begin()) {
      --release;
      const auto& [of_source, number] = release->first;
      if (of_source != id) break;
      const int64_t revision = LatestWanted(release->second, wanted);
      if (revision > 0 && wanted.release.value_or(number) == number) {
        candidates.push_back({id, number, revision});
      }
    }
  }
  return candidates;
}

std::vector<RevisionKey> FindOverlays(const LogState& log,
                                      const PackageState& package,
                                      const RevisionKey& base) {
  std::vector<RevisionKey> overlays;
  for (const std::string& id : OverlaysOf(log, base.source)) {
    const ReleaseState* const release = FindRelease(package, id, base.release);
    if (release == nullptr) continue;
    const auto latest = static_cast<int64_t>(release->revisions.size());
    if (StateOf(log, package, id, base.release, latest) ==
        RevisionState::kCurrent) {
      overlays.push_back({id, base.release, latest});
    }
  }
  return overlays;
}

std::vector<RevisionKey> FindOtherOverlays(const LogState& log,
                                           const PackageState& package,
                                           const RevisionKey& base) {
  std::vector<RevisionKey> overlays;
  for (const std::string& id : OverlaysOf(log, base.source)) {
    // The newest first.
    for (auto it = package.releases.rbegin(); it != package.releases.rend();
         ++it) {
      const auto& [key, release] = *it;
      if (key.first != id || key.second == base.release) continue;
      const auto latest = static_cast<int64_t>(release.revisions.size());
      if (StateOf(log, package, id, key.second, latest) ==
          RevisionState::kCurrent) {
        overlays.push_back({id, key.second, latest});
      }
    }
  }
  return overlays;
}

}  // namespace orrery::signing
