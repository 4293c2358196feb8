#include "catalog/options/decimal.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace orrery::catalog {
namespace {

constexpr int64_t kMaxExponent = 1'000'000'000'000;
constexpr uint64_t kMaxDivisor = 1'000'000'000'000'000'000;

int64_t ParseExponent(absl::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  int64_t value = 0;
  for (const char c : text) {
    value = std::min(value * 10 + (c - '0'), kMaxExponent);
  }
  return negative ? -value : value;
}

int CompareMagnitudes(const Decimal& a, const Decimal& b) {
  const int64_t top_a = static_cast<int64_t>(a.digits.size()) + a.exponent;
  const int64_t top_b = static_cast<int64_t>(b.digits.size()) + b.exponent;
  if (top_a != top_b) return top_a < top_b ? -1 : 1;
  // Without trailing zeros the longer of two equal beginnings is the larger.
  return a.digits.compare(b.digits);
}

uint64_t Multiply(uint64_t a, uint64_t b, uint64_t modulus) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b % modulus);
}

uint64_t PowerOfTen(int64_t exponent, uint64_t modulus) {
  uint64_t result = 1 % modulus;
  for (uint64_t base = 10 % modulus; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = Multiply(result, base, modulus);
    base = Multiply(base, base, modulus);
  }
  return result;
}

double ToDouble(const Decimal& value) {
  return std::strtod(absl::StrCat(value.digits, "e", value.exponent).c_str(),
                     nullptr);
}

}  // namespace

Decimal ParseDecimal(absl::string_view text) {
  Decimal result;
  result.digits.clear();
  size_t i = 0;
  if (!text.empty() && text[0] == '-') {
    result.negative = true;
    i = 1;
  }
  bool fraction = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      fraction = true;
      continue;
    }
    result.digits.push_back(text[i]);
    if (fraction) --result.exponent;
  }
  if (i < text.size()) result.exponent += ParseExponent(text.substr(i + 1));
  result.digits.erase(0, result.digits.find_first_not_of('0'));
  if (result.digits.empty()) return Decimal();
  const size_t last = result.digits.find_last_not_of('0');
  result.exponent += static_cast<int64_t>(result.digits.size() - last - 1);
  result.digits.resize(last + 1);
  return result;
}

int CompareDecimals(const Decimal& a, const Decimal& b) {
  if (a.zero() || b.zero() || a.negative != b.negative) {
    const int sign_a = a.zero() ? 0 : (a.negative ? -1 : 1);
    const int sign_b = b.zero() ? 0 : (b.negative ? -1 : 1);
    return sign_a - sign_b;
  }
  return a.negative ? CompareMagnitudes(b, a) : CompareMagnitudes(a, b);
}

bool IsMultipleOf(const Decimal& value, const Decimal& divisor) {
  if (value.zero()) return true;
  const int64_t shift = value.exponent - divisor.exponent;
  // `digits` does not end in zero, so that no multiple of a divisor scaled up
  // by ten can equal it.
  if (shift < 0) return false;
  uint64_t modulus = 0;
  if (!absl::SimpleAtoi(divisor.digits, &modulus) || modulus > kMaxDivisor) {
    return std::fmod(ToDouble(value), ToDouble(divisor)) == 0;
  }
  uint64_t remainder = 0;
  for (const char c : value.digits) {
    remainder =
        (Multiply(remainder, 10, modulus) + static_cast<uint64_t>(c - '0')) %
        modulus;
  }
  return Multiply(remainder, PowerOfTen(shift, modulus), modulus) == 0;
}

}  // namespace orrery::catalog
