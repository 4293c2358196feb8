#ifndef SIGNING_ENCODING_H_
#define SIGNING_ENCODING_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// The encodings of spec trust.md §5: each value has one text, any other is
// kInvalidArgument. The inverses are absl::Base64Escape and absl::StrCat.

// RFC 4648 §4: padded, no white space, unused bits zero. May be empty.
absl::StatusOr<std::string> DecodeBase64(absl::string_view text);

inline constexpr uint64_t kMaxDecimal = std::numeric_limits<int64_t>::max();

// "0", or digits without a leading zero, at most `max`; no sign.
absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text,
                                      uint64_t max = kMaxDecimal);

// What a message shows of a text that may be long and hold any byte.
std::string Quoted(absl::string_view text);

// Whether all bytes are 0x20 to 0x7E.
bool IsPrintableAscii(absl::string_view text);

// The lines of a text, each of which must end with LF. The text must outlive
// the reader and what it gives.
class LineReader {
 public:
  // Lines longer than `max_bytes`, without their LF, are refused.
  explicit LineReader(absl::string_view text,
                      size_t max_bytes = std::numeric_limits<size_t>::max())
      : rest_(text), max_bytes_(max_bytes) {}

  bool AtEnd() const { return rest_.empty(); }
  // The line without its LF. kInvalidArgument if there is none, it is too long
  // or its LF is missing.
  absl::StatusOr<absl::string_view> Next();
  // What follows `prefix` on the next line. kInvalidArgument if that does not
  // begin so, or as above.
  absl::StatusOr<absl::string_view> NextAfter(absl::string_view prefix);
  // The number of the line that Next gave last, from 1.
  int64_t line() const { return line_; }
  // What Next has not given yet.
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view rest_;
  size_t max_bytes_;
  int64_t line_ = 0;
};

}  // namespace orrery::signing

#endif  // SIGNING_ENCODING_H_
