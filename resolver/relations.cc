#include "resolver/relations.h"

#include <algorithm>

namespace orrery::resolver {

void RequirementTable::Add(Rank rank, const Requirement& requirement) {
  const auto [entry, is_new] =
      index_.try_emplace(requirement, static_cast<uint32_t>(distinct_.size()));
  if (is_new) distinct_.push_back({RankSet(), requirement});
  if (of_rank_.size() <= rank) of_rank_.resize(rank + 1);
  std::vector<uint32_t>& own = of_rank_[rank];
  if (std::find(own.begin(), own.end(), entry->second) != own.end()) return;
  own.push_back(entry->second);
  distinct_[entry->second].ranks.Append(rank);
}

std::span<const uint32_t> RequirementTable::OfRank(Rank rank) const {
  if (rank >= of_rank_.size()) return {};
  return of_rank_[rank];
}

const FeatureRelations* PackageRelations::FindFeature(
    absl::string_view name) const {
  const auto found = std::find_if(
      features.begin(), features.end(),
      [name](const FeatureRelations& feature) { return feature.name == name; });
  return found == features.end() ? nullptr : &*found;
}

}  // namespace orrery::resolver
