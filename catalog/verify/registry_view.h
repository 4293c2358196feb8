// One accepted state of a registry's log: steps 3 to 8 of trust.md §14.1.

#ifndef CATALOG_VERIFY_REGISTRY_VIEW_H_
#define CATALOG_VERIFY_REGISTRY_VIEW_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "catalog/verify/cached_tiles.h"
#include "catalog/verify/file_cache.h"
#include "catalog/verify/place_list.h"
#include "catalog/verify/trust_setup.h"
#include "signing/client/refresh.h"

namespace orrery::catalog {

struct RefreshOptions {
  absl::Time now;
  bool is_offline = false;
  absl::Duration lock_timeout;
  // Offline, what was seen before stands in for places that do not do.
  bool takes_stored = true;
};

struct RegistryView {
  // Where the leaves come from.
  std::unique_ptr<CachedTiles> tiles;
  signing::RefreshedLog log;
  // Place that it was read from; empty: the cache alone.
  std::string place;
  // Leaves of which the user was told the news; at a first use there are none.
  int64_t told_leaves = 0;
};

// Asks one place after the other for the log and takes the first that passes;
// offline, at last the checkpoint of the state with the tiles of the cache. The
// state is locked while it is compared with what was fetched, and not
// meanwhile: who is slow keeps nobody else waiting. Refusals: those of the
// steps, log.unavailable.
absl::StatusOr<RegistryView> RefreshRegistry(const TrustedRegistry& registry,
                                             PlaceList& places,
                                             const FileCache& cache,
                                             const RefreshOptions& options);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_REGISTRY_VIEW_H_
