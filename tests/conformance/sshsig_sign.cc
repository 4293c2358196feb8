// The maker of SSH signatures with nothing around it:
//   sshsig_sign SEED NAMESPACE PUBKEY <MESSAGE
// prints the armored signature by the Ed25519 key of the seed, 64 hex digits,
// and writes the key to the file PUBKEY.

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"

#include "signing/ed25519.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"
#include "signing/ssh/ssh_signing.h"

int main(int argc, char** argv) {
  using orrery::signing::Ed25519PrivateKey;
  using orrery::signing::SshKey;
  if (argc != 4) return 64;
  const auto key = Ed25519PrivateKey::FromSeed(absl::HexStringToBytes(argv[1]));
  if (!key.ok()) return 64;
  const std::string message(std::istreambuf_iterator<char>(std::cin), {});
  const auto signature = orrery::signing::SignSsh(*key, argv[2], message);
  if (!signature.ok()) return 1;
  const SshKey public_key = orrery::signing::SshKeyOf(key->public_key());
  std::ofstream(argv[3]) << public_key.type() << " "
                         << absl::Base64Escape(public_key.blob()) << "\n";
  std::cout << orrery::signing::WriteArmor(
      orrery::signing::PrintSignature(*signature));
  return 0;
}
