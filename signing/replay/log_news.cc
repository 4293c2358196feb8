#include "signing/replay/log_news.h"

namespace orrery::signing {

std::vector<ModeSwitch> FindModeSwitches(const LogState& log,
                                         int64_t first_leaf) {
  std::vector<ModeSwitch> switches;
  for (const auto& [id, source] : log.sources) {
    for (size_t i = 1; i < source.records.size(); ++i) {
      const RevisionMode from = source.records[i - 1].mode;
      const RevisionMode to = source.records[i].mode;
      if (from != to && source.chain[i].leaf >= first_leaf) {
        switches.push_back({id, from, to, source.chain[i].leaf});
      }
    }
  }
  return switches;
}

std::vector<NewRevision> FindNewRevisions(const PackageState& package,
                                          int64_t first_leaf) {
  std::vector<NewRevision> found;
  for (const auto& [key, release] : package.releases) {
    for (size_t i = 1; i < release.revisions.size(); ++i) {
      if (release.revisions[i].first_leaf() < first_leaf) continue;
      const auto from = static_cast<int64_t>(i);
      found.push_back({key.first, key.second, from,
                       release.revisions[i - 1].tree, from + 1,
                       release.revisions[i].tree});
    }
  }
  return found;
}

}  // namespace orrery::signing
