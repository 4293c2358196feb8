// Strict JSON text (RFC 8259) to JsonValue, by simdjson.

#ifndef REGISTRY_FORMAT_JSON_PARSE_H_
#define REGISTRY_FORMAT_JSON_PARSE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_fault.h"  // IWYU pragma: export
#include "registry/format/json_value.h"

namespace orrery::registry {

struct JsonLimits {
  size_t max_bytes = size_t{1} << 20;
  // Containers inside containers; the root is depth 1.
  int max_depth = 64;
  // Characters of one number.
  size_t max_number_length = 1000;
};

// An object that names a member twice. The last value is the one kept. Of one
// text the first 1,000 are reported; a pointer of more than 1,024 bytes is cut
// to that of a value around the member.
struct DuplicateKey {
  std::string pointer;
  int first_line = 0;
  int second_line = 0;
};

struct JsonDocument {
  JsonValue root;
  std::vector<DuplicateKey> duplicates;
  bool had_bom = false;
};

// kInvalidArgument of JsonFaultAt when the text is not one JSON value,
// kResourceExhausted when it breaks a limit. A byte-order mark is skipped and
// reported. Thread-safe.
absl::StatusOr<JsonDocument> ParseJson(absl::string_view text,
                                       const JsonLimits& limits = {});

// Whether all of `text` is UTF-8.
bool IsUtf8(absl::string_view text);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_JSON_PARSE_H_
