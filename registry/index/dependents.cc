#include "registry/index/dependents.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "registry/index/release_relations.h"
#include "resolver/requirement_text.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using resolver::TargetKind;
using resolver::WrittenRequirement;
using resolver::WrittenTarget;

using Names = std::set<std::string>;

bool IsNamed(const WrittenTarget& target, const Names& names) {
  return names.contains(absl::StrCat(
      target.kind == TargetKind::kCapability ? "cap:" : "", target.name));
}

bool Mentions(const WrittenRequirement& requirement, const Names& names) {
  for (const auto& alternative : requirement.any_of) {
    if (IsNamed(alternative.target, names)) return true;
  }
  for (const auto& condition : requirement.when) {
    const auto* target = std::get_if<WrittenTarget>(&condition);
    if (target != nullptr && IsNamed(*target, names)) return true;
  }
  return false;
}

std::vector<std::string> TextsThatMention(
    const resolver::WrittenRelations& relations, const Names& names) {
  std::vector<std::string> texts;
  for (const auto& requirement : relations.requirements) {
    if (!Mentions(requirement, names)) continue;
    texts.push_back(resolver::RequirementText(requirement));
  }
  for (const auto& [feature, what] : relations.features) {
    for (const auto& requirement : what.requirements) {
      if (!Mentions(requirement, names)) continue;
      texts.push_back(resolver::RequirementText(requirement, feature));
    }
  }
  for (const auto& [fact, range] : relations.platform) {
    if (!names.contains(fact)) continue;
    texts.push_back(range.is_any() ? fact
                                   : absl::StrCat(fact, " ", range.ToString()));
  }
  return texts;
}

// The package itself and the capabilities that releases of it provide.
absl::StatusOr<Names> NamesOf(const Snapshot& snapshot,
                              absl::string_view name) {
  Names names = {std::string(name)};
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package, snapshot.FindPackage(name));
  if (package == nullptr) return names;
  ORRERY_ASSIGN_OR_RETURN(const RelationsInForce relations,
                          ReadRelationsInForce(snapshot, *package));
  for (const ReleaseRelations& release : relations.releases) {
    for (const auto& provide : release.document->relations.provides) {
      names.insert(absl::StrCat("cap:", provide.capability));
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<Dependent>> FindDependents(const Snapshot& snapshot,
                                                      absl::string_view name) {
  ORRERY_ASSIGN_OR_RETURN(const Names names, NamesOf(snapshot, name));
  std::set<std::string> packages;
  for (const std::string& mentioned : names) {
    ORRERY_ASSIGN_OR_RETURN(
        const std::vector<std::string> some,
        snapshot.PackagesMentioning(absl::StrCat("needs ", mentioned)));
    packages.insert(some.begin(), some.end());
  }
  std::map<std::tuple<std::string, std::string, std::string>,
           std::vector<int64_t>>
      found;
  for (const std::string& dependent : packages) {
    ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                            snapshot.FindPackage(dependent));
    if (package == nullptr) continue;
    ORRERY_ASSIGN_OR_RETURN(const RelationsInForce relations,
                            ReadRelationsInForce(snapshot, *package));
    for (size_t i = 0; i < package->releases.size(); ++i) {
      const Release& release = *package->releases[i];
      for (std::string& text :
           TextsThatMention(relations.releases[i].document->relations, names)) {
        found[{dependent, release.source, std::move(text)}].push_back(
            release.release);
      }
    }
  }
  std::vector<Dependent> dependents;
  for (auto& [key, releases] : found) {
    dependents.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key),
                          std::move(releases)});
  }
  return dependents;
}

}  // namespace orrery::registry
