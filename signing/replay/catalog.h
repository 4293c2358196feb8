#ifndef SIGNING_REPLAY_CATALOG_H_
#define SIGNING_REPLAY_CATALOG_H_

#include <string>

#include "absl/strings/string_view.h"

#include "signing/replay/log_state.h"

namespace orrery::signing {

// The catalog of the leaves taken in (spec: trust.md §11.5): what an index leaf
// at this size names. An index, no verdict. It is the head, then the lines of
// each package by name.
std::string PrintCatalog(const LogState& log);
std::string PrintCatalogHead(const LogState& log);
// Changes with a leaf that names the package, or a source that it is of.
std::string PrintPackageLines(const LogState& log, absl::string_view name,
                              const PackageState& package);

// The one that the last leaf names. Requires that this is an index.
std::string PrintNamedCatalog(const LogState& log);
std::string PrintNamedCatalogHead(const LogState& log);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_CATALOG_H_
