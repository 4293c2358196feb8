#ifndef SIGNING_SSH_ARMOR_H_
#define SIGNING_SSH_ARMOR_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

inline constexpr size_t kMaxArmorBase64 = 16384;

// An SSHSIG (spec: trust.md §7.1) whose form is right; nothing of it has been
// verified.
struct SshSignature {
  // Blob of the key; its type is one of those that may sign.
  std::string public_key;
  std::string name_space;
  // `sha256` or `sha512`.
  std::string hash_algorithm;
  // Of the signature: the key's type, or `rsa-sha2-256` or `rsa-sha2-512`.
  std::string algorithm;
  std::string signature;
  // Behind the signature of an sk-* key: flags and counter, 5 bytes.
  std::string authenticator;

  bool operator==(const SshSignature&) const = default;
};

enum class ArmorForm {
  // As ssh-keygen and people write it: lines of 1 to 76 characters, the last LF
  // may be missing.
  kFile,
  // As leaves hold it: what WriteArmor gives.
  kLeaf,
};

// Refuses with record.syntax what breaks the form or anything of §7.2.
absl::StatusOr<SshSignature> ParseArmor(absl::string_view armor,
                                        ArmorForm form);

// The armor in leaf form of the bytes of an SSHSIG.
std::string WriteArmor(absl::string_view signature);

// The bytes of the SSHSIG.
std::string PrintSignature(const SshSignature& signature);

}  // namespace orrery::signing

#endif  // SIGNING_SSH_ARMOR_H_
