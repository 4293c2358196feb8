// What an SSH signature signs (spec: trust.md §7.1).

#ifndef SIGNING_SSH_SSHSIG_H_
#define SIGNING_SSH_SSHSIG_H_

#include <string>

#include "absl/strings/string_view.h"

namespace orrery::signing {

// The hash of a message by `sha256` or `sha512`.
std::string HashSshMessage(absl::string_view hash_algorithm,
                           absl::string_view message);

// The bytes that a key signs in place of a message with that hash.
std::string SshSignedBytes(absl::string_view name_space,
                           absl::string_view hash_algorithm,
                           absl::string_view message_hash);

}  // namespace orrery::signing

#endif  // SIGNING_SSH_SSHSIG_H_
