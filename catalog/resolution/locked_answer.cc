#include "catalog/resolution/locked_answer.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/resolution/lock_rule_text.h"
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
    faults.push_back(absl::StrCat("lock.release: ", locked.node,
                                  ": expected release ", locked.release, "#",
                                  locked.revision, " of source ", locked.source,
                                  ", found nothing: it cannot be had"));
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

// Whose rules are broken because nodes are gone, which has been said: those,
// what a lock has for their sake, and who needs them (`request` is the
// request).
std::set<std::string> Excused(const Lock& lock, std::set<std::string> gone) {
  std::set<std::string> users;
  for (const LockedNode& node : lock.nodes) {
    if (!gone.contains(node.node)) continue;
    for (const std::string& reason : node.why) {
      const bool is_request =
          absl::StartsWith(reason, "request:") || reason == "installed";
      users.insert(is_request ? "request" : reason);
    }
  }
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
  gone.insert(users.begin(), users.end());
  return gone;
}

absl::Status AddBrokenRules(const resolver::Answer& answer,
                            const std::set<std::string>& excused,
                            PreparedQuery& prepared,
                            std::vector<std::string>* faults) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<resolver::Violation> violations,
      resolver::Check(prepared.request, answer.chosen, *prepared.metadata));
  for (const resolver::Violation& violation : violations) {
    const bool is_request = violation.node.empty();
    if (excused.contains(is_request ? "request" : violation.node)) continue;
    if (violation.rule == "tight") {
      faults->push_back(
          absl::StrCat("lock.extra: ", violation.node,
                       ": expected nothing, found it: ", violation.text));
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(const std::string text,
                            RuleText(violation, answer.chosen, prepared));
    faults->push_back(absl::StrCat(
        "lock.rule: ", is_request ? "request" : violation.node, ": ", text));
  }
  return absl::OkStatus();
}

// Whether an item of the request speaks of the node.
bool Names(const resolver::Requirement& item, const Node& node) {
  return std::any_of(
      item.any_of.begin(), item.any_of.end(),
      [&node](const resolver::Alternative& alternative) {
        const auto& target = alternative.target;
        return (target.is_capability ||
                alternative.instance == node.instance) &&
               std::any_of(target.members.begin(), target.members.end(),
                           [&node](const resolver::PackageRanks& member) {
                             return member.package == node.package;
                           });
      });
}

// Removed and changed as the solver counts them (resolver.md §9.2).
void Count(const resolver::Request& request, resolver::Answer* answer) {
  for (const resolver::InstalledNode& installed : request.installed) {
    const auto now = std::find_if(answer->chosen.begin(), answer->chosen.end(),
                                  [&](const ChosenRelease& chosen) {
                                    return chosen.node == installed.node;
                                  });
    if (now == answer->chosen.end()) {
      ++answer->removed;
      continue;
    }
    const bool is_asked =
        request.update_all ||
        std::find(request.update.begin(), request.update.end(),
                  installed.node) != request.update.end() ||
        std::any_of(request.items.begin(), request.items.end(),
                    [&](const resolver::Requirement& item) {
                      return Names(item, installed.node);
                    });
    const bool is_other =
        now->rank != installed.rank ||
        std::any_of(now->features.begin(), now->features.end(),
                    [&](const std::string& feature) {
                      return std::find(installed.features.begin(),
                                       installed.features.end(),
                                       feature) == installed.features.end();
                    });
    if (is_other && !is_asked) ++answer->changed;
  }
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
  ORRERY_RETURN_IF_ERROR(
      AddBrokenRules(answer, Excused(lock, gone), prepared, &faults));
  if (!faults.empty()) return Refused(faults);
  Count(prepared.request, &answer);
  return answer;
}

}  // namespace orrery::catalog
