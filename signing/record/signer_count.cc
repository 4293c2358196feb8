#include "signing/record/signer_count.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "signing/encoding.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

// A keyset whose principals must agree.
struct Side {
  const KeysetRecord* keyset;
  int64_t threshold;
};

int64_t ThresholdOf(const KeysetRecord& keyset, RecordKind kind) {
  switch (kind) {
    case RecordKind::kKeyset:
      return keyset.keyset_threshold;
    case RecordKind::kRelease:
      return keyset.release_threshold;
    default:
      return keyset.yank_threshold;
  }
}

std::vector<Side> SidesOf(const SignedRecord& record,
                          const KeysetRecord* in_force) {
  std::vector<Side> sides;
  for (const KeysetRecord* keyset : {in_force, record.keyset()}) {
    if (keyset != nullptr) {
      sides.push_back({keyset, ThresholdOf(*keyset, record.kind())});
    }
  }
  return sides;
}

// nullptr if the keyset does not have the key.
const Signer* FindSigner(const KeysetRecord& keyset, absl::string_view blob) {
  const auto found =
      std::find_if(keyset.signers.begin(), keyset.signers.end(),
                   [&](const Signer& s) { return s.key.blob() == blob; });
  return found == keyset.signers.end() ? nullptr : &*found;
}

bool MaySign(const Signer& signer, absl::string_view name_space) {
  return std::find(signer.namespaces.begin(), signer.namespaces.end(),
                   name_space) != signer.namespaces.end();
}

// The signers of one signature, on each side that has its key.
std::vector<const Signer*> SignersOf(const std::vector<Side>& sides,
                                     absl::string_view blob) {
  std::vector<const Signer*> signers;
  for (const Side& side : sides) {
    const Signer* const signer = FindSigner(*side.keyset, blob);
    if (signer != nullptr) signers.push_back(signer);
  }
  return signers;
}

absl::Status CheckNamespaces(const SignedRecord& record) {
  for (const SshSignature& signature : record.signatures()) {
    if (signature.name_space == NamespaceOf(record.kind())) continue;
    return Refuse(RefusalCode::kRecordNamespace,
                  absl::StrCat("a signature is in namespace ",
                               Quoted(signature.name_space),
                               "; what signs this record is made with "
                               "`ssh-keygen -Y sign -n ",
                               NamespaceOf(record.kind()), "`"));
  }
  return absl::OkStatus();
}

absl::Status VerifyAll(const SignedRecord& record,
                       const std::vector<Side>& sides) {
  for (size_t at = 0; at < record.signatures().size(); ++at) {
    const auto signers = SignersOf(sides, record.signatures()[at].public_key);
    if (signers.empty()) continue;
    const Signer& signer = *signers.front();
    absl::Status status = record.Verify(at, signer.key);
    if (status.ok()) continue;
    return RefuseAs(
        RefusalCode::kRecordSignature,
        absl::Status(
            status.code(),
            absl::StrCat("the signature by ", signer.principal, ", ",
                         signer.key.Fingerprint(), ": ", status.message())));
  }
  return absl::OkStatus();
}

absl::Status CheckMaySign(const SignedRecord& record,
                          const std::vector<Side>& sides) {
  const absl::string_view name_space = NamespaceOf(record.kind());
  for (const SshSignature& signature : record.signatures()) {
    const auto signers = SignersOf(sides, signature.public_key);
    const bool may_sign =
        signers.empty() ||
        std::any_of(signers.begin(), signers.end(), [&](const Signer* signer) {
          return MaySign(*signer, name_space);
        });
    if (may_sign) continue;
    return Refuse(RefusalCode::kRecordNamespace,
                  absl::StrCat("the key ", signers.front()->key.Fingerprint(),
                               " of ", signers.front()->principal,
                               " may not sign in namespace ", name_space));
  }
  return absl::OkStatus();
}

// The principals of one side that signed, and those of them that count.
struct Tally {
  std::set<std::string> signed_by;
  std::set<std::string> counted;
};

