#include "server/http/byte_range.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace orrery::server {
namespace {

// Digits alone: SimpleAtoi would take a sign.
std::optional<uint64_t> ParsePosition(absl::string_view text) {
  uint64_t position = 0;
  const bool is_number =
      !text.empty() &&
      std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
      absl::SimpleAtoi(text, &position);
  return is_number ? std::optional<uint64_t>(position) : std::nullopt;
}

}  // namespace

RangeRequest ParseRange(absl::string_view field, uint64_t size) {
  constexpr absl::string_view kUnit = "bytes=";
  if (!absl::StartsWithIgnoreCase(field, kUnit)) return {};
  const absl::string_view spec =
      absl::StripAsciiWhitespace(field.substr(kUnit.size()));
  const size_t dash = spec.find('-');
  if (dash == absl::string_view::npos) return {};
  const std::optional<uint64_t> last = ParsePosition(spec.substr(dash + 1));
  const bool has_last = dash + 1 < spec.size();
  if (has_last && !last.has_value()) return {};

  if (dash == 0) {
    // The last so many bytes.
    if (!last.has_value()) return {};
    const uint64_t length = std::min(*last, size);
    if (length == 0) return {.unsatisfiable = true, .range = {}};
    return {.range = ByteRange{size - length, length}};
  }
  const std::optional<uint64_t> first = ParsePosition(spec.substr(0, dash));
  if (!first.has_value() || (has_last && *last < *first)) return {};
  if (*first >= size) return {.unsatisfiable = true, .range = {}};
  const uint64_t end = has_last ? std::min(*last, size - 1) : size - 1;
  return {.range = ByteRange{*first, end - *first + 1}};
}

}  // namespace orrery::server
