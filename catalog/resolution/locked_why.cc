#include "catalog/resolution/locked_why.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "catalog/resolution/snapshot_metadata.h"
#include "resolver/requirement_text.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::TargetKind;
using resolver::WrittenAlternative;
using resolver::WrittenRequirement;

const ReleaseFacts* FindRelease(const PackageFacts& package,
                                const LockedNode& locked) {
  for (const ReleaseFacts& facts : package.releases) {
    if (facts.release->source == locked.source &&
        facts.release->release == locked.release &&
        TreeOf(facts) == locked.tree) {
      return &facts;
    }
  }
  return nullptr;
}

bool Means(const WrittenAlternative& alternative, const LockedNode& provider,
           const ReleaseFacts* release) {
  switch (alternative.target.kind) {
    case TargetKind::kPackage:
      return alternative.target.name == provider.package;
    case TargetKind::kCapability:
      return release != nullptr &&
             Provides(*release, alternative.target.name,
                      alternative.target.versions, alternative.bind);
    case TargetKind::kFact:
      return false;
  }
  return false;
}

// The first requirement of the consumer that the provider meets.
std::string RequirementOf(const ReleaseFacts& consumer,
                          const std::vector<std::string>& features,
                          const LockedNode& provider,
                          const ReleaseFacts* release) {
  const auto find = [&](const std::vector<WrittenRequirement>& requirements,
                        const std::string& feature) -> std::string {
    for (const WrittenRequirement& requirement : requirements) {
      const bool is_met =
          std::any_of(requirement.any_of.begin(), requirement.any_of.end(),
                      [&](const WrittenAlternative& alternative) {
                        return Means(alternative, provider, release);
                      });
      if (is_met) return resolver::RequirementText(requirement, feature);
    }
    return "";
  };
  const resolver::WrittenRelations& written = consumer.relations->relations;
  std::string text = find(written.requirements, "");
  for (const std::string& name : features) {
    const auto feature = written.features.find(name);
    if (!text.empty() || feature == written.features.end()) continue;
    text = find(feature->second.requirements, name);
  }
  return text;
}

}  // namespace

absl::StatusOr<Resolution> LockedResolution(const Lock& lock,
                                            const registry::SnapshotPtr& now,
                                            PackageFactsCache* cache) {
  Resolution resolution;
  resolution.status = resolver::Status::kSolved;
  resolution.items = lock.items;
  std::map<std::string, std::shared_ptr<const PackageFacts>> packages;
  std::map<std::string, const ReleaseFacts*> releases;
  for (const LockedNode& locked : lock.nodes) {
    auto& package = packages[locked.package];
    if (package == nullptr) {
      ORRERY_ASSIGN_OR_RETURN(package, cache->Get(now, locked.package));
    }
    releases[locked.node] = FindRelease(*package, locked);
  }
  for (const LockedNode& locked : lock.nodes) {
    auto release = std::make_shared<registry::Release>();
    release->name = locked.package;
    release->release = locked.release;
    release->version = locked.version;
    release->source = locked.source;
    ResolvedNode node;
    node.node = locked.node;
    node.package = locked.package;
    node.instance = locked.instance;
    node.release = std::move(release);
    node.why = locked.why;
    for (const LockedNode& consumer : lock.nodes) {
      const ReleaseFacts* facts = releases[consumer.node];
      if (facts == nullptr || std::find(locked.why.begin(), locked.why.end(),
                                        consumer.node) == locked.why.end()) {
        continue;
      }
      node.requirements[consumer.node] = RequirementOf(
          *facts, consumer.features, locked, releases[locked.node]);
    }
    resolution.nodes.push_back(std::move(node));
  }
  return resolution;
}

}  // namespace orrery::catalog
