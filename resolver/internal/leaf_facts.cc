#include "resolver/internal/leaf_facts.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "resolver/internal/merged_fact.h"

namespace orrery::resolver::internal {
namespace {

std::string WithFeatures(std::string text,
                         const std::vector<std::string>& features) {
  if (features.empty()) return text;
  return absl::StrCat(text, "[", absl::StrJoin(features, ","), "]");
}

// What the target stands for at nodes of its first package.
RankSet ReleasesOf(const Target& target, const Nodes& nodes) {
  const PackageRanks& member = target.members.front();
  RankSet releases = member.ranks;
  for (const NodeIndex node : nodes.InstancesOf(member.package)) {
    releases = Union(releases, nodes.RanksAt(node, member));
  }
  return releases;
}

// The target as the subject means it: the node it stands for, if it is one.
Fact::Targeted TargetedBy(const Target& target, const std::string& node_text,
                          const Nodes& nodes) {
  Fact::Targeted result;
  result.text = node_text;
  result.range = target.range;
  result.is_capability = target.is_capability;
  if (!target.members.empty()) {
    result.package = target.members[0].package;
    result.releases = ReleasesOf(target, nodes);
    result.is_fact = nodes.IsFact(result.package);
  }
  return result;
}

std::vector<Fact::Targeted> TargetsOf(const Requirement& requirement,
                                      const Node* consumer,
                                      const Nodes& nodes) {
  std::vector<Fact::Targeted> targets;
  for (const Alternative& alternative : requirement.any_of) {
    std::string text = alternative.target.name;
    if (!alternative.target.is_capability) {
      const Instances& instances = nodes.instances();
      const MeantNodes meant = consumer == nullptr
                                   ? instances.Asked(alternative)
                                   : instances.Meant(*consumer, alternative);
      text = instances.TextOf(meant.front());
    } else if (consumer == nullptr) {
      // As an item names it.
      text = absl::StrCat("cap:", text);
    }
    targets.push_back(
        TargetedBy(alternative.target,
                   WithFeatures(std::move(text), alternative.features), nodes));
  }
  return targets;
}

Fact::Kind KindOf(const Leaf& leaf) {
  return static_cast<Fact::Kind>(leaf.kind);
}

Fact FactOf(const Leaf& leaf, const Nodes& nodes) {
  Fact fact;
  fact.kind = KindOf(leaf);
  fact.index = leaf.index;
  fact.text = std::string(leaf.text);
  const bool of_request =
      leaf.kind == Leaf::Kind::kRequest || leaf.kind == Leaf::Kind::kKeep;
  const Node* consumer = nullptr;
  if (!of_request) {
    const NodeState& state = nodes.state(leaf.node);
    fact.subject = nodes.TextOf(leaf.node);
    fact.package = state.node.package;
    if (!leaf.feature.empty()) {
      fact.subject = WithFeatures(fact.subject, {std::string(leaf.feature)});
    }
    consumer = &state.node;
  }
  if (leaf.ranks != nullptr) fact.releases = *leaf.ranks;
  if (leaf.requirement != nullptr) {
    fact.targets = TargetsOf(*leaf.requirement, consumer, nodes);
  }
  if (leaf.target != nullptr) {
    fact.targets = {TargetedBy(*leaf.target, leaf.target->name, nodes)};
  }
  if (leaf.kind == Leaf::Kind::kClaim) {
    fact.targets.emplace_back();
    fact.targets[0].text = nodes.TextOf(leaf.other);
    // Neither is first but by name.
    if (fact.targets[0].text < fact.subject) {
      std::swap(fact.targets[0].text, fact.subject);
    }
  }
  return fact;
}

std::string KeyOf(const Fact& fact) {
  const std::string kind = absl::StrCat(static_cast<int>(fact.kind), "\n");
  switch (fact.kind) {
    case Fact::Kind::kRequest:
    case Fact::Kind::kKeep:
      return absl::StrCat(kind, fact.index);
    case Fact::Kind::kClaim:
      return absl::StrCat(kind, fact.text);
    case Fact::Kind::kNeeds:
    case Fact::Kind::kConflict:
    case Fact::Kind::kBound:
      return absl::StrCat(kind, fact.subject, "\n", TargetNames(fact));
    default:
      return absl::StrCat(kind, fact.subject);
  }
}

}  // namespace

std::string FactKey(const Leaf& leaf, const Nodes& nodes) {
  return KeyOf(FactOf(leaf, nodes));
}

std::vector<KeyedFact> FactsOf(std::span<const LeafId> leaves,
                               const Nodes& nodes) {
  // Those of one key, in order of the keys' first leaves.
  std::vector<std::pair<std::string, std::vector<Fact>>> groups;
  absl::flat_hash_map<std::string, size_t> index;
  for (const LeafId id : leaves) {
    Fact fact = FactOf(nodes.leaves()[id], nodes);
    std::string key = KeyOf(fact);
    const auto [entry, is_new] = index.try_emplace(key, groups.size());
    if (is_new) groups.push_back({std::move(key), {}});
    groups[entry->second].second.push_back(std::move(fact));
  }
  std::vector<KeyedFact> facts;
  for (auto& [key, parts] : groups) {
    const int leaves_of_key = static_cast<int>(parts.size());
    facts.push_back(
        {std::move(key), MergedFact(std::move(parts)), leaves_of_key});
  }
  return facts;
}

}  // namespace orrery::resolver::internal
