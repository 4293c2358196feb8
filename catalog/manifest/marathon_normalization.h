// What Marathon makes of an app before it validates it (orchestrators.md §4.2).

#ifndef CATALOG_MANIFEST_MARATHON_NORMALIZATION_H_
#define CATALOG_MANIFEST_MARATHON_NORMALIZATION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"

namespace orrery::catalog {

// Old and new forms of one thing that were given together. Such an app cannot
// be normalized.
std::vector<Violation> FindFormConflicts(const MarathonApp& written);

// The new forms for the old ones, absolute ids, ports and defaults filled in.
MarathonApp NormalizeMarathonApp(MarathonApp written);

// Whether a `uris` entry is unpacked: by the end of its path (§3.4).
bool ExtractsByExtension(absl::string_view uri);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_MARATHON_NORMALIZATION_H_
