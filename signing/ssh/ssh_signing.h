// Makes SSH signatures (spec: trust.md §7.5); WriteArmor(PrintSignature(…))
// gives the file.

#ifndef SIGNING_SSH_SSH_SIGNING_H_
#define SIGNING_SSH_SSH_SIGNING_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/ed25519.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"

namespace orrery::signing {

// The key as SSH writes it.
SshKey SshKeyOf(const Ed25519PublicKey& key);

// The one signature of a message, hashed by sha512. kInternal if OpenSSL fails.
absl::StatusOr<SshSignature> SignSsh(const Ed25519PrivateKey& key,
                                     absl::string_view name_space,
                                     absl::string_view message);

// The same by who holds the key, an ssh-agent or a device: `sign` gets the
// bytes to be signed and gives the signature as agents do, `string algorithm,
// string signature`, and behind it flags and counter of a security key. Of an
// RSA key it must be one by rsa-sha2-256 or rsa-sha2-512. Failures of `sign`
// come out as they are; record.signature or record.syntax if what it gave is no
// signature of the message by `key`.
absl::StatusOr<SshSignature> SignSshBy(
    const SshKey& key, absl::string_view name_space, absl::string_view message,
    absl::FunctionRef<absl::StatusOr<std::string>(absl::string_view)> sign);

}  // namespace orrery::signing

#endif  // SIGNING_SSH_SSH_SIGNING_H_
