#include "catalog/resolution/lock_rule_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "catalog/resolution/snapshot_metadata.h"
#include "resolver/fact.h"
#include "resolver/sentences.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::ChosenRelease;
using resolver::Fact;
using resolver::Node;
using resolver::PackageRelations;
using resolver::Rank;
using resolver::Target;
using resolver::Violation;

// `a >=1 | b *` as sentences have it.
std::string Targets(const std::string& text) {
  std::string targets =
      absl::StrReplaceAll(text, {{" * | ", " or "}, {" | ", " or "}});
  if (absl::EndsWith(targets, " *")) targets.resize(targets.size() - 2);
  return targets;
}

std::string TextOf(const Target& target) {
  return target.range == "*" ? target.name
                             : absl::StrCat(target.name, " ", target.range);
}

class RuleSpeaker {
 public:
  RuleSpeaker(std::span<const ChosenRelease> chosen, PreparedQuery& prepared)
      : chosen_(chosen), prepared_(prepared) {}

  absl::StatusOr<std::string> Say(const Violation& violation) {
    const ChosenRelease* held = Find(violation.node);
    if (held == nullptr) return OfRequest(violation.text);
    ORRERY_ASSIGN_OR_RETURN(const std::string subject, WithLabel(*held));
    const std::string& rule = violation.rule;
    if (rule == "R1") return absl::StrCat(violation.node, " is there twice");
    if (rule == "R2") return Claim(*held, violation.text);
    if (rule == "R3" || rule == "R4") {
      return absl::StartsWith(violation.text, "it has ")
                 ? absl::StrCat(subject, violation.text.substr(2))
                 : absl::StrCat(subject, " needs ", Targets(violation.text));
    }
    if (rule == "R6") {
      const ChosenRelease* other = Find(violation.text);
      if (other == nullptr) return violation.text;
      ORRERY_ASSIGN_OR_RETURN(const std::string what, WithLabel(*other));
      return absl::StrCat(subject, " conflicts with ", what);
    }
    if (rule == "R7") return Bound(*held, subject, violation.text);
    if (rule == "R9") return Locked(*held);
    if (rule == "R10") return Edge(*held);
    return absl::StrCat(subject, " cannot be chosen: ", violation.text);
  }

 private:
  SnapshotMetadata& metadata() { return *prepared_.metadata; }

  const ChosenRelease* Find(const std::string& node) {
    const auto found = std::find_if(
        chosen_.begin(), chosen_.end(), [&](const ChosenRelease& release) {
          return metadata().TextOf(release.node) == node;
        });
    return found == chosen_.end() ? nullptr : &*found;
  }

  absl::StatusOr<std::string> WithLabel(const ChosenRelease& release) {
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            metadata().Candidates(release.node.package));
    return absl::StrCat(metadata().TextOf(release.node), " ",
                        resolver::LabelText(candidates, release.rank));
  }

  std::string OfRequest(const std::string& text) const {
    for (const auto& item : prepared_.request.items) {
      const Target& target = item.any_of.front().target;
      if (absl::StrCat(target.name, " ", target.range) == text) {
        return absl::StrCat("you ask for ", TextOf(target));
      }
    }
    return absl::StrCat(Targets(text), " is installed and stays");
  }

  absl::StatusOr<std::string> Claim(const ChosenRelease& held,
                                    const std::string& claim) {
    for (const ChosenRelease& other : chosen_) {
      if (other.node == held.node) continue;
      ORRERY_ASSIGN_OR_RETURN(const PackageRelations* relations,
                              metadata().Load(other.node));
      for (const auto& [ranks, text] : relations->claims) {
        if (text != claim || !ranks.Contains(other.rank)) continue;
        return absl::StrCat("only one service can hold ", claim, ": ",
                            metadata().TextOf(other.node), " and ",
                            metadata().TextOf(held.node), " want it");
      }
    }
    return claim;
  }

  absl::StatusOr<std::string> Bound(const ChosenRelease& held,
                                    const std::string& subject,
                                    const std::string& other) {
    const ChosenRelease* bounded = Find(other);
    if (bounded == nullptr) {
      return absl::StrCat(subject, " has not the content that is asked for");
    }
    ORRERY_ASSIGN_OR_RETURN(const PackageRelations* relations,
                            metadata().Load(held.node));
    for (const auto& [ranks, target] : relations->bounds) {
      for (const auto& member : target.members) {
        if (ranks.Contains(held.rank) &&
            member.package == bounded->node.package &&
            !member.ranks.Contains(bounded->rank)) {
          return absl::StrCat(subject, " works only with ", TextOf(target));
        }
      }
    }
    return other;
  }

  absl::StatusOr<std::string> Locked(const ChosenRelease& held) {
    for (const auto& [node, rank] : prepared_.request.locked) {
      if (!(node == held.node)) continue;
      Fact fact;
      fact.kind = Fact::Kind::kLocked;
      fact.subject = metadata().TextOf(node);
      fact.package = node.package;
      fact.releases.Append(rank);
      return resolver::Sentence(fact, "", metadata());
    }
    return std::string();
  }

  absl::StatusOr<std::string> Edge(const ChosenRelease& held) {
    for (const resolver::InstalledNode& installed :
         prepared_.request.installed) {
      if (!(installed.node == held.node)) continue;
      ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                              metadata().Candidates(held.node.package));
      Fact fact;
      fact.kind = Fact::Kind::kEdge;
      fact.subject = metadata().TextOf(held.node);
      fact.package = held.node.package;
      fact.text = resolver::LabelText(candidates, installed.rank);
      if (installed.reachable.has_value()) fact.releases = *installed.reachable;
      return resolver::Sentence(fact, "", metadata());
    }
    return std::string();
  }

  std::span<const ChosenRelease> chosen_;
  PreparedQuery& prepared_;
};

}  // namespace

absl::StatusOr<std::string> RuleText(const resolver::Violation& violation,
                                     std::span<const ChosenRelease> chosen,
                                     PreparedQuery& prepared) {
  return RuleSpeaker(chosen, prepared).Say(violation);
}

}  // namespace orrery::catalog
