#include "signing/record/leaf.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "signing/record/record_parser.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr absl::string_view kArmorEnd = "\n-----END SSH SIGNATURE-----\n";

absl::Status Wrong(absl::string_view what) {
  return Refuse(RefusalCode::kRecordSyntax, absl::StrCat("the leaf ", what));
}

// Leaves order their signatures by this.
using SignatureRank = std::pair<Digest, std::string>;

SignatureRank RankOf(const SshSignature& signature, absl::string_view armor) {
  return {Digest::Of(signature.public_key), std::string(armor)};
}

absl::StatusOr<std::vector<SshSignature>> ReadSignatures(
    absl::string_view armors) {
  std::vector<SshSignature> signatures;
  std::optional<SignatureRank> previous;
  while (!armors.empty()) {
    if (signatures.size() == kMaxLeafSignatures) {
      return Wrong(
          absl::StrCat("has more than ", kMaxLeafSignatures, " signatures"));
    }
    const size_t end = armors.find(kArmorEnd);
    if (end == absl::string_view::npos) {
      return Wrong("has bytes behind its statement that are no signature");
    }
    const absl::string_view armor = armors.substr(0, end + kArmorEnd.size());
    armors.remove_prefix(armor.size());
    ORRERY_ASSIGN_OR_RETURN(SshSignature signature,
                            ParseArmor(armor, ArmorForm::kLeaf));
    SignatureRank rank = RankOf(signature, armor);
    if (previous.has_value() && *previous >= rank) {
      return Wrong("has signatures that are not strictly ascending");
    }
    previous = std::move(rank);
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

size_t MaxSignatures(RecordKind kind) {
  if (IsMaintainerKind(kind)) return kMaxLeafSignatures;
  return kind == RecordKind::kClaim ? 1 : 0;
}

}  // namespace

absl::StatusOr<Leaf> ParseLeaf(absl::string_view bytes) {
  if (bytes.size() > kMaxLeafBytes) {
    return Wrong(absl::StrCat("has ", bytes.size(), " bytes, more than ",
                              kMaxLeafBytes));
  }
  // The first empty line: what follows is never part of the statement.
  const size_t end = bytes.find("\n\n");
  if (end == absl::string_view::npos) {
    return Wrong("has no empty line behind its statement");
  }
  Leaf leaf;
  leaf.statement = std::string(bytes.substr(0, end + 1));
  leaf.statement_digest = Digest::Of(leaf.statement);
  ORRERY_ASSIGN_OR_RETURN(leaf.signatures,
                          ReadSignatures(bytes.substr(end + 2)));
  ORRERY_ASSIGN_OR_RETURN(leaf.record, ParseRecord(leaf.statement));
  if (leaf.signatures.size() > MaxSignatures(leaf.record.kind)) {
    return Wrong(absl::StrCat("has ", leaf.signatures.size(),
                              " signatures, more than a record of kind ",
                              RecordKindName(leaf.record.kind), " may have"));
  }
  return leaf;
}

absl::Status CheckIsSigned(const Leaf& leaf) {
  if (MaxSignatures(leaf.record.kind) == 0 || !leaf.signatures.empty()) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kRecordThreshold,
      absl::StrCat("a record of kind ", RecordKindName(leaf.record.kind),
                   " is nothing without a signature"));
}

std::string JoinLeaf(absl::string_view statement,
                     const std::vector<SshSignature>& signatures) {
  std::vector<SignatureRank> armors;
  armors.reserve(signatures.size());
  for (const SshSignature& signature : signatures) {
    armors.push_back(RankOf(signature, WriteArmor(PrintSignature(signature))));
  }
  std::sort(armors.begin(), armors.end());
  std::string leaf = absl::StrCat(statement, "\n");
  for (const SignatureRank& armor : armors) leaf += armor.second;
  return leaf;
}

}  // namespace orrery::signing
