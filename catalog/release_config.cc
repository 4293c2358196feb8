#include "catalog/release_config.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"

#include "registry/format/json_parse.h"
#include "registry/format/release_files.h"

namespace orrery::catalog {

using registry::JsonValue;

std::optional<JsonValue> ReleaseConfig(const registry::Snapshot& snapshot,
                                       const std::string& source,
                                       const std::string& package,
                                       int64_t release) {
  const auto known = snapshot.FindPackageIn(source, package);
  if (!known.ok() || *known == nullptr) return std::nullopt;
  const auto& releases = (*known)->releases;
  const auto found = std::find_if(releases.begin(), releases.end(),
                                  [release](const registry::ReleasePtr& one) {
                                    return one->release == release;
                                  });
  if (found == releases.end()) return std::nullopt;
  const absl::StatusOr<std::string> text =
      snapshot.ReadOptionalFile(**found, registry::kConfigFile);
  if (!text.ok()) return std::nullopt;
  absl::StatusOr<registry::JsonDocument> config = registry::ParseJson(*text);
  if (!config.ok()) return std::nullopt;
  return std::move(config->root);
}

}  // namespace orrery::catalog
