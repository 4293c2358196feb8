#include "signing/record/signed_record.h"

#include <algorithm>
#include <variant>

#include "signing/refusal.h"
#include "signing/ssh/ssh_verifier.h"
#include "signing/ssh/sshsig.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr absl::string_view kSha512 = "sha512";

}  // namespace

SignedRecord::SignedRecord(const Leaf& leaf, const Digest& leaf_hash)
    : kind_(leaf.record.kind),
      leaf_hash_(leaf_hash),
      sha256_(leaf.statement_digest),
      signatures_(leaf.signatures) {
  if (const auto* keyset = std::get_if<KeysetRecord>(&leaf.record.body)) {
    keyset_ = *keyset;
  }
  if (std::any_of(signatures_.begin(), signatures_.end(),
                  [](const SshSignature& signature) {
                    return signature.hash_algorithm == kSha512;
                  })) {
    sha512_ = HashSshMessage(kSha512, leaf.statement);
  }
}

absl::Status SignedRecord::Verify(size_t at, const SshKey& key) const {
  if (verdicts_[at] == Verdict::kGood) return absl::OkStatus();
  if (verdicts_[at] == Verdict::kWrong) {
    return Refuse(RefusalCode::kRecordSignature, "the SSH signature is wrong");
  }
  ORRERY_ASSIGN_OR_RETURN(const SshVerifier verifier, SshVerifier::Create(key));
  const SshSignature& signature = signatures_[at];
  absl::Status status =
      verifier.VerifyHash(signature, signature.hash_algorithm == kSha512
                                         ? absl::string_view(sha512_)
                                         : sha256_.bytes());
  verdicts_[at] = status.ok() ? Verdict::kGood : Verdict::kWrong;
  return status;
}

absl::string_view NamespaceOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kKeyset:
      return "keyset@orrery";
    case RecordKind::kRelease:
      return "release@orrery";
    case RecordKind::kYank:
    case RecordKind::kDistrust:
      return "yank@orrery";
    case RecordKind::kClaim:
      return "claim@orrery";
    default:
      return "";
  }
}

}  // namespace orrery::signing
