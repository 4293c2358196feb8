#ifndef REGISTRY_FORMAT_RESOURCE_RULES_H_
#define REGISTRY_FORMAT_RESOURCE_RULES_H_

#include "registry/format/artifacts_document.h"
#include "registry/format/file_report.h"
#include "registry/format/json_value.h"
#include "registry/format/resource_document.h"

namespace orrery::registry {

// Rules `asset-*` and `cli-platforms` about what resource.json names; `root`
// is its text as it was parsed, `pins` what artifacts.json adds.
void CheckResourceRules(const JsonValue& root, const ResourceDocument& resource,
                        const ArtifactsDocument& pins, FileReport* report);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_RESOURCE_RULES_H_
