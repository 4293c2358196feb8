#include "signing/hmac.h"

#include <string>

#include "openssl/crypto.h"

namespace orrery::signing {
namespace {

// Of SHA-256, in bytes.
constexpr size_t kBlockSize = 64;
constexpr char kInnerPad = 0x36;
constexpr char kOuterPad = 0x5c;

std::string Padded(absl::string_view key, char pad) {
  std::string block(key.size() > kBlockSize ? Digest::Of(key).bytes() : key);
  block.resize(kBlockSize, '\0');
  for (char& byte : block) byte = static_cast<char>(byte ^ pad);
  return block;
}

}  // namespace

HmacBuilder::HmacBuilder(absl::string_view key) {
  inner_.Add(Padded(key, kInnerPad));
  outer_.Add(Padded(key, kOuterPad));
}

Digest HmacBuilder::Finish() {
  outer_.Add(inner_.Finish().bytes());
  return outer_.Finish();
}

bool EqualsSecret(absl::string_view given, absl::string_view secret) {
  const Digest of_given = Digest::Of(given);
  const Digest of_secret = Digest::Of(secret);
  return CRYPTO_memcmp(of_given.bytes().data(), of_secret.bytes().data(),
                       Digest::kSize) == 0;
}

}  // namespace orrery::signing
