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
#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/snapshot_metadata.h"
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
  std::optional<FoundRelease> found;
  for (Rank rank = 0; rank < package->releases.size(); ++rank) {
    const ReleaseFacts& facts = package->releases[rank];
    if (facts.release->source != locked.source ||
        facts.release->release != locked.release) {
      continue;
    }
    // What runs may be an earlier revision of the same number.
    found = FoundRelease{rank, &facts};
    if (TreeOf(facts) == locked.tree) break;
  }
  return found;
}

// What is wrong with a lock, by place in it: each a line with its code.
class Faults {
 public:
  // `about` is the code and, if it is about one, the node.
  void Add(std::string pointer, absl::string_view about, std::string expected,
           std::string found, absl::string_view why) {
    registry::FieldFault fault;
    fault.pointer = std::move(pointer);
    fault.message = absl::StrCat(about, ": expected ", expected, ", found ",
                                 found, why.empty() ? "" : ": ", why);
    fault.wanted = std::move(expected);
    fault.found = std::move(found);
    faults_.push_back(std::move(fault));
  }
  void AddRule(std::string pointer, absl::string_view about,
               absl::string_view sentence) {
    registry::FieldFault fault;
    fault.pointer = std::move(pointer);
    fault.message = absl::StrCat(about, ": ", sentence);
    faults_.push_back(std::move(fault));
  }

  // OK if there are none.
  absl::Status ToStatus() const {
    if (faults_.empty()) return absl::OkStatus();
    const std::string lines = absl::StrJoin(
        faults_, "\n", [](std::string* out, const registry::FieldFault& fault) {
          out->append(fault.message);
        });
    return registry::WithFieldFaults(
        registry::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                 "the lock does not hold any more:\n", lines)),
                             "LOCK_REFUSED"),
        faults_);
  }

 private:
  std::vector<registry::FieldFault> faults_;
};

std::string PointerTo(const Lock& lock, absl::string_view node) {
  for (size_t i = 0; i < lock.nodes.size(); ++i) {
    if (lock.nodes[i].node == node) return absl::StrCat("/nodes/", i);
  }
  return "/items";
}

// What is wrong with a node by itself.
void AddFaultsOf(const LockedNode& locked,
                 const std::optional<FoundRelease>& found,
                 const SnapshotMetadata& metadata, const std::string& pointer,
                 Faults* faults) {
  const std::string release = absl::StrCat("lock.release: ", locked.node);
  std::string wanted =
      absl::StrCat("release ", locked.release, "#", locked.revision,
                   " of source ", locked.source);
  if (!found.has_value()) {
    faults->Add(absl::StrCat(pointer, "/release"), release, std::move(wanted),
                "nothing", "it cannot be had");
    return;
  }
  const int64_t revision = metadata.RevisionOf(*found->release);
  if (revision != locked.revision) {
    faults->Add(absl::StrCat(pointer, "/revision"), release, std::move(wanted),
                absl::StrCat("release ", locked.release, "#", revision),
                "it cannot be had");
  }
  std::string tree = TreeOf(*found->release);
  if (tree != locked.tree) {
    faults->Add(absl::StrCat(pointer, "/tree"), release, locked.tree,
                std::move(tree), "");
  }
  if (found->release->relations_digest != locked.relations) {
    faults->Add(absl::StrCat(pointer, "/relations"),
                absl::StrCat("lock.relations: ", locked.node), locked.relations,
                found->release->relations_digest, "");
  }
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

absl::Status AddBrokenRules(const Lock& lock, const resolver::Answer& answer,
                            const std::set<std::string>& excused,
                            PreparedQuery& prepared, Faults* faults) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<resolver::Violation> violations,
      resolver::Check(prepared.request, answer.chosen, *prepared.metadata));
  for (const resolver::Violation& violation : violations) {
    const bool is_request = violation.node.empty();
    if (excused.contains(is_request ? "request" : violation.node)) continue;
    const std::string pointer = PointerTo(lock, violation.node);
    if (violation.rule == "tight") {
      faults->Add(pointer, absl::StrCat("lock.extra: ", violation.node),
                  "nothing", "it", violation.text);
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(const std::string text,
                            RuleText(violation, answer.chosen, prepared));
    faults->AddRule(
        pointer,
        absl::StrCat("lock.rule: ", is_request ? "request" : violation.node),
        text);
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

}  // namespace

absl::Status PreferLocked(const Lock& lock, PreparedQuery& prepared,
                          std::vector<AnswerNote>* notes) {
  for (const LockedNode& locked : lock.nodes) {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<FoundRelease> found,
                            FindRelease(locked, prepared));
    if (found.has_value() && TreeOf(*found->release) == locked.tree) {
      const Node node = NodeOf(locked, prepared);
      prepared.request.prefer.push_back({node, found->rank});
      ORRERY_ASSIGN_OR_RETURN(const resolver::RankSet past,
                              prepared.metadata->PastOf(node.package));
      if (past.Contains(found->rank)) {
        prepared.request.allowed.push_back({node, found->rank});
      }
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
  Faults faults;
  const std::string request = RequestDigest(query, prepared.hold);
  if (request != lock.request) {
    faults.Add("/request", "lock.request", lock.request, request,
               "something else is asked for");
  }
  resolver::Answer answer;
  answer.status = resolver::Status::kSolved;
  std::set<std::string> gone;
  for (const LockedNode& locked : lock.nodes) {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<FoundRelease> found,
                            FindRelease(locked, prepared));
    AddFaultsOf(locked, found, *prepared.metadata, PointerTo(lock, locked.node),
                &faults);
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
      AddBrokenRules(lock, answer, Excused(lock, gone), prepared, &faults));
  ORRERY_RETURN_IF_ERROR(faults.ToStatus());
  Count(prepared.request, &answer);
  return answer;
}

}  // namespace orrery::catalog
