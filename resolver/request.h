// What is asked of the resolver, and what holds already.

#ifndef RESOLVER_REQUEST_H_
#define RESOLVER_REQUEST_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "resolver/edges.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"

namespace orrery::resolver {

struct NodeRelease {
  Node node;
  Rank rank = 0;
};

// A service that runs.
struct InstalledNode {
  Node node;
  Rank rank = 0;
  // Those that are on. Where the node is, they stay on, unless what it runs
  // does not have them any more.
  std::vector<std::string> features = {};
  // Where it can go from there (edges.h), its own release included; nothing if
  // everywhere.
  std::optional<RankSet> reachable = {};
  // The instance it uses of each package it was bound to, and the facts that
  // meet a requirement of it.
  std::vector<Node> bindings = {};
  // For fixes: of all releases of the package, in rank order, borrowed; empty
  // if they are not known. And those that no edge leads to, whatever it says,
  // because another source has them.
  std::span<const ReleaseEdges> edges = {};
  RankSet elsewhere = {};
};

// `consumer` is to use this instance of the provider's package.
struct Binding {
  Node consumer;
  Node provider;
};

// resolver.md §8.1. Wherever nodes stand in a list, each stands there once.
struct Request {
  // In order of importance.
  std::vector<Requirement> items;
  std::vector<InstalledNode> installed;
  // What must hold of the installed services: usually that each stays.
  std::vector<Requirement> keep;
  // Get their newest release although they are installed, in this order, then
  // with `update_all` every other.
  std::vector<Node> update;
  bool update_all = false;
  // Must be absent. What `keep` says of these alone is void.
  std::vector<Node> remove;
  // What an old lock file names, and what the operator pinned.
  std::vector<NodeRelease> prefer;
  std::vector<NodeRelease> locked;
  // Possible for these nodes although they are barred, since somebody names
  // them.
  std::vector<NodeRelease> allowed;
  // Must not be chosen.
  std::vector<PackageId> exclude;
  // What the nodes may be at all, for reasons outside the relations.
  std::vector<PackageRanks> limits;
  std::vector<Binding> bindings;
  // Facts of the cluster: always there at that rank, and in no answer.
  std::vector<NodeRelease> facts;
  // Facts that relations name and the cluster does not have.
  std::vector<PackageId> absent_facts;
  // Whether `reachable` of the installed nodes lets them go down.
  Downgrades downgrades = Downgrades::kNever;

  // Prefer old releases, to test lower bounds.
  bool oldest_first = false;
  uint64_t max_steps = 30'000'000;
  // An outer guard, asked now and then: as soon as it says yes, the search ends
  // with nothing, also with what it had. May be null. The resolver itself looks
  // at no clock.
  std::function<bool()> is_out_of_time = nullptr;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_REQUEST_H_
