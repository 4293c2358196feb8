#include "catalog/planning/job_check.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "catalog/rendering/render.h"
#include "registry/format/release_files.h"
#include "signing/refusal.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

absl::Status RefuseJob(const VerifiedRelease& release,
                       absl::string_view detail) {
  return signing::At(
      {.check = 16,
       .registry = release.registry,
       .package = release.package,
       .release = release.revision.key.release,
       .revision = release.revision.key.revision},
      signing::Refuse(signing::RefusalCode::kPlanDigest, detail));
}

std::optional<absl::string_view> Optional(const VerifiedRelease& release,
                                          absl::string_view path) {
  const std::string* bytes = FindFile(release.files, path);
  // As everywhere: a file without bytes counts as none.
  if (bytes == nullptr || bytes->empty()) return std::nullopt;
  return absl::string_view(*bytes);
}

ReleaseBytes BytesOf(const VerifiedRelease& release) {
  ReleaseBytes bytes;
  bytes.package_json =
      Optional(release, registry::kPackageFile).value_or(absl::string_view());
  bytes.config_json = Optional(release, registry::kConfigFile);
  bytes.resource_json = Optional(release, registry::kResourceFile);
  bytes.command_json = Optional(release, registry::kCommandFile);
  bytes.marathon_template = Optional(release, registry::kTemplateFile);
  bytes.release = release.revision.key.release;
  return bytes;
}

// Pointer of the first member that is not the same in both.
std::string FirstDifference(const JsonValue& a, const JsonValue& b,
                            const std::string& at) {
  if (!a.is_object() || !b.is_object()) return at;
  for (const auto& [name, value] : a.members()) {
    const JsonValue* other = b.Find(name);
    const std::string place = absl::StrCat(at, registry::PointerStep(name));
    if (other == nullptr) return place;
    if (!(value == *other)) return FirstDifference(value, *other, place);
  }
  for (const auto& [name, value] : b.members()) {
    if (a.Find(name) == nullptr) {
      return absl::StrCat(at, registry::PointerStep(name));
    }
  }
  return at;
}

}  // namespace

absl::Status CheckJob(const VerifiedRelease& release, const PlannedJob& job) {
  RenderRequest request;
  request.options = job.options;
  request.computed = job.computed;
  request.unknown = job.late;
  request.source_url = job.source_url;
  request.app_id = absl::StrCat("/", job.service);
  request.labels["ORRERY_SERVICE"] = job.service;
  const JsonValue* labels = job.manifest.Find("labels");
  for (const std::string& name : job.free_labels) {
    const JsonValue* label = labels == nullptr ? nullptr : labels->Find(name);
    if (label != nullptr) request.labels[name] = label->text();
  }
  const absl::StatusOr<RenderedApp> rendered =
      RenderApp(BytesOf(release), request);
  if (!rendered.ok()) {
    return RefuseJob(release, absl::StrCat("the verified files give no job: ",
                                           rendered.status().message()));
  }
  if (rendered->app == job.manifest) return absl::OkStatus();
  return RefuseJob(
      release,
      absl::StrCat("the job of ", job.service,
                   " in the plan is not the one that the verified files "
                   "give; they differ at ",
                   FirstDifference(rendered->app, job.manifest, "")));
}

}  // namespace orrery::catalog
