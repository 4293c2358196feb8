// JSON of an app to typed values. Like Marathon it ignores members it does not
// know, takes null for absent, and names what has the wrong type by its path.

#ifndef CATALOG_MANIFEST_MARATHON_APP_READER_H_
#define CATALOG_MANIFEST_MARATHON_APP_READER_H_

#include <vector>

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

struct AppReading {
  // As written: nothing is normalized yet. What has the wrong type has its
  // default.
  MarathonApp app;
  // What has the wrong type, in the order it was met.
  std::vector<Violation> violations;
};

// `root` is the app; anything else than an object is one violation of "/".
AppReading ReadMarathonApp(const registry::JsonValue& root);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_MARATHON_APP_READER_H_
