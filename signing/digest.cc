#include "signing/digest.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
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
  const auto is_digit = [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           (c >= 'a' && c <= 'f');
  };
  if (hex.size() != 2 * kSize ||
      !std::all_of(hex.begin(), hex.end(), is_digit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", hex.substr(0, 2 * kSize),
                     "' is no SHA-256: 64 lower-case hex digits are wanted"));
  }
  return FromBytes(absl::HexStringToBytes(hex));
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

std::string Digest::Hex() const { return absl::BytesToHexString(bytes()); }

}  // namespace orrery::signing
