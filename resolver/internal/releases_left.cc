#include "resolver/internal/releases_left.h"

#include <algorithm>

#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {
namespace {

// The run of releases of the slot that all of `ranks` are of. Empty (its last
// before its first) if they are of several.
RankInterval SlotAround(RankInterval ranks,
                        std::span<const Candidate> candidates) {
  const uint32_t slot = candidates[ranks.first].slot;
  const auto is_of_slot = [&](Rank rank) {
    return rank < candidates.size() && candidates[rank].slot == slot;
  };
  for (Rank rank = ranks.first; rank <= ranks.last; ++rank) {
    if (!is_of_slot(rank)) return {1, 0};
  }
  while (ranks.first > 0 && is_of_slot(ranks.first - 1)) --ranks.first;
  while (is_of_slot(ranks.last + 1)) ++ranks.last;
  return ranks;
}

}  // namespace

ReleasesLeft::Index ReleasesLeft::IndexOf(PackageId package) {
  const Index known = index_.Get(package);
  if (known != kNone) return known;
  const auto index = static_cast<Index>(packages_.size());
  index_.Set(package, index);
  packages_.emplace_back().id = package;
  return index;
}

absl::StatusOr<ReleasesLeft::Index> ReleasesLeft::OpenNew(Index index) {
  Package& package = packages_[index];
  package.is_open = true;
  package.traits = source_.Traits(package.id);
  ORRERY_ASSIGN_OR_RETURN(package.candidates, source_.Candidates(package.id));
  package.row = static_cast<uint32_t>(rows_.size());
  rows_.resize(rows_.size() + package.width(), 0);
  const auto count = static_cast<Rank>(package.candidates.size());
  if (count > 0) AddRanks({0, count - 1}, RowAt(package));
  for (Rank rank = 0; package.traits.has_barred && rank < count; ++rank) {
    if (!package.candidates[rank].barred.empty()) {
      RemoveValue(RowAt(package), rank);
    }
  }
  for (uint32_t i = package.exclusions; i != kNone;
       i = exclusions_[i].previous) {
    Apply(exclusions_[i], package);
  }
  return index;
}

bool ReleasesLeft::IsMet(Index index, Ranks ranks) const {
  for (const Rank rank : packages_[index].taken) {
    for (const auto& [first, last] : ranks) {
      if (first <= rank && rank <= last) return true;
    }
  }
  return false;
}

Word* ReleasesLeft::LeftOf(Index index, Ranks ranks) {
  const Package& package = packages_[index];
  const uint32_t width = package.width();
  if (found_.size() < width) found_.resize(width);
  const Word* left = RowAt(package);
  Word* found = found_.data();
  Word any = 0;
  for (uint32_t i = 0; i < width; ++i) {
    Word word = 0;
    for (const RankInterval& each : ranks) word |= WordOf(each, i);
    any |= found[i] = word & left[i];
  }
  return any == 0 ? nullptr : found;
}

bool ReleasesLeft::Narrow(Index index, Ranks ranks) {
  const Word* found = LeftOf(index, ranks);
  if (found == nullptr) return false;
  const Package& package = packages_[index];
  Word* left = RowAt(package);
  if (!package.traits.has_slots) {
    std::copy_n(found, package.width(), left);
    return true;
  }
  const RankInterval slot =
      SlotAround({ranks.front().first, ranks.back().last}, package.candidates);
  if (slot.first > slot.last) return true;
  RemoveRanks(slot, left);
  for (uint32_t i = 0; i < package.width(); ++i) left[i] |= found[i];
  return true;
}

bool ReleasesLeft::Take(Index index, Rank rank) {
  Package& package = packages_[index];
  for (const Rank other : package.taken) {
    if (package.candidates[other].slot == package.candidates[rank].slot) {
      return false;
    }
  }
  package.taken.push_back(rank);
  const RankInterval only = {rank, rank};
  Narrow(index, {&only, 1});
  return true;
}

bool ReleasesLeft::Exclude(PackageId id, const RankSet& ranks, bool are_others,
                           Rank except) {
  Package& package = packages_[IndexOf(id)];
  Exclusion exclusion = {&ranks, are_others, except, package.exclusions};
  if (package.is_open) return Apply(exclusion, package);
  package.exclusions = static_cast<uint32_t>(exclusions_.size());
  exclusions_.push_back(exclusion);
  return true;
}

bool ReleasesLeft::Apply(const Exclusion& exclusion, const Package& package) {
  const auto& [ranks, are_others, except, previous] = exclusion;
  for (const Rank rank : package.taken) {
    if (rank != except && ranks->Contains(rank) != are_others) return false;
  }
  const Row row = RowOf(*ranks, package.window());
  Word* left = RowAt(package);
  for (size_t i = 0; i < row.size(); ++i) {
    left[i] &= are_others ? row[i] : ~row[i];
  }
  return true;
}

}  // namespace orrery::resolver::internal
