#include "catalog/rendering/java_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/decimal.h"

namespace orrery::catalog {
namespace {

constexpr int64_t kMaxDigits = 4096;

// The shortest digits that read back as `value`, which is above zero, and the
// decimal exponent of the first of them.
std::string ShortestDigits(double value, int* exponent) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value,
                                 std::chars_format::scientific)
                       .ptr;
  const absl::string_view text(buffer.data(),
                               static_cast<size_t>(end - buffer.data()));
  const size_t mark = text.find('e');
  std::string digits(text.substr(0, mark));
  std::erase(digits, '.');
  absl::string_view power = text.substr(mark + 1);
  if (power[0] == '+') power.remove_prefix(1);
  *exponent = 0;
  const bool parsed = absl::SimpleAtoi(power, exponent);
  (void)parsed;  // to_chars has written it
  return digits;
}

// Double.toString of Java for a finite value.
std::string JavaDouble(double value) {
  const std::string sign = std::signbit(value) ? "-" : "";
  value = std::fabs(value);
  if (value == 0) return sign + "0.0";
  int exponent = 0;
  std::string digits = ShortestDigits(value, &exponent);
  if (value < 1e-3 || value >= 1e7) {
    const std::string fraction = digits.size() > 1 ? digits.substr(1) : "0";
    return absl::StrCat(sign, digits.substr(0, 1), ".", fraction, "E",
                        exponent);
  }
  if (exponent < 0) {
    return absl::StrCat(sign, "0.",
                        std::string(static_cast<size_t>(-exponent - 1), '0'),
                        digits);
  }
  const size_t whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) digits.resize(whole + 1, '0');
  return absl::StrCat(sign, digits.substr(0, whole), ".", digits.substr(whole));
}

}  // namespace

absl::StatusOr<std::string> JavaNumber(absl::string_view text) {
  const Decimal number = ParseDecimal(text);
  if (number.integral()) {
    const int64_t length =
        static_cast<int64_t>(number.digits.size()) + number.exponent;
    if (length > kMaxDigits) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the number ", text.substr(0, 40), " has ", length,
                       " digits; the limit is ", kMaxDigits));
    }
    return absl::StrCat(number.negative ? "-" : "", number.digits,
                        std::string(static_cast<size_t>(number.exponent), '0'));
  }
  const double value = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(value)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the number ", text.substr(0, 40),
                     "... is beyond the range of doubles"));
  }
  return JavaDouble(value);
}

}  // namespace orrery::catalog
