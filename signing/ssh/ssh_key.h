#ifndef SIGNING_SSH_SSH_KEY_H_
#define SIGNING_SSH_SSH_KEY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// A public key as OpenSSH writes it, of a type that may sign here and strong
// enough (spec: trust.md §7.3, §7.4).
class SshKey {
 public:
  // The key's blob (RFC 4253 §6.6): ssh-ed25519, ecdsa-sha2-nistp256/384/521,
  // ssh-rsa, sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com.
  // kInvalidArgument for what is malformed or of another type, certificates
  // among them; the refusal record.key.weak for a weak key. Places where a
  // weak key has another code make their own refusal of the message.
  static absl::StatusOr<SshKey> Parse(absl::string_view blob);
  // The type and the base64 of the blob, which must be of that type.
  static absl::StatusOr<SshKey> ParseText(absl::string_view type,
                                          absl::string_view base64);

  const std::string& type() const { return type_; }
  const std::string& blob() const { return blob_; }
  // "SHA256:" and 43 characters, as `ssh-keygen -l` prints it.
  std::string Fingerprint() const;

  bool operator==(const SshKey&) const = default;

 private:
  SshKey(absl::string_view type, absl::string_view blob)
      : type_(type), blob_(blob) {}

  std::string type_;
  std::string blob_;
};

}  // namespace orrery::signing

#endif  // SIGNING_SSH_SSH_KEY_H_
