#ifndef REGISTRY_FORMAT_PACKAGE_RULES_H_
#define REGISTRY_FORMAT_PACKAGE_RULES_H_

#include "absl/strings/string_view.h"

#include "registry/format/file_report.h"
#include "registry/format/json_value.h"
#include "registry/format/package_document.h"

namespace orrery::registry {

// Rules about the values of a package.json that fits its schema: versions,
// minDcosReleaseVersion, edges of one release, known issues. `root` is its text
// as it was parsed.
void CheckPackageRules(const JsonValue& root, const PackageDocument& package,
                       FileReport* report);

// Rule `unexpanded-template`: `{{…}}` in any string below `root`.
void CheckUnexpandedTemplates(const JsonValue& root, FileReport* report);

// Whether the release is meant for some DC/OS older than `version` too; one
// that names no minimum is.
bool MayRunBelow(const PackageDocument& package, absl::string_view version);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_PACKAGE_RULES_H_
