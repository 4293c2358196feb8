// Exact decimal values of JSON numbers, which doubles would change.

#ifndef CATALOG_OPTIONS_DECIMAL_H_
#define CATALOG_OPTIONS_DECIMAL_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace orrery::catalog {

// (-1)^negative * digits * 10^exponent. `digits` has neither leading nor
// trailing zeros; zero is "0", not negative, exponent 0.
struct Decimal {
  bool negative = false;
  std::string digits = "0";
  // Clamped to +-10^12.
  int64_t exponent = 0;

  bool zero() const { return digits == "0"; }
  bool integral() const { return exponent >= 0; }

  bool operator==(const Decimal&) const = default;
};

// Requires: `text` is a JSON number.
Decimal ParseDecimal(absl::string_view text);

// Negative, zero or positive, as `a` is below, equal to or above `b`.
int CompareDecimals(const Decimal& a, const Decimal& b);

// Whether `value` is an integral multiple of `divisor`, which is above zero.
bool IsMultipleOf(const Decimal& value, const Decimal& divisor);

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_DECIMAL_H_
