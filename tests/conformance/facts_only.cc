#include "tests/conformance/facts_only.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::tests {

using resolver::Alternative;
using resolver::Candidate;
using resolver::Fact;
using resolver::PackageId;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::Requirement;
using resolver::RequirementTable;

namespace {

// As Fact names its targets.
std::string NamesOf(const Requirement& requirement) {
  return absl::StrJoin(requirement.any_of, " | ",
                       [](std::string* out, const Alternative& alternative) {
                         out->append(alternative.target.name);
                         if (alternative.features.empty()) return;
                         absl::StrAppend(
                             out, "[", absl::StrJoin(alternative.features, ","),
                             "]");
                       });
}

}  // namespace

FactsOnly::FactsOnly(std::span<const Fact> facts,
                     const resolver::Request& request,
                     resolver::MetadataSource* base)
    : facts_(facts), base_(*base) {
  ReduceRequest(request);
}

const Fact* FactsOnly::Find(Fact::Kind kind, absl::string_view subject,
                            absl::string_view targets) const {
  const auto found =
      std::find_if(facts_.begin(), facts_.end(), [&](const Fact& fact) {
        return fact.kind == kind && fact.subject == subject &&
               (targets.empty() || TargetNames(fact) == targets);
      });
  return found == facts_.end() ? nullptr : &*found;
}

void FactsOnly::ReduceRequest(const resolver::Request& whole) {
  request_.facts = whole.facts;
  request_.installed = whole.installed;
  for (auto& installed : request_.installed) installed.features.clear();
  for (const Fact& fact : facts_) {
    if (fact.kind == Fact::Kind::kRequest) {
      request_.items.push_back(whole.items[fact.index]);
    } else if (fact.kind == Fact::Kind::kKeep) {
      if (fact.index < whole.keep.size()) {
        request_.keep.push_back(whole.keep[fact.index]);
      } else {
        const size_t node = fact.index - whole.keep.size();
        request_.installed[node].features = whole.installed[node].features;
      }
    } else if (fact.kind == Fact::Kind::kLocked) {
      for (const auto& locked : whole.locked) {
        if (base_.Name(locked.node.package) == fact.subject) {
          request_.locked.push_back(locked);
        }
      }
    } else if (fact.kind == Fact::Kind::kLimit) {
      for (const auto& limit : whole.limits) {
        if (limit.package == fact.package) request_.limits.push_back(limit);
      }
    }
  }
}

absl::StatusOr<std::span<const Candidate>> FactsOnly::Candidates(
    PackageId package) {
  auto [entry, is_new] = candidates_.try_emplace(package);
  if (is_new) {
    auto whole = base_.Candidates(package);
    if (!whole.ok()) return whole;
    entry->second.assign(whole->begin(), whole->end());
    if (Find(Fact::Kind::kExcluded, Name(package), "") == nullptr) {
      for (Candidate& candidate : entry->second) candidate.barred.clear();
    }
  }
  return std::span<const Candidate>(entry->second);
}

absl::StatusOr<const PackageRelations*> FactsOnly::Load(
    const resolver::Node& node) {
  auto [entry, is_new] = relations_.try_emplace(node.package);
  if (is_new) {
    const auto whole = base_.Load(node);
    if (!whole.ok()) return whole;
    entry->second = std::make_unique<PackageRelations>(
        Reduced(**whole, Name(node.package)));
  }
  return entry->second.get();
}

RequirementTable FactsOnly::Reduced(const RequirementTable& table,
                                    absl::string_view subject) const {
  RequirementTable reduced;
  Rank last = 0;
  for (const auto& [ranks, requirement] : table.distinct()) {
    if (!ranks.empty()) last = std::max(last, ranks.intervals().back().last);
  }
  for (Rank rank = 0; rank <= last; ++rank) {
    for (const uint32_t index : table.OfRank(rank)) {
      const Requirement& requirement = table.distinct()[index].what;
      if (Find(Fact::Kind::kNeeds, subject, NamesOf(requirement))) {
        reduced.Add(rank, requirement);
      }
    }
  }
  return reduced;
}

PackageRelations FactsOnly::Reduced(const PackageRelations& whole,
                                    absl::string_view name) const {
  PackageRelations reduced;
  reduced.requirements = Reduced(whole.requirements, name);
  for (const auto& shared : whole.conflicts) {
    if (Find(Fact::Kind::kConflict, name, shared.what.name)) {
      reduced.conflicts.push_back(shared);
    }
  }
  for (const auto& shared : whole.bounds) {
    if (Find(Fact::Kind::kBound, name, shared.what.name)) {
      reduced.bounds.push_back(shared);
    }
  }
  for (const auto& shared : whole.claims) {
    for (const Fact& fact : facts_) {
      if (fact.kind == Fact::Kind::kClaim && fact.text == shared.what) {
        reduced.claims.push_back(shared);
        break;
      }
    }
  }
  for (const auto& [feature, ranks, requirements] : whole.features) {
    const std::string subject = absl::StrCat(name, "[", feature, "]");
    reduced.features.push_back(
        {feature, ranks, Reduced(requirements, subject)});
  }
  return reduced;
}

}  // namespace orrery::tests
