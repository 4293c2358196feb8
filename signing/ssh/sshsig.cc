#include "signing/ssh/sshsig.h"

#include "openssl/evp.h"

#include "signing/ssh/internal/evp_key.h"
#include "signing/ssh/ssh_wire.h"

namespace orrery::signing {

std::string HashSshMessage(absl::string_view hash_algorithm,
                           absl::string_view message) {
  const EVP_MD* const hash =
      internal::FetchHash(hash_algorithm == "sha256" ? "SHA256" : "SHA512");
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(message.data(), message.size(),
             reinterpret_cast<unsigned char*>(digest.data()), &size, hash,
             nullptr);
  digest.resize(size);
  return digest;
}

std::string SshSignedBytes(absl::string_view name_space,
                           absl::string_view hash_algorithm,
                           absl::string_view message_hash) {
  std::string bytes = "SSHSIG";
  AppendSshString(name_space, bytes);
  AppendSshString("", bytes);
  AppendSshString(hash_algorithm, bytes);
  AppendSshString(message_hash, bytes);
  return bytes;
}

}  // namespace orrery::signing
