#include "resolver/internal/straight_walk.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "resolver/internal/named_choice.h"
#include "third_party/absl/status_macros.h"

namespace orrery::resolver::internal {

absl::StatusOr<std::optional<Answer>> StraightWalk::Run() {
  if (!IsBare()) return std::nullopt;
  ORRERY_RETURN_IF_ERROR(AddFacts());
  ORRERY_ASSIGN_OR_RETURN(const bool has_arrived, Walk());
  if (has_arrived) return Solved();
  if (!is_forced_) return std::nullopt;
  Answer answer;
  answer.status = Status::kUnsatisfiable;
  answer.statistics = {.steps = fixed_.size(),
                       .decisions = 0,
                       .conflicts = 1,
                       .loaded = fixed_.size()};
  return answer;
}

bool StraightWalk::IsBare() const {
  return request_.installed.empty() && request_.keep.empty() &&
         request_.update.empty() && request_.remove.empty() &&
         request_.prefer.empty() && request_.locked.empty() &&
         request_.allowed.empty() && request_.exclude.empty() &&
         request_.limits.empty() && request_.bindings.empty();
}

absl::Status StraightWalk::AddFacts() {
  for (const auto& [node, rank] : request_.facts) {
    ORRERY_ASSIGN_OR_RETURN(const Index index, releases_.Open(node.package));
    releases_[index].is_fact = true;
    releases_.Take(index, rank);
  }
  const RankSet none;
  for (const PackageId fact : request_.absent_facts) {
    ORRERY_ASSIGN_OR_RETURN(const Index index, releases_.Open(fact));
    releases_[index].is_fact = true;
    releases_.Exclude(fact, none, /*are_others=*/true, ReleasesLeft::kNoRank);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> StraightWalk::Walk() {
  for (const Requirement& item : request_.items) {
    ORRERY_ASSIGN_OR_RETURN(const bool goes_on, AddPoint(item));
    if (!goes_on) return false;
  }
  for (size_t i = 0; i < points_.size(); ++i) {
    // Points move when others are added.
    const Point point = points_[i];
    ORRERY_ASSIGN_OR_RETURN(const bool goes_on, point.whole != nullptr
                                                    ? SettleWhole(*point.whole)
                                                    : Settle(point));
    if (!goes_on) return false;
  }
  return true;
}

absl::StatusOr<bool> StraightWalk::AddPoint(const Requirement& requirement) {
  if (!requirement.conditions.empty()) return TurnBack();
  size_t members = 0;
  const PackageRanks* last = nullptr;
  for (const Alternative& alternative : requirement.any_of) {
    if (alternative.own || !alternative.instance.empty() ||
        !alternative.features.empty()) {
      return TurnBack();
    }
    for (const PackageRanks& member : alternative.target.members) {
      if (member.ranks.empty()) continue;
      ++members;
      last = &member;
    }
  }
  if (members == 0) return false;
  if (members == 1) return AddPoint(last->package, last->ranks.intervals());
  points_.push_back({ReleasesLeft::kNone, {}, &requirement});
  return true;
}

absl::StatusOr<bool> StraightWalk::AddPoint(PackageId package, Ranks ranks) {
  ORRERY_ASSIGN_OR_RETURN(const Index index, releases_.Open(package));
  if (releases_.IsMet(index, ranks)) return true;
  if (!releases_.Narrow(index, ranks)) return false;
  // What is taken for an earlier point will be one of what is left.
  ReleasesLeft::Package& needed = releases_[index];
  if (!needed.traits.has_slots && std::exchange(needed.is_needed, true)) {
    return true;
  }
  points_.push_back({index, ranks});
  return true;
}

absl::StatusOr<bool> StraightWalk::Settle(const Point& point) {
  if (releases_.IsMet(point.package, point.ranks)) return true;
  Word* left = releases_.LeftOf(point.package, point.ranks);
  if (left == nullptr) return false;
  if (OnlyValue(left, releases_[point.package].width()) == kNoValue) {
    is_forced_ = false;
    ++decisions_;
  }
  return Fix(point.package, BestOf(point.package, left));
}

absl::StatusOr<bool> StraightWalk::SettleWhole(const Requirement& requirement) {
  for (const Alternative& alternative : requirement.any_of) {
    const bool is_first = &alternative == &requirement.any_of.front();
    for (const PackageRanks& member : alternative.target.members) {
      const Index known = releases_.Find(member.package);
      if (known == ReleasesLeft::kNone) continue;
      if (releases_[known].is_fact && !is_first) continue;
      if (releases_.IsMet(known, member.ranks.intervals())) return true;
    }
  }
  is_forced_ = false;
  ++decisions_;
  for (const Alternative& alternative : requirement.any_of) {
    for (const PackageRanks& member : alternative.target.members) {
      if (member.ranks.empty()) continue;
      ORRERY_ASSIGN_OR_RETURN(const Index index,
                              releases_.Open(member.package));
      Word* left = releases_.LeftOf(index, member.ranks.intervals());
      if (left == nullptr) continue;
      if (releases_[index].is_fact) return true;
      return Fix(index, BestOf(index, left));
    }
  }
  return false;
}

absl::StatusOr<bool> StraightWalk::Fix(Index index, Rank rank) {
  if (IsOutOfBudget() || !releases_.Take(index, rank)) return TurnBack();
  fixed_.push_back({index, rank});
  const PackageRelations* relations = releases_[index].relations;
  if (relations == nullptr) {
    ORRERY_ASSIGN_OR_RETURN(relations, source_.Load({releases_[index].id}));
    releases_[index].relations = relations;
  }
  if (!relations->claims.empty()) return TurnBack();
  if (!ExcludeFor(index, rank, *relations)) return false;
  const RequirementTable& table = relations->requirements;
  for (const uint32_t clause : table.OfRank(rank)) {
    const PlainNeed& plain = table.plain()[clause];
    ORRERY_ASSIGN_OR_RETURN(const bool goes_on,
                            plain.is_all()
                                ? AddPoint(plain.package, {&plain.ranks, 1})
                                : AddPoint(table.distinct()[clause].what));
    if (!goes_on) return false;
  }
  return true;
}

bool StraightWalk::ExcludeFor(Index index, Rank rank,
                              const PackageRelations& relations) {
  const PackageId own = releases_[index].id;
  for (const auto& [ranks, target] : relations.conflicts) {
    if (!ranks.Contains(rank)) continue;
    for (const PackageRanks& member : target.members) {
      // A release does not conflict with itself.
      const Rank except = member.package == own ? rank : ReleasesLeft::kNoRank;
      if (!releases_.Exclude(member.package, member.ranks,
                             /*are_others=*/false, except)) {
        return false;
      }
    }
  }
  for (const auto& [ranks, target] : relations.bounds) {
    if (!ranks.Contains(rank)) continue;
    for (const PackageRanks& member : target.members) {
      if (!releases_.Exclude(member.package, member.ranks, /*are_others=*/true,
                             ReleasesLeft::kNoRank)) {
        return false;
      }
    }
  }
  return true;
}

bool StraightWalk::IsOutOfBudget() const {
  constexpr size_t kTurns = 64;
  if (fixed_.size() >= request_.max_steps) return true;
  return request_.is_out_of_time != nullptr && fixed_.size() % kTurns == 0 &&
         request_.is_out_of_time();
}

Rank StraightWalk::BestOf(Index index, Word* row) const {
  const ReleasesLeft::Package& package = releases_[index];
  const uint32_t width = package.width();
  Rank best = kNoValue;
  while (!IsEmpty(row, width)) {
    const Rank rank = request_.oldest_first ? LowestValue(row, width)
                                            : HighestValue(row, width);
    if (!package.candidates[rank].prerelease) return rank;
    if (best == kNoValue) best = rank;
    RemoveValue(row, rank);
  }
  return best;
}

const PackageRelations* StraightWalk::RelationsOf(PackageId package) const {
  const Index known = releases_.Find(package);
  return known == ReleasesLeft::kNone ? nullptr : releases_[known].relations;
}

Answer StraightWalk::Solved() const {
  Answer answer;
  answer.status = Status::kSolved;
  std::vector<NamedChoice> chosen;
  chosen.reserve(fixed_.size());
  for (const auto& [index, rank] : fixed_) {
    chosen.emplace_back(source_.Name(releases_[index].id), rank, index);
  }
  std::sort(chosen.begin(), chosen.end());
  answer.chosen.reserve(chosen.size());
  for (const NamedChoice& choice : chosen) {
    ChosenRelease& release = answer.chosen.emplace_back();
    release.node.package = releases_[choice.index].id;
    release.rank = choice.rank;
  }
  answer.statistics = {.steps = fixed_.size() + decisions_,
                       .decisions = decisions_,
                       .conflicts = 0,
                       .loaded = fixed_.size()};
  return answer;
}

}  // namespace orrery::resolver::internal
