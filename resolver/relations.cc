#include "resolver/relations.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace orrery::resolver {
namespace {

PlainNeed PlainOf(const Requirement& requirement) {
  if (requirement.any_of.size() != 1 || !requirement.conditions.empty()) {
    return {};
  }
  const Alternative& only = requirement.any_of.front();
  if (only.own || !only.instance.empty() || !only.features.empty() ||
      only.target.is_capability) {
    return {};
  }
  PlainNeed plain;
  for (const PackageRanks& member : only.target.members) {
    if (!member.if_running.empty()) return {};
    if (member.ranks.empty()) continue;
    if (plain.is_all() || member.ranks.intervals().size() != 1) return {};
    plain = {member.package, member.ranks.intervals().front()};
  }
  return plain;
}

}  // namespace

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
  constexpr size_t kFew = 16;
  const auto next = static_cast<uint32_t>(distinct_.size());
  if (next < kFew) {
    for (uint32_t index = 0; index < next; ++index) {
      if (distinct_[index].what == requirement) return index;
    }
  } else {
    for (auto index = static_cast<uint32_t>(indexed_); index < next; ++index) {
      index_[absl::HashOf(distinct_[index].what)].push_back(index);
    }
    indexed_ = next;
    const auto known = index_.find(absl::HashOf(requirement));
    if (known != index_.end()) {
      for (const uint32_t index : known->second) {
        if (distinct_[index].what == requirement) return index;
      }
    }
  }
  distinct_.emplace_back().what = requirement;
  plain_.push_back(PlainOf(requirement));
  return next;
}

const FeatureRelations* PackageRelations::FindFeature(
    absl::string_view name) const {
  const auto found = std::find_if(
      features.begin(), features.end(),
      [name](const FeatureRelations& feature) { return feature.name == name; });
  return found == features.end() ? nullptr : &*found;
}

}  // namespace orrery::resolver
