#include "catalog/resolution/package_facts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/default_options.h"
#include "registry/format/json_parse.h"
#include "registry/index/release_relations.h"
#include "registry/judge/tree_hash.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using registry::Release;
using registry::Snapshot;
using resolver::Version;

// Past so many they are all forgotten.
constexpr size_t kMaxPackages = 5000;
constexpr size_t kMaxLabelBytes = 64;

std::optional<std::vector<std::string>> MemberOf(
    const JsonValue& root, absl::string_view name,
    const std::vector<std::string>& labels) {
  if (root.Find(name) == nullptr) return std::nullopt;
  return labels;
}

absl::Status ReadPackageJson(const Snapshot& snapshot, const Release& release,
                             ReleaseFacts* facts) {
  ORRERY_ASSIGN_OR_RETURN(const std::string text,
                          snapshot.ReadFile(release, registry::kPackageFile));
  // It was parsed when it was judged.
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument json,
                          registry::ParseJson(text));
  ReadPackageMembers(json.root, facts);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PackageFacts>> ReadPackage(
    const Snapshot& snapshot, absl::string_view name,
    registry::OverlayFiles overlays) {
  auto facts = std::make_shared<PackageFacts>();
  facts->name = std::string(name);
  ORRERY_ASSIGN_OR_RETURN(const registry::PackagePtr package,
                          snapshot.FindPackage(name));
  if (package == nullptr) return facts;
  ORRERY_ASSIGN_OR_RETURN(facts->releases,
                          ReadReleaseFacts(snapshot, *package, overlays));
  for (const ReleaseFacts& release : facts->releases) {
    facts->ranged.push_back(RangedOf(release));
  }
  return facts;
}

}  // namespace

absl::Status ReadDefaults(const Snapshot& snapshot, ReleaseFacts* facts) {
  if (facts->relations->option_uses.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(
      const std::string text,
      snapshot.ReadOptionalFile(*facts->release, registry::kConfigFile));
  JsonValue defaults = JsonValue::Object();
  if (!text.empty()) {
    ORRERY_ASSIGN_OR_RETURN(const registry::JsonDocument config,
                            registry::ParseJson(text));
    defaults = DefaultOptions(config.root);
  }
  facts->defaults = std::make_shared<const JsonValue>(std::move(defaults));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ReleaseFacts>> ReadReleaseFacts(
    const Snapshot& snapshot, const registry::PackageEntry& package,
    registry::OverlayFiles overlays) {
  std::vector<ReleaseFacts> releases;
  ORRERY_ASSIGN_OR_RETURN(
      const registry::RelationsInForce relations,
      registry::ReadRelationsInForce(snapshot, package, overlays));
  for (size_t i = package.releases.size(); i-- > 0;) {
    const registry::ReleaseRelations& in_force = relations.releases[i];
    ReleaseFacts release{package.releases[i],
                         VersionOfLabel(package.releases[i]->version)};
    release.relations = in_force.document;
    release.relations_digest = registry::RelationsDigest(in_force);
    release.unreadable = in_force.unreadable;
    ORRERY_RETURN_IF_ERROR(
        ReadPackageJson(snapshot, *release.release, &release));
    ORRERY_RETURN_IF_ERROR(ReadDefaults(snapshot, &release));
    releases.push_back(std::move(release));
  }
  return releases;
}

resolver::RangedRelease RangedOf(const ReleaseFacts& facts) {
  return {facts.version, static_cast<uint64_t>(facts.release->release),
          facts.unreadable || facts.is_lost || facts.is_shadowed ||
              facts.release->hidden};
}

Version VersionOfLabel(absl::string_view label) {
  absl::StatusOr<Version> version = Version::Parse(label);
  if (version.ok()) return *std::move(version);
  std::string text;
  for (const char c : label.substr(0, kMaxLabelBytes)) {
    text += absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '-';
  }
  return *Version::Parse(text.empty() ? absl::string_view("0") : text);
}

void ReadPackageMembers(const JsonValue& root, ReleaseFacts* facts) {
  registry::PackageDocument package =
      registry::ParsePackageDocument(root).document;
  facts->has_known_issues = package.has_known_issues;
  facts->manager = std::move(package.manager);
  facts->min_dcos_version = std::move(package.min_dcos_release_version);
  facts->edges.upgrades_from =
      MemberOf(root, "upgradesFrom", package.upgrades_from);
  facts->edges.downgrades_to =
      MemberOf(root, "downgradesTo", package.downgrades_to);
}

registry::OverlayFiles OverlaysOf(const ReleaseAdmissionPtr& admission,
                                  absl::string_view package) {
  return admission == nullptr || admission->UsesOverlays(package)
             ? registry::OverlayFiles::kCover
             : registry::OverlayFiles::kIgnored;
}

std::string TreeOf(const ReleaseFacts& facts) {
  return facts.is_lost ? facts.lost_tree : registry::TreeHash(*facts.release);
}

void PackageFactsCache::Enter(const registry::SnapshotPtr& snapshot) {
  if (snapshot_.lock() == snapshot && packages_.size() < kMaxPackages) return;
  packages_.clear();
  providers_.clear();
  labels_.reset();
  snapshot_ = snapshot;
}

absl::StatusOr<std::shared_ptr<const PackageFacts>> PackageFactsCache::Get(
    const registry::SnapshotPtr& snapshot, absl::string_view package,
    registry::OverlayFiles overlays) {
  const std::pair key(std::string(package), overlays);
  {
    const MutexLock lock(&mutex_);
    Enter(snapshot);
    const auto found = packages_.find(key);
    if (found != packages_.end()) return found->second;
  }
  ORRERY_ASSIGN_OR_RETURN(std::shared_ptr<const PackageFacts> facts,
                          ReadPackage(*snapshot, package, overlays));
  const MutexLock lock(&mutex_);
  if (snapshot_.lock() == snapshot) {
    packages_.emplace(key, facts);
  }
  return facts;
}

absl::StatusOr<std::vector<std::string>> PackageFactsCache::Labels(
    const registry::SnapshotPtr& snapshot) {
  {
    const MutexLock lock(&mutex_);
    Enter(snapshot);
    if (labels_.has_value()) return *labels_;
  }
  constexpr absl::string_view kNeeds = "needs ";
  ORRERY_ASSIGN_OR_RETURN(std::vector<std::string> labels,
                          snapshot->Mentions(absl::StrCat(kNeeds, "@label:")));
  for (std::string& label : labels) label.erase(0, kNeeds.size());
  const MutexLock lock(&mutex_);
  if (snapshot_.lock() == snapshot) labels_ = labels;
  return labels;
}

absl::StatusOr<std::vector<std::string>> PackageFactsCache::Providers(
    const registry::SnapshotPtr& snapshot, absl::string_view capability) {
  {
    const MutexLock lock(&mutex_);
    Enter(snapshot);
    const auto found = providers_.find(capability);
    if (found != providers_.end()) return found->second;
  }
  ORRERY_ASSIGN_OR_RETURN(
      std::vector<std::string> providers,
      snapshot->PackagesMentioning(absl::StrCat("provides ", capability)));
  const MutexLock lock(&mutex_);
  if (snapshot_.lock() == snapshot) {
    providers_.emplace(capability, providers);
  }
  return providers;
}

}  // namespace orrery::catalog
