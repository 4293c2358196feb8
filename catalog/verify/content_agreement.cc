#include "catalog/verify/content_agreement.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/json_parse.h"
#include "registry/format/pin_agreement.h"
#include "registry/format/relations_document.h"
#include "registry/format/relations_options.h"
#include "registry/format/release_files.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RevisionContent;

constexpr int64_t kCheck = 15;

absl::Status Disagree(absl::string_view file, absl::string_view detail) {
  return signing::At({.file = std::string(file), .check = kCheck},
                     signing::Refuse(signing::RefusalCode::kContentIdentity,
                                     absl::StrCat(file, " ", detail)));
}

absl::StatusOr<registry::JsonValue> ParseFile(absl::string_view file,
                                              absl::string_view bytes) {
  absl::StatusOr<registry::JsonDocument> json = registry::ParseJson(bytes);
  if (json.ok()) return std::move(json->root);
  return Disagree(file, absl::StrCat("is no JSON: ", json.status().message()));
}

absl::Status CheckPackageJson(absl::string_view package,
                              const RevisionContent& content,
                              const std::vector<VerifiedFile>& files) {
  const std::string* bytes = FindFile(files, registry::kPackageFile);
  if (bytes == nullptr) return Disagree(registry::kPackageFile, "is not there");
  ORRERY_ASSIGN_OR_RETURN(const registry::JsonValue root,
                          ParseFile(registry::kPackageFile, *bytes));
  const absl::string_view name = root.FindString("name");
  const absl::string_view version = root.FindString("version");
  if (name == package && version == content.version) return absl::OkStatus();
  return Disagree(
      registry::kPackageFile,
      absl::StrCat("is of '", name, "' ", version, ", and the record of '",
                   package, "' ", content.version));
}

// Of a file that is refused, whose release is never chosen anew, the record of
// the release says nothing.
absl::StatusOr<std::vector<std::string>> RequirementsOf(
    absl::string_view package, int64_t release,
    const std::vector<VerifiedFile>& files) {
  const std::string* bytes = FindFile(files, registry::kRelationsFile);
  if (bytes == nullptr) return std::vector<std::string>();
  const registry::ParsedRelations parsed = registry::ParseRelations(
      *bytes, {std::string(package), release, /*in_overlay=*/false, {}});
  if (!parsed.faults.empty()) return std::vector<std::string>();
  registry::JsonValue config;
  const std::string* config_bytes = FindFile(files, registry::kConfigFile);
  if (config_bytes != nullptr) {
    ORRERY_ASSIGN_OR_RETURN(config,
                            ParseFile(registry::kConfigFile, *config_bytes));
  }
  const bool fits =
      registry::CheckRelationOptions(
          parsed.document, config_bytes == nullptr ? nullptr : &config, package)
          .empty();
  return fits ? registry::RequirementTexts(parsed.document.relations)
              : std::vector<std::string>();
}

std::vector<std::string> OverlayRequirementsOf(
    absl::string_view package, int64_t release,
    const std::vector<VerifiedFile>& files) {
  const std::string* bytes = FindFile(files, registry::kRelationsFile);
  if (bytes == nullptr) return {};
  return registry::RequirementTexts(
      registry::ParseRelations(
          *bytes, {std::string(package), release, /*in_overlay=*/true, {}})
          .document.relations);
}

absl::Status CheckRequirements(const std::vector<std::string>& written,
                               const RevisionContent& content) {
  if (written == content.requirements) return absl::OkStatus();
  return Disagree(registry::kRelationsFile,
                  absl::StrCat("requires [", absl::StrJoin(written, "; "),
                               "], and the record says [",
                               absl::StrJoin(content.requirements, "; "), "]"));
}

absl::Status CheckArtifacts(const RevisionContent& content,
                            const std::vector<VerifiedFile>& files) {
  const std::string* artifacts = FindFile(files, registry::kArtifactsFile);
  const std::string* resource = FindFile(files, registry::kResourceFile);
  if (artifacts == nullptr) return absl::OkStatus();
  return signing::At({.check = kCheck},
                     registry::CheckPins(content, *artifacts,
                                         resource == nullptr ? "" : *resource));
}

}  // namespace

absl::Status CheckAgreement(absl::string_view package,
                            const RevisionContent& content,
                            const std::vector<VerifiedFile>& files) {
  ORRERY_RETURN_IF_ERROR(CheckPackageJson(package, content, files));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> written,
                          RequirementsOf(package, content.release, files));
  ORRERY_RETURN_IF_ERROR(CheckRequirements(written, content));
  return CheckArtifacts(content, files);
}

absl::Status CheckOverlayAgreement(absl::string_view package,
                                   const RevisionContent& content,
                                   const std::vector<VerifiedFile>& files) {
  ORRERY_RETURN_IF_ERROR(CheckRequirements(
      OverlayRequirementsOf(package, content.release, files), content));
  return CheckArtifacts(content, files);
}

}  // namespace orrery::catalog
