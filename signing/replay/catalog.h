#ifndef SIGNING_REPLAY_CATALOG_H_
#define SIGNING_REPLAY_CATALOG_H_

#include <string>

#include "signing/replay/log_state.h"

namespace orrery::signing {

// The catalog of the leaves taken in (spec: trust.md §11.5): what an index leaf
// at this size names. An index, no verdict.
std::string PrintCatalog(const LogState& log);

// The one that the last leaf names. Requires that this is an index.
std::string PrintNamedCatalog(const LogState& log);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_CATALOG_H_
