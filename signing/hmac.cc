#include "signing/hmac.h"

#include <array>

#include "openssl/crypto.h"
#include "openssl/evp.h"
#include "openssl/hmac.h"

namespace orrery::signing {

Digest HmacSha256(absl::string_view key, absl::string_view message) {
  std::array<unsigned char, Digest::kSize> bytes{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       bytes.data(), &size);
  return *Digest::FromBytes(
      {reinterpret_cast<const char*>(bytes.data()), size});
}

bool EqualsSecret(absl::string_view given, absl::string_view secret) {
  const Digest of_given = Digest::Of(given);
  const Digest of_secret = Digest::Of(secret);
  return CRYPTO_memcmp(of_given.bytes().data(), of_secret.bytes().data(),
                       Digest::kSize) == 0;
}

}  // namespace orrery::signing
