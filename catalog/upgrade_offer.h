// What of an upgrade that was refused can be done alone.

#ifndef CATALOG_UPGRADE_OFFER_H_
#define CATALOG_UPGRADE_OFFER_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "catalog/store/plan.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// What an upgrade to a range with these of the user's options would do.
using UpgradeAttempt = std::function<absl::StatusOr<Plan>(
    const std::string& range, const registry::JsonValue& options)>;

struct UpgradeOffer {
  std::string range;
  registry::JsonValue options = registry::JsonValue::Object();
  // Without steps where nothing would change.
  Plan plan;
};

// As many of the options in `given`, an object, as an attempt lets through
// together; those left out stay as they run. Nothing where the range is refused
// without any, or when there are too many options to try.
std::optional<UpgradeOffer> FindOffer(const std::string& range,
                                      const registry::JsonValue& given,
                                      const UpgradeAttempt& attempt);

// The command that does it. VALUE stands for what may be secret by `config`
// (null: all may be).
std::string OfferCommand(const UpgradeOffer& offer, const std::string& cluster,
                         const std::string& service,
                         const registry::JsonValue* config);

}  // namespace orrery::catalog

#endif  // CATALOG_UPGRADE_OFFER_H_
