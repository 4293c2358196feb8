#ifndef SIGNING_SSH_SSH_VERIFIER_H_
#define SIGNING_SSH_SSH_VERIFIER_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"

namespace orrery::signing {

// Verifies SSH signatures by one key (spec: trust.md §7.3). Cheap to copy;
// several threads may use it at once.
class SshVerifier {
 public:
  // kInternal if OpenSSL does not take the key.
  static absl::StatusOr<SshVerifier> Create(const SshKey& key);

  // Refuses with record.signature what is no signature by this key, in the
  // signature's own namespace, of the message with that hash by the signature's
  // own hash algorithm; that of a security key which nobody touched, too. Which
  // namespace is wanted is the caller's to check.
  absl::Status VerifyHash(const SshSignature& signature,
                          absl::string_view message_hash) const;

 private:
  struct Handle;

  explicit SshVerifier(std::shared_ptr<const Handle> handle)
      : handle_(std::move(handle)) {}

  std::shared_ptr<const Handle> handle_;
};

// Whether `signature` is one of `message` by `key` in that namespace. Refuses
// with record.namespace, then record.signature.
absl::Status VerifySshSignature(const SshKey& key, absl::string_view name_space,
                                const SshSignature& signature,
                                absl::string_view message);

}  // namespace orrery::signing

#endif  // SIGNING_SSH_SSH_VERIFIER_H_
