#include "resolver/relations.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace orrery::resolver {

void RequirementTable::Add(Rank rank, const Requirement& requirement) {
  const uint32_t index = IndexOf(requirement);
  while (ends_.size() <= rank) {
    ends_.push_back(static_cast<uint32_t>(of_ranks_.size()));
  }
  const std::span<const uint32_t> own = OfRank(rank);
  if (std::find(own.begin(), own.end(), index) != own.end()) return;
  of_ranks_.insert(of_ranks_.begin() + ends_[rank], index);
  for (Rank later = rank; later < ends_.size(); ++later) ++ends_[later];
  RankSet& ranks = distinct_[index].ranks;
  if (ranks.empty() || rank >= ranks.intervals().back().last) {
    ranks.Append(rank);
  } else {
    ranks = Union(ranks, {{rank, rank}});
  }
}

uint32_t RequirementTable::IndexOf(const Requirement& requirement) {
  auto& known = index_[absl::HashOf(requirement)];
  for (const uint32_t index : known) {
    if (distinct_[index].what == requirement) return index;
  }
  known.push_back(static_cast<uint32_t>(distinct_.size()));
  distinct_.emplace_back().what = requirement;
  return known.back();
}

const FeatureRelations* PackageRelations::FindFeature(
    absl::string_view name) const {
  const auto found = std::find_if(
      features.begin(), features.end(),
      [name](const FeatureRelations& feature) { return feature.name == name; });
  return found == features.end() ? nullptr : &*found;
}

}  // namespace orrery::resolver
