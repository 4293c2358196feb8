#ifndef CATALOG_OPTIONS_OPTIONS_FILE_H_
#define CATALOG_OPTIONS_OPTIONS_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

inline constexpr size_t kMaxOptionsBytes = size_t{1} << 20;
inline constexpr int kMaxOptionsDepth = 64;
inline constexpr size_t kMaxOptionMembers = 10000;

// The object in the text of an options file. A byte-order mark and CRLF are
// accepted. kInvalidArgument with line and column for anything that is not one
// JSON object in UTF-8, with a hint where the text looks like YAML, UTF-16 or
// JSON with comments, and for a member that stands twice (its name and both
// lines); kResourceExhausted past the limits above. The message names no file:
// the caller knows it.
absl::StatusOr<registry::JsonValue> ParseOptionsFile(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_OPTIONS_FILE_H_
