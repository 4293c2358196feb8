#include "catalog/store/removal_step.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// Paths in the container.
std::vector<std::string> PersistentVolumes(const std::string& manifest) {
  std::vector<std::string> paths;
  const absl::StatusOr<registry::JsonDocument> app =
      registry::ParseJson(manifest);
  if (!app.ok()) return paths;
  const JsonValue* volumes =
      registry::AtPointer(app->root, "/container/volumes");
  if (volumes == nullptr) return paths;
  for (const JsonValue& volume : volumes->items()) {
    if (volume.Find("persistent") == nullptr) continue;
    paths.emplace_back(volume.FindString("containerPath"));
  }
  return paths;
}

}  // namespace

PlanStep RemovalStep(const ServiceRecord& record) {
  PlanStep step;
  step.kept_volumes = PersistentVolumes(record.manifest);
  step.action = PlanAction::kRemove;
  step.cluster = record.cluster;
  step.service = record.name;
  step.package = record.package;
  step.release = record.release;
  step.version = record.version;
  step.revision = record.revision;
  step.tree = record.tree;
  step.source = record.source;
  step.options = record.options;
  return step;
}

}  // namespace orrery::catalog
