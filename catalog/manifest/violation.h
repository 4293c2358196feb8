#ifndef CATALOG_MANIFEST_VIOLATION_H_
#define CATALOG_MANIFEST_VIOLATION_H_

#include <string>

namespace orrery::catalog {

// A rule that a manifest breaks, in the form of Marathon's 422 details.
struct Violation {
  // For example "/healthChecks(0)/portIndex".
  std::string path;
  std::string text;

  bool operator==(const Violation&) const = default;
};

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_VIOLATION_H_
