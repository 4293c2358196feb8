// Strict JSON text (RFC 8259) to JsonValue, by simdjson.

#ifndef REGISTRY_FORMAT_JSON_PARSE_H_
#define REGISTRY_FORMAT_JSON_PARSE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::registry {

struct JsonLimits {
  size_t max_bytes = size_t{1} << 20;
  // Containers inside containers; the root is depth 1.
  int max_depth = 64;
  // Characters of one number.
  size_t max_number_length = 1000;
};

// Lines and columns count from 1; columns count bytes.
struct JsonPlace {
  int line = 0;
  int column = 0;
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

// kInvalidArgument with a message that begins "line L, column C: " when the
// text is not one JSON value, kResourceExhausted when it breaks a limit. A
// byte-order mark is skipped and reported. Thread-safe.
absl::StatusOr<JsonDocument> ParseJson(absl::string_view text,
                                       const JsonLimits& limits = {});

// Where a status of ParseJson points to, if it points anywhere.
std::optional<JsonPlace> FaultPlace(const absl::Status& status);

// Whether all of `text` is UTF-8.
bool IsUtf8(absl::string_view text);

// The place of a byte offset in `text`.
JsonPlace PlaceAt(absl::string_view text, size_t offset);

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_JSON_PARSE_H_
