#ifndef CATALOG_RENDERING_JAVA_NUMBER_H_
#define CATALOG_RENDERING_JAVA_NUMBER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

// How a template prints the JSON number `text` (rendering §6.1): all digits of
// an integral value, else as Java prints a double. kResourceExhausted for an
// integral value of more than 4,096 digits.
absl::StatusOr<std::string> JavaNumber(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_JAVA_NUMBER_H_
