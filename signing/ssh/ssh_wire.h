#ifndef SIGNING_SSH_SSH_WIRE_H_
#define SIGNING_SSH_SSH_WIRE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Reads the data types of RFC 4251 §5 from bytes that must outlive the reader
// and what it gives. What does not fit is kInvalidArgument.
class SshReader {
 public:
  explicit SshReader(absl::string_view bytes) : rest_(bytes) {}

  absl::StatusOr<uint32_t> Uint32();
  absl::StatusOr<absl::string_view> String();
  // The magnitude of a positive mpint, big-endian without leading zeros; the
  // mpint must be minimal and not zero.
  absl::StatusOr<absl::string_view> PositiveMpint();
  // kInvalidArgument if bytes are left.
  absl::Status End() const;

 private:
  absl::string_view rest_;
};

void AppendSshString(absl::string_view value, std::string& bytes);

}  // namespace orrery::signing

#endif  // SIGNING_SSH_SSH_WIRE_H_
