// In which order services change and go (resolver.md §13).

#ifndef CATALOG_RESOLUTION_CHANGE_ORDER_H_
#define CATALOG_RESOLUTION_CHANGE_ORDER_H_

#include <vector>

#include "absl/status/statusor.h"

#include "catalog/resolution/running_service.h"
#include "catalog/resolution/snapshot_metadata.h"
#include "resolver/request.h"

namespace orrery::catalog {

// A consumer that changes together with what it uses.
struct ChangingPair {
  resolver::Node consumer;
  resolver::Rank consumer_from = 0;
  resolver::Rank consumer_to = 0;
  resolver::Node provider;
  resolver::Rank provider_from = 0;
  resolver::Rank provider_to = 0;
};

// kTogether: whichever changes first, it does not fit the other meanwhile.
enum class ChangeOrder { kProviderFirst, kConsumerFirst, kTogether };

absl::StatusOr<ChangeOrder> OrderOf(const ChangingPair& pair,
                                    SnapshotMetadata& metadata);

// Those that go, each before what it uses, otherwise by name.
std::vector<RunningService> RemovalOrder(std::vector<RunningService> services);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_CHANGE_ORDER_H_
