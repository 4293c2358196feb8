#include "signing/digest.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "openssl/evp.h"

namespace orrery::signing {
namespace {

using UniqueContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

UniqueContext NewContext() { return {EVP_MD_CTX_new(), &EVP_MD_CTX_free}; }

// Fetched once: looking it up costs more than hashing a node of a tree.
const EVP_MD* Sha256() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

// 0xff for what is no lower-case digit.
constexpr std::array<uint8_t, 256> kHexValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(0xff);
  for (uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (uint8_t i = 0; i < 6; ++i) {
    values['a' + i] = static_cast<uint8_t>(10 + i);
  }
  return values;
}();

unsigned HexValue(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

}  // namespace

struct DigestBuilder::Context {
  UniqueContext evp = NewContext();
};

DigestBuilder::DigestBuilder() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex2(context_->evp.get(), Sha256(), nullptr);
}
DigestBuilder::~DigestBuilder() = default;
DigestBuilder::DigestBuilder(DigestBuilder&&) noexcept = default;
DigestBuilder& DigestBuilder::operator=(DigestBuilder&&) noexcept = default;

void DigestBuilder::Add(absl::string_view bytes) {
  EVP_DigestUpdate(context_->evp.get(), bytes.data(), bytes.size());
}

Digest DigestBuilder::Finish() {
  Digest digest;
  EVP_DigestFinal_ex(context_->evp.get(), digest.bytes_.data(), nullptr);
  return digest;
}

Digest Digest::Of(absl::string_view bytes) {
  thread_local const UniqueContext context = NewContext();
  Digest digest;
  EVP_DigestInit_ex2(context.get(), Sha256(), nullptr);
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context.get(), digest.bytes_.data(), nullptr);
  return digest;
}

absl::StatusOr<Digest> Digest::ParseHex(absl::string_view hex) {
  Digest digest;
  // Above 0x0f as soon as one character is no digit.
  unsigned seen = 0;
  for (size_t i = 0; i < kSize && hex.size() == 2 * kSize; ++i) {
    const unsigned high = HexValue(hex[2 * i]);
    const unsigned low = HexValue(hex[2 * i + 1]);
    seen |= high | low;
    digest.bytes_[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (hex.size() == 2 * kSize && seen <= 0x0f) return digest;
  return absl::InvalidArgumentError(
      absl::StrCat("'", hex.substr(0, 2 * kSize),
                   "' is no SHA-256: 64 lower-case hex digits are wanted"));
}

absl::StatusOr<Digest> Digest::FromBytes(absl::string_view bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("a SHA-256 has 32 bytes, not ", bytes.size()));
  }
  Digest digest;
  std::memcpy(digest.bytes_.data(), bytes.data(), kSize);
  return digest;
}

std::string Digest::Hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(2 * kSize, '0');
  for (size_t i = 0; i < kSize; ++i) {
    const auto byte = static_cast<unsigned char>(bytes_[i]);
    hex[2 * i] = kDigits[byte >> 4];
    hex[2 * i + 1] = kDigits[byte & 0x0f];
  }
  return hex;
}

}  // namespace orrery::signing
