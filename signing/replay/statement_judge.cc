#include "signing/replay/statement_judge.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "signing/digest.h"
#include "signing/record/leaf.h"
#include "signing/record/record_parser.h"
#include "signing/record/signed_record.h"
#include "signing/record/signer_count.h"
#include "signing/refusal.h"
#include "signing/replay/leaf_judge.h"
#include "signing/ssh/armor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::StatusOr<std::vector<SshSignature>> ReadSignatures(
    const std::vector<SignatureFile>& files) {
  if (files.size() > kMaxLeafSignatures) {
    return Refuse(RefusalCode::kRecordSyntax,
                  absl::StrCat("has ", files.size(),
                               " signature files, more "
                               "than ",
                               kMaxLeafSignatures));
  }
  std::vector<SshSignature> signatures;
  for (const SignatureFile& file : files) {
    auto signature = ParseArmor(file.bytes, ArmorForm::kFile);
    if (!signature.ok()) return At({.file = file.name}, signature.status());
    // The same file under two labels says nothing more.
    if (std::find(signatures.begin(), signatures.end(), *signature) ==
        signatures.end()) {
      signatures.push_back(*std::move(signature));
    }
  }
  return signatures;
}

// Judges one statement, step by step.
class StatementJudge {
 public:
  StatementJudge(const LogState& log, const PublishedStatement& published)
      : log_(log),
        published_(published),
        package_(FindPackage(log, published.package)) {}

  absl::Status Judge(JudgedStatement& judged);

 private:
  absl::Status CheckNaming() const;
  absl::Status CheckSource() const;
  absl::Status CheckGate() const;
  absl::Status CheckMode() const;
  absl::Status CheckSigners(JudgedStatement& judged) const;

  const KeysetInForce* keyset() const {
    return package_ != nullptr && package_->keyset ? &*package_->keyset
                                                   : nullptr;
  }

  const LogState& log_;
  const PublishedStatement& published_;
  const PackageState* const package_;
  Leaf leaf_;
};

absl::Status StatementJudge::CheckNaming() const {
  const Record& record = leaf_.record;
  if (!IsMaintainerKind(record.kind) || record.kind == RecordKind::kDistrust) {
    return Refuse(RefusalCode::kRecordSyntax,
                  absl::StrCat("records of kind ", RecordKindName(record.kind),
                               " are not published in a repository"));
  }
  if (record.package != published_.package) {
    return Refuse(
        RefusalCode::kRecordChain,
        absl::StrCat("is of package ", record.package,
                     ", and lies in the folder of ", published_.package));
  }
  if (record.seq == published_.seq) return absl::OkStatus();
  return Refuse(RefusalCode::kRecordChain,
                absl::StrCat("is record ", record.seq, ", and its file is ",
                             published_.seq));
}

// That the maintainers publish here.
absl::Status StatementJudge::CheckSource() const {
  const auto* const first = std::get_if<KeysetRecord>(&leaf_.record.body);
  const KeysetRecord* const judge =
      keyset() != nullptr ? keyset()->record.get() : first;
  // A release or yank that no keyset precedes.
  if (judge == nullptr) return absl::OkStatus();
  const SourceState* const source = FindSource(log_, published_.source);
  const GitOrigin* const git =
      source == nullptr ? nullptr
                        : std::get_if<GitOrigin>(&source->in_force().origin);
  const std::string home =
      keyset() != nullptr ? keyset()->home : HomeSource(log_, *judge);
  if (!home.empty() && home != published_.source) {
    return Refuse(RefusalCode::kGitSource,
                  absl::StrCat("the records of ", published_.package,
                               " are those of source ", home, "; source ",
                               published_.source, " can have none"));
  }
  const bool is_authorised =
      git != nullptr &&
      std::find(judge->repositories.begin(), judge->repositories.end(),
                git->repository) != judge->repositories.end();
  if (is_authorised) return absl::OkStatus();
  if (git == nullptr) {
    return Refuse(RefusalCode::kGitUnauthorised,
                  absl::StrCat("source ", published_.source,
                               " is no git source of the log"));
  }
  return Refuse(
      RefusalCode::kGitUnauthorised,
      absl::StrCat("keyset ", judge->number, " of ", published_.package,
                   " names other repositories than the one it was found in; "
                   "this line in it would pass: repo ",
                   git->repository.url, " ", git->repository.ref));
}

absl::Status StatementJudge::CheckGate() const {
  const auto* const keyset = std::get_if<KeysetRecord>(&leaf_.record.body);
  if (keyset == nullptr || keyset->gate == CommitGate::kNone) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kGitGate,
                "asks for signed commits, which this registry does not check "
                "yet: it takes `gate none` only");
}

// The stricter of source and keyset counts. What is endorsed is logged already.
absl::Status StatementJudge::CheckMode() const {
  const auto* const release = std::get_if<ReleaseRecord>(&leaf_.record.body);
  if (release == nullptr) return absl::OkStatus();
  const int64_t revision = release->content.revision;
  const ReleaseState* const known =
      FindRelease(*package_, keyset()->home, release->content.release);
  const bool is_new = known == nullptr ||
                      revision > static_cast<int64_t>(known->revisions.size());
  const SourceRecord& source = FindSource(log_, keyset()->home)->in_force();
  if (!is_new || revision == 1 || source.mode == RevisionMode::kMutable) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kRecordRevision,
                absl::StrCat("is revision ", revision, ", and source ",
                             source.id, " is immutable"));
}

absl::Status StatementJudge::CheckSigners(JudgedStatement& judged) const {
  const SignedRecord record(leaf_, Digest());
  const KeysetRecord* const in_force =
      keyset() != nullptr ? keyset()->record.get() : nullptr;
  SignerCount count =
      CountSigners(record, in_force, [](const std::string&) { return false; });
  judged.principals = std::move(count.principals);
  if (!count.status.ok()) {
    const RefusalCode code = RefusalOf(count.status)->code;
    judged.is_pending = code == RefusalCode::kRecordThreshold ||
                        code == RefusalCode::kRecordKeyset;
    return count.status;
  }
  std::vector<SshSignature> relevant;
  for (size_t at = 0; at < leaf_.signatures.size(); ++at) {
    if (IsRelevant(record, in_force, at)) {
      relevant.push_back(leaf_.signatures[at]);
    }
  }
  judged.leaf = JoinLeaf(leaf_.statement, relevant);
  return ParseLeaf(judged.leaf).status();
}

absl::Status StatementJudge::Judge(JudgedStatement& judged) {
  leaf_.statement = published_.statement;
  leaf_.statement_digest = Digest::Of(leaf_.statement);
  ORRERY_ASSIGN_OR_RETURN(leaf_.record, ParseRecord(leaf_.statement));
  judged.record = leaf_.record;
  ORRERY_ASSIGN_OR_RETURN(leaf_.signatures,
                          ReadSignatures(published_.signatures));
  ORRERY_RETURN_IF_ERROR(CheckNaming());
  ORRERY_RETURN_IF_ERROR(CheckSource());
  ORRERY_RETURN_IF_ERROR(CheckGate());
  ORRERY_RETURN_IF_ERROR(JudgeUnsigned(log_, leaf_));
  ORRERY_RETURN_IF_ERROR(CheckMode());
  return CheckSigners(judged);
}

}  // namespace

JudgedStatement JudgeStatement(const LogState& log,
                               const PublishedStatement& published) {
  JudgedStatement judged;
  judged.status = At({.package = published.package},
                     StatementJudge(log, published).Judge(judged));
  return judged;
}

}  // namespace orrery::signing