Tally TallyOf(const SignedRecord& record, const Side& side,
              KeyDenial is_denied) {
  Tally tally;
  for (const SshSignature& signature : record.signatures()) {
    const Signer* const signer = FindSigner(*side.keyset, signature.public_key);
    if (signer == nullptr || !MaySign(*signer, NamespaceOf(record.kind()))) {
      continue;
    }
    tally.signed_by.insert(signer->principal);
    if (!is_denied(signer->key.Fingerprint())) {
      tally.counted.insert(signer->principal);
    }
  }
  return tally;
}

// Who could still sign.
std::string MissingOf(const SignedRecord& record, const Side& side,
                      const Tally& tally) {
  std::set<std::string> missing;
  for (const Signer& signer : side.keyset->signers) {
    if (MaySign(signer, NamespaceOf(record.kind())) &&
        tally.signed_by.count(signer.principal) == 0) {
      missing.insert(signer.principal);
    }
  }
  return missing.empty() ? "nobody else" : absl::StrJoin(missing, " or ");
}

absl::Status CheckThreshold(const SignedRecord& record, const Side& side,
                            const Tally& tally, int64_t least) {
  const int64_t wanted = std::max(side.threshold, least);
  const auto counted = static_cast<int64_t>(tally.counted.size());
  if (counted >= wanted) return absl::OkStatus();
  const std::string said = absl::StrCat(
      wanted, wanted == 1 ? " principal" : " principals", " of keyset ",
      side.keyset->number,
      side.threshold < wanted ? ", as the policy demands," : "",
      " must sign it, and ", counted, counted == 1 ? " does" : " do");
  if (static_cast<int64_t>(tally.signed_by.size()) >= wanted) {
    return Refuse(RefusalCode::kRecordRevoked,
                  absl::StrCat(said, " whose key counts"));
  }
  return Refuse(
      record.kind() == RecordKind::kKeyset && !record.signatures().empty()
          ? RefusalCode::kRecordKeyset
          : RefusalCode::kRecordThreshold,
      absl::StrCat(said, ": a signature by ", MissingOf(record, side, tally),
                   " is missing"));
}

}  // namespace

SignerCount CountSigners(const SignedRecord& record,
                         const KeysetRecord* in_force, KeyDenial is_denied,
                         int64_t least) {
  const std::vector<Side> sides = SidesOf(record, in_force);
  SignerCount count;
  if (sides.empty()) {
    count.status = Refuse(RefusalCode::kRecordKeyset, "no keyset is in force");
    return count;
  }
  count.status = CheckNamespaces(record);
  if (count.status.ok()) count.status = VerifyAll(record, sides);
  if (count.status.ok()) count.status = CheckMaySign(record, sides);
  if (!count.status.ok()) return count;
  std::set<std::string> principals;
  for (const Side& side : sides) {
    Tally tally = TallyOf(record, side, is_denied);
    if (count.status.ok()) {
      count.status = CheckThreshold(record, side, tally, least);
    }
    principals.merge(tally.counted);
  }
  count.principals.assign(principals.begin(), principals.end());
  return count;
}

std::vector<KeysetCount> CountByKeyset(const SignedRecord& record,
                                       const KeysetRecord* in_force) {
  const absl::string_view name_space = NamespaceOf(record.kind());
  std::vector<KeysetCount> counts;
  for (const Side& side : SidesOf(record, in_force)) {
    std::set<std::string> able;
    for (const Signer& signer : side.keyset->signers) {
      if (MaySign(signer, name_space)) able.insert(signer.principal);
    }
    std::set<std::string> signed_by;
    for (size_t at = 0; at < record.signatures().size(); ++at) {
      const SshSignature& signature = record.signatures()[at];
      const Signer* const signer =
          FindSigner(*side.keyset, signature.public_key);
      if (signer != nullptr && MaySign(*signer, name_space) &&
          signature.name_space == name_space &&
          record.Verify(at, signer->key).ok()) {
        signed_by.insert(signer->principal);
      }
    }
    for (const std::string& principal : signed_by) able.erase(principal);
    counts.push_back({side.keyset->number,
                      side.threshold,
                      {signed_by.begin(), signed_by.end()},
                      {able.begin(), able.end()}});
  }
  return counts;
}

bool IsRelevant(const SignedRecord& record, const KeysetRecord* in_force,
                size_t at) {
  return !SignersOf(SidesOf(record, in_force),
                    record.signatures()[at].public_key)
              .empty();
}

}  // namespace orrery::signing
