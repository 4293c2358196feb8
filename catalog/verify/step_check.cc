#include "catalog/verify/step_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/pins_check.h"
#include "registry/format/json_parse.h"
#include "registry/format/package_document.h"
#include "registry/format/relations_document.h"
#include "registry/format/release_files.h"
#include "resolver/requirement_text.h"
#include "resolver/version.h"
#include "resolver/version_range.h"
#include "resolver/written_relations.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using resolver::TargetKind;
using resolver::WrittenRelations;
using resolver::WrittenRequirement;
using resolver::WrittenTarget;
using signing::RefusalCode;

absl::Status Refuse(RefusalCode code, int64_t check, const ClaimedStep& step,
                    absl::string_view detail) {
  return signing::At(
      {.check = check, .package = step.package, .release = step.release},
      signing::Refuse(code, detail));
}

absl::Status CheckRelations(const ClaimedStep& step,
                            const VerifiedRelease& release) {
  const std::string* own = FindFile(release.files, registry::kRelationsFile);
  if (own == nullptr ? step.relations.empty() : step.relations == *own) {
    return absl::OkStatus();
  }
  for (const VerifiedOverlay& overlay : release.overlays) {
    const std::string* added =
        FindFile(overlay.files, registry::kRelationsFile);
    if (added != nullptr && *added == step.relations) return absl::OkStatus();
  }
  // What runs may go on by those that it was installed with.
  if (step.keeps_content) return absl::OkStatus();
  return Refuse(RefusalCode::kPlanDeps, 14, step,
                absl::StrCat("the relations of ", step.package,
                             " in the plan are neither those of the release "
                             "nor those of an overlay that the policy admits"));
}

absl::Status CheckLabels(const ClaimedStep& step) {
  const registry::JsonValue* labels = step.manifest.Find("labels");
  const std::pair<const char*, const std::string*> expected[] = {
      {"DCOS_PACKAGE_NAME", &step.package},
      {"DCOS_PACKAGE_VERSION", &step.version},
      {"ORRERY_SERVICE", &step.service}};
  for (const auto& [name, text] : expected) {
    if (labels != nullptr && labels->FindString(name) == *text) continue;
    return Refuse(RefusalCode::kPlanDigest, 16, step,
                  absl::StrCat("the job of ", step.service, " has no label ",
                               name, " ", *text));
  }
  return absl::OkStatus();
}

// Another package that must manage this one is required, too (resolver.md
// §1.5).
void AddManager(const std::string& package_json, WrittenRelations* relations) {
  const absl::StatusOr<registry::JsonDocument> json =
      registry::ParseJson(package_json);
  if (!json.ok()) return;
  const std::optional<registry::PackageManager> manager =
      registry::ParsePackageDocument(json->root).document.manager;
  if (!manager.has_value()) return;
  WrittenRequirement requirement;
  resolver::WrittenTarget& target = requirement.any_of.emplace_back().target;
  target.name = manager->package_name;
  if (manager->min_package_version.has_value()) {
    const auto range = resolver::VersionRange::Parse(
        absl::StrCat(">=", *manager->min_package_version));
    if (range.ok()) target.versions = *range;
  }
  relations->requirements.push_back(std::move(requirement));
}

WrittenRelations RelationsOf(const ClaimedStep& step) {
  WrittenRelations relations;
  if (!step.relations.empty()) {
    registry::RelationsPlace place;
    place.package = step.package;
    place.release = step.release;
    // It may be that of an overlay.
    place.in_overlay = true;
    relations = std::move(
        registry::ParseRelations(step.relations, place).document.relations);
  }
  AddManager(step.package_json, &relations);
  return relations;
}

struct Node {
  const ClaimedStep* step = nullptr;
  WrittenRelations relations;
};

// Of a package; a capability has a version of its own.
bool Meets(const Node& node, const WrittenTarget& target) {
  if (target.kind == TargetKind::kPackage) {
    if (node.step->package != target.name) return false;
    if (target.versions.is_any()) return true;
    const auto version = resolver::Version::Parse(node.step->version);
    return version.ok() &&
           target.versions.Contains(*version,
                                    static_cast<uint64_t>(node.step->release),
                                    resolver::PrereleaseGate::kOpen);
  }
  return target.kind == TargetKind::kCapability &&
         std::any_of(node.relations.provides.begin(),
                     node.relations.provides.end(),
                     [&target](const resolver::WrittenProvide& provide) {
                       return provide.capability == target.name;
                     });
}

