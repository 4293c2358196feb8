// What the releases of a package require, exclude and claim, as the solver
// sees it: names are packages of the source, ranges are sets of ranks, and
// conditions on options and facts are decided.

#ifndef RESOLVER_RELATIONS_H_
#define RESOLVER_RELATIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

#include "resolver/rank_set.h"

namespace orrery::resolver {

// A package, or a fact of the cluster, as one MetadataSource numbers them, from
// 0 on. The numbers decide nothing: where an order is needed, names give it.
enum class PackageId : uint32_t {};

// Releases of one package.
struct PackageRanks {
  PackageId package{};
  RankSet ranks;
  // Also these, at a node that runs them: pre-releases that are let in for no
  // other (resolver.md §3.4).
  RankSet if_running = {};

  // Whether the rank is inside at a node that runs `running`, if anything.
  bool Contains(Rank rank, std::optional<Rank> running) const {
    return ranks.Contains(rank) ||
           (running == rank && if_running.Contains(rank));
  }

  bool operator==(const PackageRanks&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const PackageRanks& member) {
    return H::combine(std::move(h), member.package, member.ranks,
                      member.if_running);
  }
};

// Releases of one package, or of all that provide a capability.
struct Target {
  // As written; for messages.
  std::string name;
  std::string range = "*";
  bool is_capability = false;
  // The named package first, then the providers by name. A package that
  // nobody has is named here too, with no ranks.
  absl::InlinedVector<PackageRanks, 1> members;

  bool operator==(const Target&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Target& target) {
    return H::combine(std::move(h), target.name, target.range, target.members);
  }
};

struct Alternative {
  Target target;
  // All must be on.
  std::vector<std::string> features = {};
  // An instance for this consumer alone (resolver.md §1.4 rule 3).
  bool own = false;
  // In a request: the service id that is meant; empty means the package's own
  // name. In relations it is empty and §1.4 says which instance is meant.
  std::string instance = {};

  bool operator==(const Alternative&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Alternative& alternative) {
    return H::combine(std::move(h), alternative.target, alternative.features,
                      alternative.own, alternative.instance);
  }
};

// If all conditions hold, one of the alternatives must; they are written in
// order of preference.
struct Requirement {
  std::vector<Alternative> any_of;
  std::vector<Alternative> conditions = {};

  bool operator==(const Requirement&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Requirement& requirement) {
    return H::combine(std::move(h), requirement.any_of, requirement.conditions);
  }
};

// Something, and the releases of a package that have it.
template <typename T>
struct Shared {
  RankSet ranks;
  T what;
};

// What most requirements say: one run of releases of one package, and no more.
struct PlainNeed {
  PackageId package{};
  RankInterval ranks = {1, 0};

  // Whether the requirement says just this.
  bool is_all() const { return ranks.first <= ranks.last; }
};

// The requirements of the releases of a package: each distinct one once, and
// for every release its own in written order.
class RequirementTable {
 public:
  // Quickest if ranks do not descend from call to call. A requirement that the
  // release has already is not added again.
  void Add(Rank rank, const Requirement& requirement);

  std::span<const Shared<Requirement>> distinct() const { return distinct_; }
  // Parallel to distinct(), and quicker to read.
  std::span<const PlainNeed> plain() const { return plain_; }
  // Indices into distinct().
  std::span<const uint32_t> OfRank(Rank rank) const {
    if (rank >= ends_.size()) return {};
    const uint32_t begin = rank == 0 ? 0 : ends_[rank - 1];
    return {of_ranks_.data() + begin, ends_[rank] - begin};
  }

 private:
  // Adds it if it is new.
  uint32_t IndexOf(const Requirement& requirement);

  std::vector<Shared<Requirement>> distinct_;
  std::vector<PlainNeed> plain_;
  // Hash of a requirement to those of distinct_ that have it; empty while they
  // are few.
  absl::flat_hash_map<size_t, absl::InlinedVector<uint32_t, 1>> index_;
  size_t indexed_ = 0;
  // The indices of all releases, one after the other, and where those of each
  // end.
  std::vector<uint32_t> of_ranks_;
  std::vector<uint32_t> ends_;
};

struct FeatureRelations {
  std::string name;
  // The releases that have the feature.
  RankSet ranks;
  RequirementTable requirements = {};
};

struct PackageRelations {
  RequirementTable requirements;
  // None of the target's releases may be chosen; a release does not conflict
  // with itself.
  std::vector<Shared<Target>> conflicts;
  // Of each member package only its ranks may be chosen, if any is. (A bound on
  // a capability lists of each provider also the releases without it.)
  std::vector<Shared<Target>> bounds;
  std::vector<Shared<std::string>> claims;
  std::vector<FeatureRelations> features;

  const FeatureRelations* FindFeature(absl::string_view name) const;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_RELATIONS_H_
