#include "cli-plugin/package/chain_review.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "cli-plugin/package/release_content.h"

#include "signing/digest.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/record/signed_record.h"
#include "signing/refusal.h"
#include "signing/replay/log_state.h"
#include "signing/replay/replay.h"
#include "signing/replay/statement_judge.h"
#include "signing/ssh/armor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using signing::KeysetRecord;

// The source that a made-up log has the statements from: the repository of
// each keyset, in turn.
constexpr char kSource[] = "checkout";

signing::Record SourceOf(const signing::LogState& log,
                         const signing::RepositoryRef& repository) {
  signing::SourceRecord body;
  body.id = kSource;
  body.origin = signing::GitOrigin{repository, ".", ""};
  // The registry's own mode may be stricter; that is for the registry to say.
  body.mode = signing::RevisionMode::kMutable;
  signing::Record record;
  record.kind = signing::RecordKind::kSource;
  record.logs = {log.origin};
  record.body = body;
  const signing::SourceState* const known = signing::FindSource(log, kSource);
  record.seq =
      known == nullptr ? 1 : static_cast<int64_t>(known->chain.size()) + 1;
  if (known != nullptr) record.prev = known->chain.back().statement;
  return record;
}

// Signatures that cannot be read are the judge's matter.
std::vector<signing::KeysetCount> CountsOf(const ChainStatement& statement,
                                           const KeysetRecord* in_force) {
  signing::Leaf leaf;
  leaf.statement = statement.file.bytes;
  leaf.statement_digest = statement.digest;
  leaf.record = statement.record;
  for (const ChainFile& file : statement.signatures) {
    auto signature = signing::ParseArmor(file.bytes, signing::ArmorForm::kFile);
    if (signature.ok() &&
        leaf.signatures.size() < signing::kMaxLeafSignatures) {
      leaf.signatures.push_back(*std::move(signature));
    }
  }
  return signing::CountByKeyset(signing::SignedRecord(leaf, signing::Digest()),
                                in_force);
}

// Judges a chain statement by statement.
class Review {
 public:
  Review(const std::string& directory, const PackageChain& chain)
      : directory_(directory),
        chain_(chain),
        replay_(chain.statements.empty() ||
                        chain.statements.front().record.logs.empty()
                    ? ""
                    : chain.statements.front().record.logs.front()) {}

  ReviewedStatement Take(const ChainStatement& statement);

 private:
  signing::JudgedStatement Judge(const ChainStatement& statement);

  const std::string& directory_;
  const PackageChain& chain_;
  signing::Replay replay_;
  const KeysetRecord* in_force_ = nullptr;
  // Why what follows cannot be judged; empty while it can.
  std::string stopped_by_;
};

signing::JudgedStatement Review::Judge(const ChainStatement& statement) {
  // Of the keyset in force, or of the first one itself.
  const auto* const own = std::get_if<KeysetRecord>(&statement.record.body);
  const KeysetRecord* const keyset = in_force_ != nullptr ? in_force_ : own;
  if (keyset != nullptr) {
    replay_
        .Append(signing::JoinLeaf(
            signing::PrintRecord(
                SourceOf(replay_.state(), keyset->repositories.front())),
            {}))
        .IgnoreError();
  }
  signing::PublishedStatement published;
  published.source = kSource;
  published.package = chain_.package;
  published.seq = statement.seq;
  published.statement = statement.file.bytes;
  for (const ChainFile& signature : statement.signatures) {
    published.signatures.push_back({signature.path, signature.bytes});
  }
  return signing::JudgeStatement(replay_.state(), published);
}

ReviewedStatement Review::Take(const ChainStatement& statement) {
  ReviewedStatement reviewed;
  reviewed.seq = statement.seq;
  reviewed.file = statement.file.path;
  reviewed.kind = std::string(signing::RecordKindName(statement.record.kind));
  reviewed.subject = SubjectText(statement.record);
  signing::JudgedStatement judged = Judge(statement);
  reviewed.counts = CountsOf(statement, in_force_);
  reviewed.status = judged.status;
  reviewed.is_pending = judged.is_pending;
  if (!stopped_by_.empty()) {
    reviewed.status = signing::Refuse(signing::RefusalCode::kRecordChain,
                                      absl::StrCat("waits for ", stopped_by_));
    reviewed.is_pending = true;
  } else if (judged.status.ok()) {
    replay_.Append(judged.leaf).IgnoreError();
  } else {
    stopped_by_ = reviewed.file;
  }
  // Before anybody signs it: what waits is compared, too.
  if (reviewed.status.ok() || reviewed.is_pending) {
    absl::Status content = CheckRecorded(directory_, chain_, statement);
    if (!content.ok()) {
      reviewed.status = std::move(content);
      reviewed.is_pending = false;
    }
  }
  reviewed.status = signing::At({.file = reviewed.file}, reviewed.status);
  if (const auto* own = std::get_if<KeysetRecord>(&statement.record.body)) {
    in_force_ = own;
  }
  return reviewed;
}

// The last record of each release.
std::map<int64_t, const signing::RevisionContent*> Recorded(
    const PackageChain& chain) {
  std::map<int64_t, const signing::RevisionContent*> recorded;
  for (const ChainStatement& statement : chain.statements) {
    const auto* release =
        std::get_if<signing::ReleaseRecord>(&statement.record.body);
    if (release != nullptr) {
      recorded[release->content.release] = &release->content;
    }
  }
  return recorded;
}

}  // namespace

absl::Status CheckRecorded(const std::string& directory,
                           const PackageChain& chain,
                           const ChainStatement& statement) {
  const auto* const release =
      std::get_if<signing::ReleaseRecord>(&statement.record.body);
  if (release == nullptr) return absl::OkStatus();
  const signing::RevisionContent& content = release->content;
  const bool is_last = std::none_of(
      chain.statements.begin() + statement.seq, chain.statements.end(),
      [&](const ChainStatement& later) {
        const auto* other =
            std::get_if<signing::ReleaseRecord>(&later.record.body);
        return other != nullptr && other->content.release == content.release;
      });
  // What an earlier revision had is not here any more.
  if (!is_last) return absl::OkStatus();
  const auto found = ReadContent(directory, chain.package, content.release);
  if (absl::IsNotFound(found.status())) {
    // It may have been logged long ago.
    return absl::OkStatus();
  }
  if (!found.ok()) {
    return signing::Refuse(signing::RefusalCode::kContentIdentity,
                           found.status().message());
  }
  const std::string differences = Differences(content, *found);
  if (differences.empty()) return absl::OkStatus();
  return signing::Refuse(
      signing::RefusalCode::kContentDigest,
      absl::StrCat(ReleaseDirectoryOf(chain.package, content.release),
                   " is not what it records: ", differences, "; ",
                   WaysOutOfChange(chain, statement)));
}

absl::StatusOr<ReviewedChain> ReviewChain(const std::string& directory,
                                          const std::string& package) {
  ORRERY_ASSIGN_OR_RETURN(const PackageChain chain,
                          ReadChain(directory, package));
  ReviewedChain reviewed;
  reviewed.package = package;
  reviewed.fault = chain.fault;
  Review review(directory, chain);
  for (const ChainStatement& statement : chain.statements) {
    reviewed.statements.push_back(review.Take(statement));
  }
  const auto recorded = Recorded(chain);
  for (const int64_t release : ReleasesOf(directory, package)) {
    const auto found = recorded.find(release);
    if (found != recorded.end()) continue;
    reviewed.unrecorded.push_back(ReleaseDirectoryOf(package, release));
  }
  return reviewed;
}

}  // namespace orrery::cli
