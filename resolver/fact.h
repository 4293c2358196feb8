// Why there is no solution, as facts about the world and not about the search.

#ifndef RESOLVER_FACT_H_
#define RESOLVER_FACT_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"

namespace orrery::resolver {

// resolver.md §11.2.
struct Fact {
  enum class Kind {
    kRequest,
    kNeeds,
    kConflict,
    kBound,
    kClaim,
    kKeep,
    kLocked,
    kEdge,
    kLimit,
    kExcluded,
    kFact,
  };

  // One alternative of a target.
  struct Targeted {
    // Node text, name of a capability, or a fact; with features in brackets.
    std::string text;
    std::string range = "*";
    PackageId package{};
    RankSet releases = {};
    bool is_capability = false;
    bool is_fact = false;
  };

  Kind kind = Kind::kRequest;
  // Node text, with the feature in brackets if it is a feature that needs
  // something; of a claim the first holder by name.
  std::string subject;
  PackageId package{};
  // Of the subject: those the fact is about.
  RankSet releases;
  // What is asked for, needed, excluded or kept; of a claim the other holders,
  // by name.
  std::vector<Targeted> targets;
  // Of kRequest and kKeep: the place in the list of the request. Of features
  // that stay on, kKeep, the place of the node among the installed ones,
  // counted on from the end of that list.
  uint32_t index = 0;
  // Of a claim the claim, of kExcluded the reason, of kKeep and kEdge the label
  // of what runs. A fact that the cluster does not have has no releases.
  std::string text;
};

// The names of all targets, joined by ` | `.
std::string TargetNames(const Fact& fact);

}  // namespace orrery::resolver

#endif  // RESOLVER_FACT_H_
