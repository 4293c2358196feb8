#ifndef SIGNING_SSH_INTERNAL_BLOB_VERIFIER_H_
#define SIGNING_SSH_INTERNAL_BLOB_VERIFIER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ssh/ssh_key.h"

namespace orrery::signing::internal {

// Verifies what one SSH key signs, as RFC 8332, RFC 5656 and RFC 8709 encode
// it, over bytes as they are. Cheap to copy; several threads may use it at
// once.
class BlobVerifier {
 public:
  // kInternal if OpenSSL does not take the key.
  static absl::StatusOr<BlobVerifier> Create(const SshKey& key);

  // Whether `blob` is a signature of `bytes` by that algorithm, which must be
  // one of the key; `ssh-rsa`, which hashes by SHA-1, signs nothing.
  bool Verify(absl::string_view algorithm, absl::string_view blob,
              absl::string_view bytes) const;

  // Of a security key: what it says it is for. Else empty.
  const std::string& application() const;

 private:
  struct Handle;

  explicit BlobVerifier(std::shared_ptr<const Handle> handle)
      : handle_(std::move(handle)) {}

  std::shared_ptr<const Handle> handle_;
};

}  // namespace orrery::signing::internal

#endif  // SIGNING_SSH_INTERNAL_BLOB_VERIFIER_H_
