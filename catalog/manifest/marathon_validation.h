// The rules by which Marathon refuses an app (orchestrators.md §4.3). Every
// target applies them first, so that a package that runs on one of them is not
// refused by another for its form.

#ifndef CATALOG_MANIFEST_MARATHON_VALIDATION_H_
#define CATALOG_MANIFEST_MARATHON_VALIDATION_H_

#include <vector>

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// What a Marathon has to be started with to take such apps.
struct MarathonFeatures {
  bool secrets = false;
  bool external_volumes = true;
  bool gpu_resources = true;
};

struct CheckedApp {
  // Normalized; only meaningful without violations.
  MarathonApp app;
  std::vector<Violation> violations;
};

// Reads, normalizes and validates an app. Wrong types and forms that exclude
// each other are reported alone, because what follows would rest on guesses.
CheckedApp CheckMarathonApp(const registry::JsonValue& root,
                            const MarathonFeatures& features);

// The rules alone, over a normalized app.
std::vector<Violation> ValidateMarathonApp(const MarathonApp& app,
                                           const MarathonFeatures& features);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_MARATHON_VALIDATION_H_
