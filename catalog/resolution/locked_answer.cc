#include "catalog/resolution/locked_answer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/resolution/snapshot_metadata.h"
#include "registry/judge/tree_hash.h"
#include "registry/status/error_details.h"
#include "resolver/check.h"
#include "resolver/relations.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::ChosenRelease;
using resolver::Node;
using resolver::PackageId;
using resolver::Rank;

Node NodeOf(const LockedNode& locked, PreparedQuery& prepared) {
  return {prepared.metadata->IdOf(locked.package),
          locked.instance == locked.package ? std::string() : locked.instance};
}

// A release of the catalogue that a lock names, with its rank.
struct FoundRelease {
  Rank rank = 0;
  const ReleaseFacts* release = nullptr;
};

absl::StatusOr<std::optional<FoundRelease>> FindRelease(
    const LockedNode& locked, PreparedQuery& prepared) {
  ORRERY_ASSIGN_OR_RETURN(
      const PackageFacts* package,
      prepared.metadata->FactsOf(prepared.metadata->IdOf(locked.package)));
  for (Rank rank = 0; rank < package->releases.size(); ++rank) {
    const ReleaseFacts& facts = package->releases[rank];
    if (facts.release->source == locked.source &&
        facts.release->release == locked.release) {
      return FoundRelease{rank, &facts};
    }
  }
  return std::nullopt;
}

// What is wrong with a node by itself; empty if nothing is.
std::vector<std::string> FaultsOf(const LockedNode& locked,
                                  const std::optional<FoundRelease>& found) {
  std::vector<std::string> faults;
  if (!found.has_value() || locked.revision != 1) {
    faults.push_back(absl::StrCat(
        "lock.release: ", locked.node, ": release ", locked.release, "#",
        locked.revision, " of source ", locked.source, " cannot be had"));
    return faults;
  }
  const std::string tree = registry::TreeHash(*found->release->release);
  if (tree != locked.tree) {
    faults.push_back(absl::StrCat("lock.release: ", locked.node, ": expected ",
                                  locked.tree, ", found ", tree));
  }
  if (found->release->relations_digest != locked.relations) {
    faults.push_back(absl::StrCat("lock.relations: ", locked.node,
                                  ": expected ", locked.relations, ", found ",
                                  found->release->relations_digest));
  }
  return faults;
}

// Adds the facts that a release demands by one table.
void AddFacts(const resolver::RequirementTable& table, Rank rank,
              SnapshotMetadata& metadata, std::set<PackageId>* facts) {
  for (const uint32_t index : table.OfRank(rank)) {
    for (const auto& alternative : table.distinct()[index].what.any_of) {
      for (const auto& member : alternative.target.members) {
        if (metadata.IsFact(member.package)) facts->insert(member.package);
      }
    }
  }
}

// Without a cluster demands on facts hold (resolver.md §1.5).
absl::Status AssumeFacts(const std::vector<ChosenRelease>& chosen,
                         PreparedQuery& prepared) {
  std::set<PackageId> facts;
  for (const ChosenRelease& release : chosen) {
    ORRERY_ASSIGN_OR_RETURN(const resolver::PackageRelations* relations,
                            prepared.metadata->Load(release.node));
    AddFacts(relations->requirements, release.rank, *prepared.metadata, &facts);
    for (const std::string& feature : release.features) {
      if (const auto* of_feature = relations->FindFeature(feature)) {
        AddFacts(of_feature->requirements, release.rank, *prepared.metadata,
                 &facts);
      }
    }
  }
  for (const PackageId fact : facts) {
    prepared.request.facts.push_back({{fact}, 0});
  }
  return absl::OkStatus();
}

// What a lock has for the sake of nodes that are gone, and these.
std::set<std::string> WithoutReason(const Lock& lock,
                                    std::set<std::string> gone) {
  size_t before = 0;
  while (before != gone.size()) {
    before = gone.size();
    for (const LockedNode& node : lock.nodes) {
      const bool is_for_gone = std::any_of(
          node.why.begin(), node.why.end(),
          [&](const std::string& reason) { return gone.contains(reason); });
      if (is_for_gone) gone.insert(node.node);
    }
  }
  return gone;
}

absl::Status Refused(const std::vector<std::string>& faults) {
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "the lock does not hold any more:\n", absl::StrJoin(faults, "\n"))),
      "LOCK_REFUSED");
}

}  // namespace

absl::Status PreferLocked(const Lock& lock, PreparedQuery& prepared,
                          std::vector<AnswerNote>* notes) {
  for (const LockedNode& locked : lock.nodes) {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<FoundRelease> found,
                            FindRelease(locked, prepared));
    if (found.has_value() &&
        registry::TreeHash(*found->release->release) == locked.tree) {
      prepared.request.prefer.push_back(
          {NodeOf(locked, prepared), found->rank});
      continue;
    }
    notes->push_back(
        {"lock.gone",
         absl::StrCat("the lock names ", locked.node, " ", locked.version,
                      " (release ", locked.release, " of source ",
                      locked.source, "), which cannot be had any more")});
  }
  return absl::OkStatus();
}

absl::StatusOr<resolver::Answer> LockedAnswer(const ResolveQuery& query,
                                              const Lock& lock,
                                              PreparedQuery& prepared) {
  std::vector<std::string> faults;
  const std::string request = RequestDigest(query, prepared.hold);
  if (request != lock.request) {
    faults.push_back(absl::StrCat("lock.request: expected ", lock.request,
                                  ", found ", request,
                                  ": something else is asked for"));
  }
  resolver::Answer answer;
  answer.status = resolver::Status::kSolved;
  std::set<std::string> gone;
  for (const LockedNode& locked : lock.nodes) {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<FoundRelease> found,
                            FindRelease(locked, prepared));
    const std::vector<std::string> wrong = FaultsOf(locked, found);
    faults.insert(faults.end(), wrong.begin(), wrong.end());
    if (!found.has_value()) {
      gone.insert(locked.node);
      continue;
    }
    answer.chosen.push_back(
        {NodeOf(locked, prepared), found->rank, locked.features});
  }
  std::sort(answer.chosen.begin(), answer.chosen.end(),
            [&](const ChosenRelease& a, const ChosenRelease& b) {
              return prepared.metadata->TextOf(a.node) <
                     prepared.metadata->TextOf(b.node);
            });
  // What is gone has been said, and breaks rules by being gone.
  const std::set<std::string> excused = WithoutReason(lock, gone);
  if (!prepared.facts.has_value()) {
    ORRERY_RETURN_IF_ERROR(AssumeFacts(answer.chosen, prepared));
  }
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<resolver::Violation> violations,
      resolver::Check(prepared.request, answer.chosen, *prepared.metadata));
  for (const resolver::Violation& violation : violations) {
    if (!gone.empty() &&
        (violation.rule != "tight" || excused.contains(violation.node))) {
      continue;
    }
    faults.push_back(absl::StrCat(
        violation.rule == "tight" ? "lock.extra: " : "lock.rule: ",
        violation.node.empty() ? "" : absl::StrCat(violation.node, ": "),
        violation.text));
  }
  if (!faults.empty()) return Refused(faults);
  for (const resolver::InstalledNode& installed : prepared.request.installed) {
    const auto now = std::find_if(answer.chosen.begin(), answer.chosen.end(),
                                  [&](const ChosenRelease& chosen) {
                                    return chosen.node == installed.node;
                                  });
    if (now == answer.chosen.end()) ++answer.removed;
  }
  return answer;
}

}  // namespace orrery::catalog
