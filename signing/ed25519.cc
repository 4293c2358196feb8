#include "signing/ed25519.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "openssl/evp.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

using UniqueKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using UniqueContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bytes32 = std::array<uint8_t, 32>;

const unsigned char* Data(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The values of y of the points whose order divides 8, little-endian. Each
// stands for two encodings, with and without the sign of x.
constexpr Bytes32 kLowOrderY[] = {
    {0x01},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x00},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

// Of 255 bits only the nineteen values 2^255 − 19 + i, i < 19, are not reduced.
bool IsReduced(const Bytes32& y) {
  return y[31] != 0x7f || y[0] < 0xed ||
         std::any_of(y.begin() + 1, y.begin() + 31,
                     [](uint8_t byte) { return byte != 0xff; });
}

bool IsWeak(absl::string_view encoding) {
  Bytes32 y;
  std::copy(encoding.begin(), encoding.end(), y.begin());
  y[31] &= 0x7f;
  return !IsReduced(y) ||
         std::find(std::begin(kLowOrderY), std::end(kLowOrderY), y) !=
             std::end(kLowOrderY);
}

}  // namespace

struct Ed25519PublicKey::Handle {
  UniqueKey key{nullptr, &EVP_PKEY_free};
};

struct Ed25519PrivateKey::Handle {
  UniqueKey key{nullptr, &EVP_PKEY_free};
};

Ed25519PublicKey::Ed25519PublicKey(std::string bytes,
                                   std::shared_ptr<const Handle> handle)
    : bytes_(std::move(bytes)), handle_(std::move(handle)) {}

absl::StatusOr<Ed25519PublicKey> Ed25519PublicKey::Parse(
    absl::string_view bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("an Ed25519 key has 32 bytes, not ", bytes.size()));
  }
  if (IsWeak(bytes)) {
    return Refuse(RefusalCode::kRecordKeyWeak,
                  "the Ed25519 key is weak: it is of low order or not reduced, "
                  "so that signatures by it prove nothing");
  }
  auto handle = std::make_shared<Handle>();
  handle->key.reset(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr,
                                                   Data(bytes), bytes.size()));
  if (handle->key == nullptr) {
    return absl::InternalError("OpenSSL takes no Ed25519 key");
  }
  return Ed25519PublicKey(std::string(bytes), std::move(handle));
}

absl::Status Ed25519PublicKey::Verify(absl::string_view message,
                                      absl::string_view signature) const {
  const UniqueContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (signature.size() != kSignatureSize ||
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr,
                              handle_->key.get(), nullptr) != 1 ||
      EVP_DigestVerify(context.get(), Data(signature), signature.size(),
                       Data(message), message.size()) != 1) {
    return absl::InvalidArgumentError("the Ed25519 signature is wrong");
  }
  return absl::OkStatus();
}

Ed25519PrivateKey::Ed25519PrivateKey(Ed25519PublicKey public_key,
                                     std::shared_ptr<const Handle> handle)
    : public_key_(std::move(public_key)), handle_(std::move(handle)) {}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromSeed(
    absl::string_view seed) {
  if (seed.size() != kSeedSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("an Ed25519 seed has 32 bytes, not ", seed.size()));
  }
  auto handle = std::make_shared<Handle>();
  handle->key.reset(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr,
                                                    Data(seed), seed.size()));
  std::array<unsigned char, Ed25519PublicKey::kSize> bytes;
  size_t size = bytes.size();
  if (handle->key == nullptr ||
      EVP_PKEY_get_raw_public_key(handle->key.get(), bytes.data(), &size) !=
          1) {
    return absl::InternalError("OpenSSL makes no Ed25519 key of the seed");
  }
  ORRERY_ASSIGN_OR_RETURN(
      Ed25519PublicKey public_key,
      Ed25519PublicKey::Parse(
          {reinterpret_cast<const char*>(bytes.data()), size}));
  return Ed25519PrivateKey(std::move(public_key), std::move(handle));
}

absl::StatusOr<std::string> Ed25519PrivateKey::Sign(
    absl::string_view message) const {
  const UniqueContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(Ed25519PublicKey::kSignatureSize, '\0');
  size_t size = signature.size();
  if (EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr,
                            handle_->key.get(), nullptr) != 1 ||
      EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Data(message), message.size()) != 1) {
    return absl::InternalError("OpenSSL makes no Ed25519 signature");
  }
  return signature;
}

}  // namespace orrery::signing
