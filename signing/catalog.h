#ifndef SIGNING_CATALOG_H_
#define SIGNING_CATALOG_H_

#include <cstddef>
#include <string>

#include "signing/log_state.h"

namespace orrery::signing {

inline constexpr size_t kMaxCatalogBytes = size_t{256} << 20;

// The catalog of the leaves taken in (spec: trust.md §11.5): what an index leaf
// at this size names. An index, no verdict.
std::string PrintCatalog(const LogState& log);

}  // namespace orrery::signing

#endif  // SIGNING_CATALOG_H_
