#include "signing/ssh/ssh_wire.h"

#include "absl/strings/str_cat.h"

#include "third_party/absl/status_macros.h"

namespace orrery::signing {

absl::StatusOr<uint32_t> SshReader::Uint32() {
  if (rest_.size() < 4) {
    return absl::InvalidArgumentError("the bytes end within a number");
  }
  uint32_t value = 0;
  for (const char c : rest_.substr(0, 4)) {
    value = value << 8 | static_cast<unsigned char>(c);
  }
  rest_.remove_prefix(4);
  return value;
}

absl::StatusOr<absl::string_view> SshReader::String() {
  ORRERY_ASSIGN_OR_RETURN(const uint32_t size, Uint32());
  if (rest_.size() < size) {
    return absl::InvalidArgumentError("the bytes end within a string");
  }
  const absl::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

absl::StatusOr<absl::string_view> SshReader::PositiveMpint() {
  ORRERY_ASSIGN_OR_RETURN(absl::string_view value, String());
  const auto is_high = [](char c) { return (c & 0x80) != 0; };
  if (value.empty() || is_high(value[0])) {
    return absl::InvalidArgumentError("an integer is not positive");
  }
  if (value[0] != '\0') return value;
  // A zero byte stands only before a digit that would look like a sign.
  if (value.size() == 1 || !is_high(value[1])) {
    return absl::InvalidArgumentError("an integer is not in shortest form");
  }
  return value.substr(1);
}

absl::Status SshReader::End() const {
  if (rest_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(rest_.size(), " bytes follow where all should be read"));
}

void AppendSshString(absl::string_view value, std::string& bytes) {
  const auto size = static_cast<uint32_t>(value.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(size >> shift & 0xff));
  }
  absl::StrAppend(&bytes, value);
}

}  // namespace orrery::signing
