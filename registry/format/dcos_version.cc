#include "registry/format/dcos_version.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace orrery::registry {

std::optional<DcosVersion> DcosVersion::Parse(absl::string_view text) {
  std::vector<uint64_t> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  while (true) {
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error == std::errc::invalid_argument) return std::nullopt;
    if (*at == '0' && stop - at > 1) return std::nullopt;
    numbers.push_back(error == std::errc() ? number : UINT64_MAX);
    if (stop == end) return DcosVersion(std::move(numbers));
    if (*stop != '.') return std::nullopt;
    at = stop + 1;
  }
}

std::strong_ordering DcosVersion::operator<=>(const DcosVersion& other) const {
  const size_t length = std::max(numbers_.size(), other.numbers_.size());
  const auto number_at = [](const DcosVersion& version, size_t i) {
    return i < version.numbers_.size() ? version.numbers_[i] : 0;
  };
  for (size_t i = 0; i < length; ++i) {
    const auto order = number_at(*this, i) <=> number_at(other, i);
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace orrery::registry
