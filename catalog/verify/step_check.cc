#include "catalog/verify/step_check.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/pins_check.h"
#include "registry/format/json_value.h"
#include "registry/format/release_files.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

absl::Status Refuse(const ClaimedStep& step, absl::string_view detail) {
  return signing::At(
      {.check = 16, .package = step.package, .release = step.release},
      signing::Refuse(signing::RefusalCode::kPlanDigest, detail));
}

absl::Status CheckLabels(const ClaimedStep& step) {
  const registry::JsonValue* labels = step.manifest.Find("labels");
  const std::pair<const char*, const std::string*> expected[] = {
      {"DCOS_PACKAGE_NAME", &step.package},
      {"DCOS_PACKAGE_VERSION", &step.version},
      {"ORRERY_SERVICE", &step.service}};
  for (const auto& [name, text] : expected) {
    if (labels != nullptr && labels->FindString(name) == *text) continue;
    return Refuse(step, absl::StrCat("the job of ", step.service,
                                     " has no label ", name, " ", *text));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckStep(
    const ClaimedStep& step, const VerifiedRelease& release,
    bool requires_pins) {
  const std::string* package_json =
      FindFile(release.files, registry::kPackageFile);
  if (step.version != release.revision.version || package_json == nullptr ||
      step.package_json != *package_json) {
    return Refuse(step, absl::StrCat("the plan has another package.json for ",
                                     step.package, " than the release"));
  }
  ORRERY_RETURN_IF_ERROR(CheckLabels(step));
  ORRERY_ASSIGN_OR_RETURN(const auto pinned, PinnedUris(release));
  for (const auto& [uri, sha256] : step.artifacts) {
    const auto found = pinned.find(uri);
    if (found != pinned.end() && found->second == sha256) continue;
    return Refuse(step, absl::StrCat("the plan expects of ", uri,
                                     " other bytes than the release"));
  }
  return CheckPins(release, step.manifest, requires_pins);
}

}  // namespace orrery::catalog
