#ifndef CATALOG_OPTIONS_STRING_FORMAT_H_
#define CATALOG_OPTIONS_STRING_FORMAT_H_

#include "absl/strings/string_view.h"

namespace orrery::catalog {

// Whether `text` has the `format` of JSON Schema draft 4: date-time, ipv4,
// ipv6, email, hostname. True for every other format: they are ignored.
bool HasStringFormat(absl::string_view format, absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_STRING_FORMAT_H_
