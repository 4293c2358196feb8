#include "catalog/resolution/refusal_facts.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "catalog/resolution/package_facts.h"
#include "catalog/resolution/snapshot_metadata.h"
#include "resolver/explain.h"
#include "resolver/sentences.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::Explanation;
using resolver::Fact;

// What the cluster has is no part of a proof when it meets nothing; it is said
// behind the fact that asks for it.
void AddClusterFacts(SnapshotMetadata& metadata, std::vector<Fact>* facts) {
  std::vector<Fact> all;
  std::set<std::string> told;
  for (const Fact& fact : *facts) {
    if (fact.kind == Fact::Kind::kFact) told.insert(fact.subject);
  }
  for (Fact& fact : *facts) {
    const std::vector<Fact::Targeted> targets = fact.targets;
    all.push_back(std::move(fact));
    for (const Fact::Targeted& target : targets) {
      if (target.is_capability || !metadata.IsFact(target.package) ||
          !told.insert(target.text).second) {
        continue;
      }
      Fact value;
      value.kind = Fact::Kind::kFact;
      value.subject = target.text;
      value.package = target.package;
      if (metadata.HasFact(target.text)) value.releases.Append(0);
      all.push_back(std::move(value));
    }
  }
  *facts = std::move(all);
}

// Nodes and features that a fact speaks of: `kafka[ab,cd]`.
struct NodeFeatures {
  std::string node;
  std::vector<std::string> features;
};

NodeFeatures SplitFeatures(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('[', 1));
  NodeFeatures split{std::string(parts.first), {}};
  absl::string_view list = parts.second;
  if (absl::ConsumeSuffix(&list, "]")) {
    split.features = absl::StrSplit(list, ',');
  }
  return split;
}

Fact IsSetByYou(const std::string& what, const resolver::PackageRanks& without,
                const std::string& node, const Contradiction& contradiction) {
  Fact fact;
  fact.kind = Fact::Kind::kExcluded;
  fact.subject = what;
  fact.package = without.package;
  fact.releases = without.ranks;
  fact.text = absl::StrCat("option ", contradiction.option, " of ", node,
                           " is set by you");
  return fact;
}

bool HasFeature(const PackageFacts& package, const std::string& feature) {
  return std::any_of(
      package.releases.begin(), package.releases.end(),
      [&feature](const ReleaseFacts& release) {
        return release.relations->relations.features.contains(feature);
      });
}

// What the user's options take away is no candidate, nor is a feature that no
// release has; so they are in no proof, and are said behind the fact that asks
// for them (resolver.md §5.4, §5.8).
absl::Status AddContradictions(SnapshotMetadata& metadata,
                               std::vector<Fact>* facts) {
  std::vector<Fact> all;
  std::set<std::string> told;
  for (Fact& fact : *facts) {
    std::vector<Fact> excluded;
    const std::string consumer = SplitFeatures(fact.subject).node;
    for (Fact::Targeted& target : fact.targets) {
      const auto [node, features] = SplitFeatures(target.text);
      absl::string_view name = node;
      name = name.substr(0, name.find('@'));
      absl::ConsumePrefix(&name, "cap:");
      const Contradiction* set =
          target.releases.empty()
              ? metadata.AlternativeIsSet(consumer, std::string(name))
              : nullptr;
      if (set != nullptr) {
        for (const resolver::PackageRanks& without : set->without) {
          if (without.ranks.empty()) continue;
          if (without.package == target.package) {
            target.releases = without.ranks;
          }
          excluded.push_back(
              IsSetByYou(target.is_capability ? std::string(name) : node,
                         without, consumer, *set));
        }
      }
      for (const std::string& feature : features) {
        set = metadata.FeatureIsSet(node, feature);
        const std::string what = absl::StrCat(node, "[", feature, "]");
        if (set != nullptr) {
          excluded.push_back(
              IsSetByYou(what, set->without.front(), node, *set));
          continue;
        }
        ORRERY_ASSIGN_OR_RETURN(const PackageFacts* package,
                                metadata.FactsOf(target.package));
        if (package->releases.empty() || HasFeature(*package, feature)) {
          continue;
        }
        Fact unknown;
        unknown.kind = Fact::Kind::kExcluded;
        unknown.subject = what;
        unknown.package = target.package;
        unknown.releases = resolver::RankSet::All(package->releases.size());
        unknown.text = absl::StrCat("no release of ", package->name,
                                    " has feature \"", feature, "\"");
        excluded.push_back(std::move(unknown));
      }
    }
    all.push_back(std::move(fact));
    for (Fact& other : excluded) {
      if (told.insert(other.subject).second) all.push_back(std::move(other));
    }
  }
  *facts = std::move(all);
  return absl::OkStatus();
}

// What a fact says of releases, in words.
absl::StatusOr<ToldFact> Told(const Fact& fact, const std::string& cluster,
                              SnapshotMetadata& metadata) {
  ToldFact told{fact, "", "", {}};
  ORRERY_ASSIGN_OR_RETURN(told.sentence,
                          resolver::Sentence(fact, cluster, metadata));
  if (!fact.releases.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            metadata.Candidates(fact.package));
    told.releases = resolver::ReleasesText(candidates, fact.releases);
  }
  for (const Fact::Targeted& target : fact.targets) {
    std::string& releases = told.target_releases.emplace_back();
    if (target.releases.empty() || target.is_capability || target.is_fact) {
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(const auto candidates,
                            metadata.Candidates(target.package));
    releases = resolver::ReleasesText(candidates, target.releases);
  }
  return told;
}

}  // namespace

absl::StatusOr<std::vector<Fact>> ExplainRefusal(PreparedQuery& prepared,
                                                 uint64_t max_steps,
                                                 Resolution* out) {
  ORRERY_ASSIGN_OR_RETURN(
      Explanation explanation,
      resolver::Explain(prepared.request, *prepared.metadata, max_steps));
  const std::string cluster = out->cluster.empty() ? "none" : out->cluster;
  out->reduced = explanation.reduced;
  AddClusterFacts(*prepared.metadata, &explanation.facts);
  ORRERY_RETURN_IF_ERROR(
      AddContradictions(*prepared.metadata, &explanation.facts));
  for (const Fact& fact : explanation.facts) {
    ORRERY_ASSIGN_OR_RETURN(ToldFact told,
                            Told(fact, cluster, *prepared.metadata));
    out->told.push_back(std::move(told));
  }
  ORRERY_ASSIGN_OR_RETURN(
      out->sentences,
      resolver::Sentences(explanation.facts, cluster, *prepared.metadata));
  return std::move(explanation.facts);
}

}  // namespace orrery::catalog
