#include "catalog/resolution/lost_release.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/package_document.h"
#include "signing/digest.h"

namespace orrery::catalog {
namespace {

// A record of an earlier version has no package.json.
void ReadEdges(const std::string& package_json, ReleaseFacts* facts) {
  const auto json = registry::ParseJson(package_json);
  if (json.ok()) ReadPackageMembers(json->root, facts);
}

}  // namespace

std::shared_ptr<const registry::RelationsDocument> RelationsOf(
    const ServiceRecord& record) {
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
                             const ServiceRecord& record) {
  const auto running =
      std::find_if(package.releases.begin(), package.releases.end(),
                   [&](const ReleaseFacts& facts) {
                     return facts.release->release == record.release &&
                            facts.release->source == record.source;
                   });
  if (running == package.releases.end()) return std::nullopt;
  return static_cast<size_t>(running - package.releases.begin());
}

std::shared_ptr<const PackageFacts> WithLost(const PackageFacts& package,
                                             const ServiceRecord& record) {
  auto release = std::make_shared<registry::Release>();
  release->name = record.package;
  release->release = record.release;
  release->version = record.version;
  release->source = record.source;
  ReleaseFacts facts{
      release,
      VersionOfLabel(record.version),
      RelationsOf(record),
      record.relations.empty()
          ? "none"
          : absl::StrCat("sha256:",
                         signing::Digest::Of(record.relations).Hex()),
      false,
      false,
      {},
      {},
      {},
      nullptr,
      true};
  ReadEdges(record.package_json, &facts);
  size_t rank = 0;
  for (size_t i = 0; i < package.releases.size(); ++i) {
    const registry::Release& other = *package.releases[i].release;
    if (other.source != record.source) continue;
    rank = other.release < record.release ? i + 1 : i;
    if (other.release > record.release) break;
  }
  auto with = std::make_shared<PackageFacts>(package);
  const auto at = static_cast<ptrdiff_t>(rank);
  with->ranged.insert(
      with->ranged.begin() + at,
      {facts.version, static_cast<uint64_t>(record.release), true});
  with->releases.insert(with->releases.begin() + at, std::move(facts));
  return with;
}

}  // namespace orrery::catalog
