#ifndef SIGNING_ED25519_H_
#define SIGNING_ED25519_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Pure Ed25519 (RFC 8032 §5.1). Both classes are cheap to copy and may be used
// by several threads at once.

class Ed25519PublicKey {
 public:
  static constexpr size_t kSize = 32;
  static constexpr size_t kSignatureSize = 64;

  // 32 bytes: kInvalidArgument for another length, the refusal record.key.weak
  // for a weak key (spec: trust.md §7.4): y ≥ 2^255 − 19, or of low order, for
  // which anybody can make signatures.
  static absl::StatusOr<Ed25519PublicKey> Parse(absl::string_view bytes);

  absl::string_view bytes() const { return bytes_; }

  // kInvalidArgument unless the signature is one of `message` by this key,
  // with S < L.
  absl::Status Verify(absl::string_view message,
                      absl::string_view signature) const;

  bool operator==(const Ed25519PublicKey& other) const {
    return bytes_ == other.bytes_;
  }

 private:
  struct Handle;

  Ed25519PublicKey(std::string bytes, std::shared_ptr<const Handle> handle);

  std::string bytes_;
  std::shared_ptr<const Handle> handle_;
};

class Ed25519PrivateKey {
 public:
  static constexpr size_t kSeedSize = 32;

  // kInvalidArgument unless the seed has 32 bytes. It is copied into OpenSSL
  // and is not to be had back.
  static absl::StatusOr<Ed25519PrivateKey> FromSeed(absl::string_view seed);

  const Ed25519PublicKey& public_key() const { return public_key_; }

  // The one signature of `message`, 64 bytes. kInternal if OpenSSL fails.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;

 private:
  struct Handle;

  Ed25519PrivateKey(Ed25519PublicKey public_key,
                    std::shared_ptr<const Handle> handle);

  Ed25519PublicKey public_key_;
  std::shared_ptr<const Handle> handle_;
};

}  // namespace orrery::signing

#endif  // SIGNING_ED25519_H_
