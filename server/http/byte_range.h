#ifndef SERVER_HTTP_BYTE_RANGE_H_
#define SERVER_HTTP_BYTE_RANGE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace orrery::server {

// A stretch of bytes; never empty.
struct ByteRange {
  uint64_t first = 0;
  uint64_t length = 0;

  bool operator==(const ByteRange&) const = default;
};

struct RangeRequest {
  // Whether the field asks for bytes that are not there: 416.
  bool unsatisfiable = false;
  // Nothing: the whole is sent.
  std::optional<ByteRange> range;
};

// A Range field (RFC 9110 §14.2) over `size` bytes. Other units, several
// ranges and malformed fields are ignored, as the RFC allows.
RangeRequest ParseRange(absl::string_view field, uint64_t size);

}  // namespace orrery::server

#endif  // SERVER_HTTP_BYTE_RANGE_H_
