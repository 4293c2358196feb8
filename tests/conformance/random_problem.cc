#include "tests/conformance/random_problem.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orrery::tests {

using resolver::Alternative;
using resolver::Candidate;
using resolver::PackageId;
using resolver::PackageRanks;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::RankSet;
using resolver::Requirement;
using resolver::Target;

uint32_t RandomProblem::Draw(uint32_t bound) {
  // SplitMix64: the standard's generators differ between libraries in their
  // distributions.
  uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return static_cast<uint32_t>((z ^ (z >> 31)) % bound);
}

RandomProblem::RandomProblem(uint32_t seed) : state_(seed) {
  const uint32_t count = 2 + Draw(kMostPackages - 1);
  for (uint32_t i = 0; i < count; ++i) {
    names_.push_back(std::string(1, static_cast<char>('a' + i)));
    candidates_.emplace_back();
    const uint32_t releases = 1 + Draw(kMostReleases);
    for (uint32_t rank = 0; rank < releases; ++rank) {
      Candidate candidate;
      candidate.label = absl::StrCat(rank + 1);
      candidate.prerelease = Chance(12);
      if (Chance(6)) candidate.barred = "it is yanked";
      candidates_.back().push_back(std::move(candidate));
    }
  }
  relations_.resize(count);
  has_fact_ = Chance(30);
  is_of_running_ = Chance(40);
  for (uint32_t i = 0; i < packages(); ++i) AddRelations(i);
  AddRequest();
  if (has_fact_) AddFact();
}

Rank RandomProblem::DrawRank(size_t package) {
  return Draw(static_cast<uint32_t>(candidates_[package].size()));
}

Target RandomProblem::DrawTarget() {
  Target target;
  const uint32_t members = Chance(12) ? 2 : 1;
  while (target.members.size() < std::min(members, packages())) {
    const uint32_t package = Draw(packages());
    if (!target.members.empty() &&
        target.members[0].package == PackageId{package}) {
      continue;
    }
    target.members.push_back(DrawRanks(package));
  }
  target.name = names_[static_cast<size_t>(target.members[0].package)];
  return target;
}

PackageRanks RandomProblem::DrawRanks(uint32_t package) {
  PackageRanks drawn{PackageId{package}, {}};
  for (Rank rank = 0; rank < candidates_[package].size(); ++rank) {
    if (Chance(60)) {
      drawn.ranks.Append(rank);
    } else if (is_of_running_ && Chance(50)) {
      drawn.if_running.Append(rank);
    }
  }
  return drawn;
}

Alternative RandomProblem::DrawAlternative() {
  Alternative alternative{DrawTarget()};
  if (Chance(12)) alternative.features = {"f"};
  return alternative;
}

Requirement RandomProblem::DrawRequirement() {
  Requirement requirement;
  const uint32_t alternatives = Chance(65) ? 1 : Chance(70) ? 2 : 3;
  for (uint32_t i = 0; i < alternatives; ++i) {
    requirement.any_of.push_back(DrawAlternative());
  }
  if (Chance(20)) requirement.conditions.push_back(DrawAlternative());
  return requirement;
}

Requirement RandomProblem::DrawNeed() {
  Requirement requirement = DrawRequirement();
  if (!has_fact_ || !Chance(30)) return requirement;
  Target fact;
  fact.name = names_.back();
  fact.members = {DrawRanks(packages())};
  auto& any_of = requirement.any_of;
  any_of.insert(any_of.begin() + Draw(static_cast<uint32_t>(any_of.size()) + 1),
                {fact});
  return requirement;
}

void RandomProblem::AddRelations(size_t package) {
  PackageRelations& relations = relations_[package];
  for (Rank rank = 0; rank < candidates_[package].size(); ++rank) {
    for (uint32_t i = Draw(3); i > 0; --i) {
      relations.requirements.Add(rank, DrawNeed());
    }
    if (Chance(15)) {
      relations.conflicts.push_back({{{rank, rank}}, DrawTarget()});
    }
    if (Chance(12)) {
      relations.bounds.push_back({{{rank, rank}}, DrawTarget()});
    }
    if (Chance(10)) relations.claims.push_back({{{rank, rank}}, "port:80"});
    if (!Chance(35)) continue;
    if (relations.features.empty()) relations.features.push_back({"f", {}});
    relations.features[0].ranks.Append(rank);
    if (Chance(60)) {
      relations.features[0].requirements.Add(rank, DrawNeed());
    }
  }
}

void RandomProblem::AddRequest() {
  for (uint32_t i = 1 + Draw(2); i > 0; --i) {
    request_.items.push_back(DrawRequirement());
    if (Chance(80)) request_.items.back().conditions.clear();
  }
  const bool has_installed = Chance(50);
  for (uint32_t package = 0; package < packages(); ++package) {
    const resolver::Node node{PackageId{package}};
    const Rank rank = DrawRank(package);
    if (has_installed && Chance(50)) {
      request_.installed.push_back(DrawInstalled(node));
      if (Chance(75)) {
        Target target;
        target.name = names_[package];
        target.members = {
            {node.package, RankSet::All(candidates_[package].size())}};
        request_.keep.push_back({{{target}}});
      }
      if (Chance(6)) request_.remove.push_back(node);
      if (Chance(20)) request_.update.push_back(node);
    } else if (Chance(10)) {
      request_.prefer.push_back({node, rank});
    }
    if (Chance(5)) request_.locked.push_back({node, DrawRank(package)});
  }
  request_.oldest_first = Chance(10);
}

resolver::InstalledNode RandomProblem::DrawInstalled(
    const resolver::Node& node) {
  resolver::InstalledNode installed{
      node, DrawRank(static_cast<size_t>(node.package))};
  if (is_of_running_ && Chance(40)) installed.features = {"f"};
  for (uint32_t package = 0; package < size(); ++package) {
    if (Chance(15)) installed.bindings.push_back({PackageId{package}});
  }
  return installed;
}

void RandomProblem::AddFact() {
  const PackageId fact{packages()};
  // Its values are no releases.
  for (Candidate& value : candidates_.back()) value = {.label = value.label};
  if (Chance(75)) {
    request_.facts.push_back({{fact}, DrawRank(packages())});
  } else {
    request_.absent_facts.push_back(fact);
  }
}

}  // namespace orrery::tests
