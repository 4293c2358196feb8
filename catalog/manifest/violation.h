#ifndef CATALOG_MANIFEST_VIOLATION_H_
#define CATALOG_MANIFEST_VIOLATION_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::catalog {

// A rule that a manifest breaks, in the form of Marathon's 422 details.
struct Violation {
  // For example "/healthChecks(0)/portIndex".
  std::string path;
  std::string text;

  bool operator==(const Violation&) const = default;
};

// The JSON pointer that a path of Marathon means.
std::string PointerOfPath(absl::string_view path);

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_VIOLATION_H_