bool IsNamedBy(const WrittenRequirement& requirement, const Node& node) {
  return std::any_of(requirement.any_of.begin(), requirement.any_of.end(),
                     [&node](const resolver::WrittenAlternative& alternative) {
                       return Meets(node, alternative.target);
                     });
}

// What a step uses outside of the plan: a service of that package, of any if
// only a capability is asked for, or a fact.
bool IsUsed(const WrittenRequirement& requirement, const ClaimedStep& step) {
  for (const resolver::WrittenAlternative& alternative : requirement.any_of) {
    const WrittenTarget& target = alternative.target;
    // Facts are the cluster's to say, and are not always noted.
    if (target.kind == TargetKind::kFact) return true;
    for (const std::string& provider : step.providers) {
      if (target.kind == TargetKind::kCapability) return true;
      if (provider == target.name ||
          absl::StartsWith(provider, absl::StrCat(target.name, "@"))) {
        return true;
      }
    }
  }
  return false;
}

bool Needs(const Node& node, const Node& other) {
  const auto names = [&other](const WrittenRequirement& requirement) {
    return IsNamedBy(requirement, other);
  };
  const WrittenRelations& relations = node.relations;
  return std::any_of(relations.requirements.begin(),
                     relations.requirements.end(), names) ||
         std::any_of(relations.features.begin(), relations.features.end(),
                     [&names](const auto& entry) {
                       const auto& needed = entry.second.requirements;
                       return std::any_of(needed.begin(), needed.end(), names);
                     });
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckStep(
    const ClaimedStep& step, const VerifiedRelease& release,
    bool requires_pins) {
  const std::string* package_json =
      FindFile(release.files, registry::kPackageFile);
  if (step.version != release.revision.version || package_json == nullptr ||
      step.package_json != *package_json) {
    return Refuse(RefusalCode::kPlanDigest, 16, step,
                  absl::StrCat("the plan has another package.json for ",
                               step.package, " than the release"));
  }
  ORRERY_RETURN_IF_ERROR(CheckRelations(step, release));
  ORRERY_RETURN_IF_ERROR(CheckLabels(step));
  ORRERY_ASSIGN_OR_RETURN(const auto pinned, PinnedUris(release));
  for (const auto& [uri, sha256] : step.artifacts) {
    const auto found = pinned.find(uri);
    if (found != pinned.end() && found->second == sha256) continue;
    return Refuse(RefusalCode::kPlanDigest, 16, step,
                  absl::StrCat("the plan expects of ", uri,
                               " other bytes than the release"));
  }
  return CheckPins(release, step.manifest, requires_pins);
}

absl::Status CheckNeeds(const std::vector<ClaimedStep>& steps,
                        const std::set<std::string>& asked,
                        const std::vector<ClaimedStep>& others) {
  std::vector<Node> nodes;
  size_t count = 0;
  for (const auto* list : {&steps, &others}) {
    for (const ClaimedStep& step : *list) {
      if (step.runs_something()) nodes.push_back({&step, RelationsOf(step)});
    }
    if (list == &steps) count = nodes.size();
  }
  for (const Node& node : std::span(nodes).first(count)) {
    const ClaimedStep& step = *node.step;
    for (const WrittenRequirement& requirement : node.relations.requirements) {
      const bool is_met =
          !requirement.when.empty() || IsUsed(requirement, step) ||
          std::any_of(nodes.begin(), nodes.end(), [&](const Node& other) {
            return &other != &node && IsNamedBy(requirement, other);
          });
      if (is_met) continue;
      return Refuse(RefusalCode::kPlanDeps, 14, step,
                    absl::StrCat(step.package, " needs ",
                                 resolver::RequirementText(requirement),
                                 ", and the plan has none"));
    }
    const bool is_asked = asked.contains(step.service);
    if (step.action != "apply" || is_asked) continue;
    const bool is_needed =
        std::any_of(nodes.begin(), nodes.end(), [&node](const Node& other) {
          return &other != &node && Needs(other, node);
        });
    if (is_needed) continue;
    return Refuse(RefusalCode::kPlanDeps, 14, step,
                  absl::StrCat("the plan adds ", step.package,
                               ", which nothing of it requires"));
  }
  return absl::OkStatus();
}

}  // namespace orrery::catalog
