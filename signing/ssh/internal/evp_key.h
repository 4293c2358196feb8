// Public keys as OpenSSL takes them, and the hashes that go with them.

#ifndef SIGNING_SSH_INTERNAL_EVP_KEY_H_
#define SIGNING_SSH_INTERNAL_EVP_KEY_H_

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "openssl/evp.h"

namespace orrery::signing::internal {

using UniqueEvpKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using UniqueEvpContext =
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// A curve of ECDSA in SSH (RFC 5656 §10.1).
struct Curve {
  absl::string_view name;  // "nistp256"
  const char* openssl_name;
  size_t coordinate_size;
  // Of the signed bytes.
  const char* hash;
};

// nullptr if the name is of none that may be used here.
const Curve* FindCurve(absl::string_view name);

// Null if `point`, uncompressed, is not on the curve.
UniqueEvpKey ImportEcKey(const Curve& curve, absl::string_view point);
// Both are magnitudes, big-endian, of lengths that the caller has bounded.
UniqueEvpKey ImportRsaKey(absl::string_view modulus,
                          absl::string_view exponent);
// Null unless there are 32 bytes.
UniqueEvpKey ImportEd25519Key(absl::string_view bytes);

// "SHA256", "SHA384" or "SHA512", looked up once.
const EVP_MD* FetchHash(absl::string_view name);

const unsigned char* EvpBytes(absl::string_view text);

}  // namespace orrery::signing::internal

#endif  // SIGNING_SSH_INTERNAL_EVP_KEY_H_
