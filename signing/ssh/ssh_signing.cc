#include "signing/ssh/ssh_signing.h"

#include <utility>

#include "signing/refusal.h"
#include "signing/ssh/ssh_verifier.h"
#include "signing/ssh/ssh_wire.h"
#include "signing/ssh/sshsig.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr char kHash[] = "sha512";
constexpr char kEd25519[] = "ssh-ed25519";

// `bytes` as agents give a signature.
absl::Status ReadReply(absl::string_view bytes, SshSignature& signature) {
  constexpr size_t kLengths = 2 * sizeof(uint32_t);
  SshReader reader(bytes);
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view algorithm, reader.String());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view blob, reader.String());
  signature.algorithm = std::string(algorithm);
  signature.signature = std::string(blob);
  signature.authenticator =
      std::string(bytes.substr(kLengths + algorithm.size() + blob.size()));
  return absl::OkStatus();
}

}  // namespace

SshKey SshKeyOf(const Ed25519PublicKey& key) {
  std::string blob;
  AppendSshString(kEd25519, blob);
  AppendSshString(key.bytes(), blob);
  return *SshKey::Parse(blob);
}

absl::StatusOr<SshSignature> SignSsh(const Ed25519PrivateKey& key,
                                     absl::string_view name_space,
                                     absl::string_view message) {
  ORRERY_ASSIGN_OR_RETURN(
      std::string blob,
      key.Sign(
          SshSignedBytes(name_space, kHash, HashSshMessage(kHash, message))));
  return SshSignature{SshKeyOf(key.public_key()).blob(),
                      std::string(name_space),
                      kHash,
                      kEd25519,
                      std::move(blob),
                      ""};
}

absl::StatusOr<SshSignature> SignSshBy(
    const SshKey& key, absl::string_view name_space, absl::string_view message,
    absl::FunctionRef<absl::StatusOr<std::string>(absl::string_view)> sign) {
  SshSignature made{key.blob(), std::string(name_space), kHash, "", "", ""};
  ORRERY_ASSIGN_OR_RETURN(
      const std::string reply,
      sign(SshSignedBytes(name_space, kHash, HashSshMessage(kHash, message))));
  absl::Status read = ReadReply(reply, made);
  if (!read.ok()) return RefuseAs(RefusalCode::kRecordSyntax, std::move(read));
  ORRERY_ASSIGN_OR_RETURN(
      SshSignature signature,
      ParseArmor(WriteArmor(PrintSignature(made)), ArmorForm::kLeaf));
  ORRERY_RETURN_IF_ERROR(
      VerifySshSignature(key, name_space, signature, message));
  return signature;
}

}  // namespace orrery::signing
