#include "signing/ssh/ssh_verifier.h"

#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "signing/encoding.h"
#include "signing/refusal.h"
#include "signing/ssh/internal/blob_verifier.h"
#include "signing/ssh/sshsig.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

// In the flags of a security key (OpenSSH's PROTOCOL.u2f).
constexpr char kTouched = 1;

absl::Status Wrong(absl::string_view what) {
  return Refuse(RefusalCode::kRecordSignature,
                absl::StrCat("the SSH signature ", what));
}

}  // namespace

struct SshVerifier::Handle {
  std::string key_blob;
  internal::BlobVerifier verifier;
};

absl::StatusOr<SshVerifier> SshVerifier::Create(const SshKey& key) {
  ORRERY_ASSIGN_OR_RETURN(internal::BlobVerifier verifier,
                          internal::BlobVerifier::Create(key));
  return SshVerifier(
      std::make_shared<const Handle>(Handle{key.blob(), std::move(verifier)}));
}

absl::Status SshVerifier::VerifyHash(const SshSignature& signature,
                                     absl::string_view message_hash) const {
  if (signature.public_key != handle_->key_blob) {
    return Wrong("is by another key");
  }
  std::string bytes = SshSignedBytes(signature.name_space,
                                     signature.hash_algorithm, message_hash);
  const std::string& application = handle_->verifier.application();
  if (!application.empty()) {
    if (signature.authenticator.empty() ||
        (signature.authenticator[0] & kTouched) == 0) {
      return Wrong("was made without a touch of the security key");
    }
    bytes = absl::StrCat(Digest::Of(application).bytes(),
                         signature.authenticator, Digest::Of(bytes).bytes());
  }
  if (handle_->verifier.Verify(signature.algorithm, signature.signature,
                               bytes)) {
    return absl::OkStatus();
  }
  return Wrong("is wrong: it is not of these bytes, or not by this key");
}

absl::Status VerifySshSignature(const SshKey& key, absl::string_view name_space,
                                const SshSignature& signature,
                                absl::string_view message) {
  if (signature.name_space != name_space) {
    return Refuse(RefusalCode::kRecordNamespace,
                  absl::StrCat("the SSH signature is in namespace ",
                               Quoted(signature.name_space), ", not ",
                               Quoted(name_space)));
  }
  ORRERY_ASSIGN_OR_RETURN(const SshVerifier verifier, SshVerifier::Create(key));
  return verifier.VerifyHash(signature,
                             HashSshMessage(signature.hash_algorithm, message));
}

}  // namespace orrery::signing
