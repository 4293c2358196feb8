#ifndef SIGNING_POLICY_CONFIG_READER_H_
#define SIGNING_POLICY_CONFIG_READER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/encoding.h"

namespace orrery::signing {

// Of a tlog-policy, names or policy file.
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;

// The lines of a file that an operator writes: fields with spaces and tabs
// between and around them; blank lines and those whose first field begins with
// # say nothing. The text must outlive the reader and its fields.
class ConfigReader {
 public:
  explicit ConfigReader(absl::string_view text) : text_(text), lines_(text) {}

  // The fields of the next line that says something; empty at the end.
  // kInvalidArgument for too large a text, a control character, or a last line
  // without LF.
  absl::StatusOr<std::vector<absl::string_view>> Next();
  // The line of the fields, from 1.
  int64_t line() const { return lines_.line(); }

 private:
  absl::string_view text_;
  LineReader lines_;
};

}  // namespace orrery::signing

#endif  // SIGNING_POLICY_CONFIG_READER_H_
