#include "catalog/resolution/lost_release.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/package_document.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

// A record of an earlier version has no package.json.
void ReadEdges(const std::string& package_json, ReleaseFacts* facts) {
  const auto json = registry::ParseJson(package_json);
  if (json.ok()) ReadPackageMembers(json->root, facts);
}

void TakeStoredRelations(const RunningService& record, ReleaseFacts* facts) {
  facts->relations = RelationsOf(record);
  facts->relations_digest =
      record.relations.empty()
          ? "none"
          : absl::StrCat("sha256:",
                         signing::Digest::Of(record.relations).Hex());
}

ReleaseFacts Lost(const RunningService& record) {
  auto release = std::make_shared<registry::Release>();
  release->name = record.package;
  release->release = record.release;
  release->version = record.version;
  release->source = record.source;
  ReleaseFacts facts{std::move(release), VersionOfLabel(record.version)};
  facts.is_lost = true;
  facts.lost_tree = record.tree;
  facts.lost_revision = std::max<int64_t>(record.revision, 1);
  TakeStoredRelations(record, &facts);
  ReadEdges(record.package_json, &facts);
  return facts;
}

// What the service runs when its package does not have it: a better source may
// have its label.
absl::StatusOr<ReleaseFacts> ShadowedOrLost(const registry::Snapshot& snapshot,
                                            const RunningService& record) {
  ORRERY_ASSIGN_OR_RETURN(
      const registry::PackagePtr package,
      snapshot.FindPackageIn(record.source, record.package));
  if (package == nullptr) return Lost(record);
  PackageFacts facts;
  ORRERY_ASSIGN_OR_RETURN(facts.releases, ReadReleaseFacts(snapshot, *package));
  const std::optional<size_t> rank = RankOf(facts, record);
  if (!rank.has_value()) return Lost(record);
  ReleaseFacts& shadowed = facts.releases[*rank];
  shadowed.is_shadowed = true;
  if (shadowed.unreadable) {
    TakeStoredRelations(record, &shadowed);
    ORRERY_RETURN_IF_ERROR(ReadDefaults(snapshot, &shadowed));
  }
  return std::move(shadowed);
}

// `package` with one more release, in its place among those of its source:
// before the one of its number, whose earlier revision it was.
std::shared_ptr<const PackageFacts> WithRelease(const PackageFacts& package,
                                                ReleaseFacts facts) {
  const registry::Release& added = *facts.release;
  size_t rank = 0;
  for (size_t i = 0; i < package.releases.size(); ++i) {
    const registry::Release& other = *package.releases[i].release;
    if (other.source != added.source) continue;
    rank = other.release < added.release ? i + 1 : i;
    if (other.release >= added.release) break;
  }
  auto with = std::make_shared<PackageFacts>(package);
  const auto at = static_cast<ptrdiff_t>(rank);
  with->ranged.insert(with->ranged.begin() + at, RangedOf(facts));
  with->releases.insert(with->releases.begin() + at, std::move(facts));
  return with;
}

// A release of a mutable source may have another content now.
bool HasContentOf(const RunningService& record, const ReleaseFacts& facts) {
  return record.tree.empty() || TreeOf(facts) == record.tree;
}

}  // namespace

std::shared_ptr<const registry::RelationsDocument> RelationsOf(
    const RunningService& record) {
  registry::RelationsDocument document;
  if (!record.relations.empty()) {
    registry::RelationsPlace place;
    place.package = record.package;
    place.release = record.release;
    // A file of an overlay may say for which releases it is.
    place.in_overlay = true;
    place.version = VersionOfLabel(record.version);
    // It was judged when it was installed.
    document = registry::ParseRelations(record.relations, place).document;
  }
  return std::make_shared<const registry::RelationsDocument>(
      std::move(document));
}

std::optional<size_t> RankOf(const PackageFacts& package,
                             const RunningService& record) {
  const auto running =
      std::find_if(package.releases.begin(), package.releases.end(),
                   [&](const ReleaseFacts& facts) {
                     return facts.release->release == record.release &&
                            facts.release->source == record.source &&
                            HasContentOf(record, facts);
                   });
  if (running == package.releases.end()) return std::nullopt;
  return static_cast<size_t>(running - package.releases.begin());
}

absl::StatusOr<std::shared_ptr<const PackageFacts>> WithRunning(
    const registry::Snapshot& snapshot,
    std::shared_ptr<const PackageFacts> package, const RunningService& record) {
  const std::optional<size_t> rank = RankOf(*package, record);
  if (!rank.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(ReleaseFacts facts,
                            ShadowedOrLost(snapshot, record));
    return WithRelease(*package, std::move(facts));
  }
  if (!package->releases[*rank].unreadable) return package;
  auto with = std::make_shared<PackageFacts>(*package);
  ReleaseFacts& facts = with->releases[*rank];
  TakeStoredRelations(record, &facts);
  ORRERY_RETURN_IF_ERROR(ReadDefaults(snapshot, &facts));
  return with;
}

}  // namespace orrery::catalog
