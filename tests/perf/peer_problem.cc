#include "tests/perf/peer_problem.h"

#include <algorithm>
#include <cstdint>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "resolver/rank_set.h"

namespace orrery::tests {

using resolver::Alternative;
using resolver::MetadataSource;
using resolver::PackageId;
using resolver::PackageRanks;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::Request;
using resolver::Requirement;

namespace {

bool MayBe(PackageId package, Rank rank, const Request& request,
           const resolver::Candidate& candidate) {
  for (const auto& [node, locked] : request.locked) {
    if (node.package == package && locked != rank) return false;
  }
  for (const auto& [fact, value] : request.facts) {
    if (fact.package == package && value != rank) return false;
  }
  for (const PackageRanks& limit : request.limits) {
    if (limit.package == package && !limit.ranks.Contains(rank)) return false;
  }
  for (const auto& installed : request.installed) {
    if (installed.node.package == package && installed.rank == rank) {
      return true;
    }
  }
  return candidate.barred.empty();
}

}  // namespace

std::optional<PeerProblem> PeerProblem::Make(const Request& request,
                                             MetadataSource* source,
                                             size_t packages) {
  PeerProblem problem;
  if (!problem.Build(request, source, packages)) return std::nullopt;
  return problem;
}

void PeerProblem::Put(size_t number) { absl::StrAppend(&text_, number, " "); }

bool PeerProblem::Build(const Request& request, MetadataSource* source,
                        size_t packages) {
  if (!request.absent_facts.empty()) return false;
  for (const auto& [fact, value] : request.facts) {
    facts_.push_back(fact.package);
  }
  for (size_t i = 0; i < packages; ++i) {
    AddReleases(static_cast<PackageId>(i), source);
  }
  Put(releases_.size());
  for (const auto& releases : releases_) {
    Put(releases.size());
    for (const auto& [node, rank] : releases) {
      if (!WriteRelease(node.package, rank, request, source)) return false;
    }
  }
  std::vector<Requirement> asked = request.items;
  asked.insert(asked.end(), request.keep.begin(), request.keep.end());
  return Write(asked);
}

void PeerProblem::AddReleases(PackageId package, MetadataSource* source) {
  std::map<uint32_t, size_t> slots;
  versions_.emplace_back();
  const auto candidates = *source->Candidates(package);
  for (Rank rank = 0; rank < candidates.size(); ++rank) {
    const auto [slot, is_new] =
        slots.try_emplace(candidates[rank].slot, releases_.size());
    if (is_new) releases_.emplace_back();
    auto& releases = releases_[slot->second];
    versions_.back().push_back({slot->second, releases.size()});
    releases.push_back({{package}, rank});
  }
  // What nobody has can be named too.
  if (candidates.empty()) releases_.emplace_back();
}

bool PeerProblem::WriteRelease(PackageId package, Rank rank,
                               const Request& request, MetadataSource* source) {
  const PackageRelations& relations = **source->Load({package});
  if (!relations.features.empty() || !relations.claims.empty()) return false;
  const auto candidates = *source->Candidates(package);
  Put(MayBe(package, rank, request, candidates[rank]) ? 1 : 0);
  std::vector<Requirement> own;
  for (const uint32_t index : relations.requirements.OfRank(rank)) {
    own.push_back(relations.requirements.distinct()[index].what);
  }
  if (!Write(own)) return false;
  std::vector<std::string> conflicts;
  const auto add = [&](PackageRanks excluded) {
    // A release does not conflict with itself.
    if (excluded.package == package) {
      resolver::RankSet others;
      for (Rank other = 0; other < candidates.size(); ++other) {
        if (other != rank && excluded.ranks.Contains(other)) {
          others.Append(other);
        }
      }
      excluded.ranks = std::move(others);
    }
    const auto targets = Targets(excluded);
    conflicts.insert(conflicts.end(), targets.begin(), targets.end());
  };
  for (const auto& [ranks, target] : relations.conflicts) {
    if (!ranks.Contains(rank)) continue;
    for (const PackageRanks& member : target.members) add(member);
  }
  for (const auto& [ranks, target] : relations.bounds) {
    if (!ranks.Contains(rank)) continue;
    for (const PackageRanks& member : target.members) {
      const size_t releases = source->Candidates(member.package)->size();
      add({member.package, member.ranks.Complement(releases)});
    }
  }
  Put(conflicts.size());
  for (const std::string& conflict : conflicts) text_ += conflict;
  return true;
}

bool PeerProblem::Write(const std::vector<Requirement>& requirements) {
  Put(requirements.size());
  for (const Requirement& requirement : requirements) {
    if (!requirement.conditions.empty()) return false;
    std::vector<std::string> choices;
    for (const Alternative& alternative : requirement.any_of) {
      if (!alternative.features.empty() || alternative.own ||
          !alternative.instance.empty()) {
        return false;
      }
      for (const PackageRanks& member : alternative.target.members) {
        const auto targets = Targets(member);
        choices.insert(choices.end(), targets.begin(), targets.end());
      }
    }
    Put(choices.size());
    for (const std::string& choice : choices) text_ += choice;
  }
  return true;
}

std::vector<std::string> PeerProblem::Targets(
    const PackageRanks& member) const {
  // The newest slot first.
  std::map<size_t, resolver::RankSet, std::greater<>> by_package;
  const auto& versions = versions_[static_cast<size_t>(member.package)];
  for (const auto& [first, last] : member.ranks.intervals()) {
    for (Rank rank = first; rank <= last && rank < versions.size(); ++rank) {
      by_package[versions[rank].package].Append(
          static_cast<Rank>(versions[rank].version));
    }
  }
  std::vector<std::string> targets;
  for (const auto& [package, set] : by_package) {
    std::string& text = targets.emplace_back(
        absl::StrCat(package, " ", set.intervals().size(), " "));
    for (const auto& [first, last] : set.intervals()) {
      absl::StrAppend(&text, first, " ", last, " ");
    }
  }
  return targets;
}

std::vector<resolver::ChosenRelease> PeerProblem::Chosen(
    absl::string_view numbers) const {
  std::vector<size_t> all;
  for (const absl::string_view word :
       absl::StrSplit(numbers, ' ', absl::SkipEmpty())) {
    size_t number = 0;
    if (absl::SimpleAtoi(word, &number)) all.push_back(number);
  }
  std::vector<resolver::ChosenRelease> chosen;
  for (size_t i = 0; i + 1 < all.size(); i += 2) {
    const auto& [node, rank] = releases_[all[i]][all[i + 1]];
    // What the cluster has is not chosen.
    if (std::find(facts_.begin(), facts_.end(), node.package) != facts_.end()) {
      continue;
    }
    chosen.push_back({node, rank});
  }
  return chosen;
}

}  // namespace orrery::tests
