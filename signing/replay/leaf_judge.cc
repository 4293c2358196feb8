#include "signing/replay/leaf_judge.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status JudgePosition(const LogState& log, const Leaf& leaf) {
  const Chain* const chain = FindChain(log, leaf.record);
  const int64_t seq = leaf.record.seq;
  const int64_t length =
      chain == nullptr ? 0 : static_cast<int64_t>(chain->size());
  if (seq <= length) {
    const ChainEntry& first = (*chain)[seq - 1];
    if (first.statement == leaf.statement_digest) {
      return Refuse(RefusalCode::kRecordChain,
                    absl::StrCat("repeats leaf ", first.leaf));
    }
    return Refuse(RefusalCode::kRecordFork,
                  absl::StrCat("says something else as record ", seq,
                               " of its chain than leaf ", first.leaf));
  }
  if (seq != length + 1) {
    return Refuse(RefusalCode::kRecordChain,
                  absl::StrCat("is record ", seq, " of a chain of ", length));
  }
  const Digest prev = length == 0 ? Digest() : chain->back().statement;
  if (leaf.record.prev == prev) return absl::OkStatus();
  return Refuse(RefusalCode::kRecordChain,
                absl::StrCat("follows sha256:", leaf.record.prev.Hex(),
                             ", but the last record of its chain is sha256:",
                             prev.Hex()));
}

// The revision that a record speaks of.
struct Subject {
  std::string source;
  int64_t release = 0;
  int64_t revision = 1;
};

Subject SubjectOf(const PackageState& package, const Record& record) {
  if (const auto* observed = std::get_if<ObservedRecord>(&record.body)) {
    return {observed->sighting.source, observed->content.release,
            observed->content.revision};
  }
  if (const auto* presence = std::get_if<PresenceRecord>(&record.body)) {
    return {presence->sighting.source, presence->release, presence->revision};
  }
  if (const auto* release = std::get_if<ReleaseRecord>(&record.body)) {
    return {package.keyset ? package.keyset->home : "",
            release->content.release, release->content.revision};
  }
  return {};
}

// Of a revision that a record brings.
absl::Status JudgeFork(const ReleaseState* release,
                       const RevisionContent& content, bool is_release) {
  if (release == nullptr ||
      content.revision > static_cast<int64_t>(release->revisions.size())) {
    return absl::OkStatus();
  }
  const RevisionEntry& logged = release->revisions[content.revision - 1];
  if (logged.tree != content.tree) {
    return Refuse(
        RefusalCode::kRecordFork,
        absl::StrCat("has tree ", content.tree.Text(),
                     " for a revision with "
                     "tree ",
                     logged.tree.Text(), " in leaf ", logged.first_leaf()));
  }
  const auto& same_kind = is_release ? logged.released : logged.observed;
  if (!same_kind.has_value()) return absl::OkStatus();
  return Refuse(RefusalCode::kRecordFork,
                absl::StrCat("brings again the revision of leaf ", *same_kind));
}

absl::Status JudgeRevision(const ReleaseState* release,
                           const RevisionContent& content, RevisionMode mode) {
  const int64_t latest =
      release == nullptr ? 0 : static_cast<int64_t>(release->revisions.size());
  const int64_t revision = content.revision;
  if (revision > latest + 1) {
    return Refuse(
        RefusalCode::kRecordRevision,
        absl::StrCat("is revision ", revision, ", but the latest is ", latest));
  }
  if (revision == 1) return absl::OkStatus();
  const TreeHash& before = release->revisions[revision - 2].tree;
  if (*content.replaces != before) {
    return Refuse(
        RefusalCode::kRecordRevision,
        absl::StrCat("replaces ", content.replaces->Text(), ", but revision ",
                     revision - 1, " has tree ", before.Text()));
  }
  if (content.tree == before) {
    return Refuse(RefusalCode::kRecordRevision, "replaces a tree by itself");
  }
  // What is already logged may be endorsed in any mode.
  if (revision <= latest || mode == RevisionMode::kMutable) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kRecordRevision,
      absl::StrCat("is revision ", revision, " under mode immutable"));
}

absl::Status JudgeSighting(const SourceState* source,
                           const Sighting& sighting) {
  if (source == nullptr ||
      source->chain.back().statement != sighting.source_statement) {
    return Refuse(RefusalCode::kRecordChain,
                  absl::StrCat("names a record of source ", sighting.source,
                               " that is not in force"));
  }
  const bool is_git =
      std::holds_alternative<GitOrigin>(source->in_force().origin);
  if (is_git == std::holds_alternative<std::string>(sighting.state)) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kRecordChain,
      absl::StrCat("names a ", is_git ? "document" : "commit", " of source ",
                   sighting.source, ", which has none"));
}

// §4: behind its first keyset a package is no longer observed.
absl::Status JudgeRatchet(const SourceState& source,
                          const PackageState& package) {
  if (!package.keyset.has_value() || !source.is_base()) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kRecordEvidence,
                absl::StrCat("observes a package whose maintainers sign since "
                             "leaf ",
                             package.maintainers.front().leaf));
}

// Judges the record of one leaf by its kind. For std::visit.
class Judge {
 public:
  Judge(const LogState& log, const Leaf& leaf)
      : log_(log),
        leaf_(leaf),
        known_(FindPackage(log, leaf.record.package)),
        package_(known_ != nullptr ? *known_ : nothing_) {}

  absl::Status operator()(const SourceRecord&) const {
    return JudgePosition(log_, leaf_);
  }
  absl::Status operator()(const ObservedRecord& body) const;
  absl::Status operator()(const PresenceRecord& body) const;
  absl::Status operator()(const ClaimRecord& body) const;
  absl::Status operator()(const KeysetRecord& body) const;
  absl::Status operator()(const ReleaseRecord& body) const;
  absl::Status operator()(const YankRecord& body) const {
    return JudgeStatement(body.keyset);
  }
  absl::Status operator()(const DistrustRecord& body) const {
    return JudgeStatement(body.keyset);
  }
  absl::Status operator()(const IndexRecord& body) const;

 private:
  absl::Status JudgeObservation(const Sighting& sighting) const;
  absl::Status JudgeKeyset(const KeysetReference& keyset) const;
  // A maintainer record that brings no content.
  absl::Status JudgeStatement(const KeysetReference& keyset) const {
    ORRERY_RETURN_IF_ERROR(JudgePosition(log_, leaf_));
    return JudgeKeyset(keyset);
  }

  const LogState& log_;
  const Leaf& leaf_;
  // What is known of a package that has no record yet.
  const PackageState nothing_;
  const PackageState* const known_;
  const PackageState& package_;
};

absl::Status Judge::JudgeObservation(const Sighting& sighting) const {
  ORRERY_RETURN_IF_ERROR(JudgePosition(log_, leaf_));
  return JudgeSighting(FindSource(log_, sighting.source), sighting);
}

absl::Status Judge::operator()(const ObservedRecord& body) const {
  ORRERY_RETURN_IF_ERROR(JudgeObservation(body.sighting));
  const SourceState& source = *FindSource(log_, body.sighting.source);
  const ReleaseState* const release =
      FindRelease(package_, body.sighting.source, body.content.release);
  ORRERY_RETURN_IF_ERROR(
      JudgeFork(release, body.content, /*is_release=*/false));
  ORRERY_RETURN_IF_ERROR(
      JudgeRevision(release, body.content, source.in_force().mode));
  return JudgeRatchet(source, package_);
}

absl::Status Judge::operator()(const PresenceRecord& body) const {
  ORRERY_RETURN_IF_ERROR(JudgeObservation(body.sighting));
  const ReleaseState* const release =
      FindRelease(package_, body.sighting.source, body.release);
  const int64_t latest =
      release == nullptr ? 0 : static_cast<int64_t>(release->revisions.size());
  if (body.revision <= latest &&
      release->revisions[body.revision - 1].tree != body.tree) {
    return Refuse(RefusalCode::kRecordFork,
                  absl::StrCat("names tree ", body.tree.Text(),
                               " for a revision that has another"));
  }
  if (body.revision != latest) {
    return Refuse(RefusalCode::kRecordRevision,
                  absl::StrCat("speaks of revision ", body.revision,
                               ", but the latest is ", latest));
  }
  return JudgeRatchet(*FindSource(log_, body.sighting.source), package_);
}

absl::Status Judge::operator()(const ClaimRecord&) const {
  if (!package_.claim.has_value()) return absl::OkStatus();
  if (package_.claim->statement == leaf_.statement_digest) {
    return Refuse(RefusalCode::kRecordChain,
                  absl::StrCat("repeats leaf ", package_.claim->leaf));
  }
  return Refuse(
      RefusalCode::kRecordFork,
      absl::StrCat("claims otherwise than leaf ", package_.claim->leaf));
}

absl::Status Judge::operator()(const KeysetRecord& body) const {
  ORRERY_RETURN_IF_ERROR(JudgePosition(log_, leaf_));
  if (HomeSource(log_, body).empty()) {
    return Refuse(RefusalCode::kRecordChain,
                  "has no repo line that is a base source in force");
  }
  const int64_t number =
      package_.keyset.has_value() ? package_.keyset->number + 1 : 1;
  if (body.number == number) return absl::OkStatus();
  return Refuse(
      RefusalCode::kRecordKeyset,
      absl::StrCat("is keyset ", body.number, " where ", number, " is due"));
}

absl::Status Judge::JudgeKeyset(const KeysetReference& keyset) const {
  if (package_.keyset.has_value() && package_.keyset->number == keyset.number &&
      package_.keyset->statement == keyset.statement) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kRecordKeyset,
                absl::StrCat("names keyset ", keyset.number,
                             " sha256:", keyset.statement.Hex(),
                             ", which is not in force"));
}

absl::Status Judge::operator()(const ReleaseRecord& body) const {
  ORRERY_RETURN_IF_ERROR(JudgePosition(log_, leaf_));
  // Without one there is no home either, so no revision to judge by.
  if (!package_.keyset.has_value()) return JudgeKeyset(body.keyset);
  const ReleaseState* const release =
      FindRelease(package_, package_.keyset->home, body.content.release);
  ORRERY_RETURN_IF_ERROR(JudgeFork(release, body.content, /*is_release=*/true));
  ORRERY_RETURN_IF_ERROR(
      JudgeRevision(release, body.content, package_.keyset->mode));
  return JudgeKeyset(body.keyset);
}

absl::Status Judge::operator()(const IndexRecord& body) const {
  if (body.size != log_.size) {
    return Refuse(
        RefusalCode::kIndexMismatch,
        absl::StrCat("says size ", body.size, " at leaf ", log_.size));
  }
  if (log_.indexes.empty() ||
      body.unix_seconds >= log_.indexes.back().unix_seconds) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kIndexMismatch,
      absl::StrCat("has time ", body.unix_seconds, ", before that of leaf ",
                   log_.indexes.back().leaf));
}

absl::Status CheckIsFor(const LogState& log, const Leaf& leaf) {
  const std::vector<std::string>& logs = leaf.record.logs;
  if (std::find(logs.begin(), logs.end(), log.origin) != logs.end()) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kRecordOrigin,
                absl::StrCat("is not for the log ", log.origin));
}

}  // namespace

absl::Status JudgeLeaf(const LogState& log, const Leaf& leaf) {
  ORRERY_RETURN_IF_ERROR(CheckIsFor(log, leaf));
  ORRERY_RETURN_IF_ERROR(CheckIsSigned(leaf));
  return std::visit(Judge(log, leaf), leaf.record.body);
}

absl::Status JudgeUnsigned(const LogState& log, const Leaf& leaf) {
  ORRERY_RETURN_IF_ERROR(CheckIsFor(log, leaf));
  return std::visit(Judge(log, leaf), leaf.record.body);
}

std::optional<int64_t> FindContradicted(const LogState& log, const Leaf& leaf) {
  const Record& record = leaf.record;
  const PackageState* const package = FindPackage(log, record.package);
  if (record.kind == RecordKind::kClaim) {
    if (package == nullptr || !package->claim) return std::nullopt;
    return package->claim->leaf;
  }
  const Chain* const chain = FindChain(log, record);
  if (chain != nullptr && record.seq <= static_cast<int64_t>(chain->size())) {
    return (*chain)[record.seq - 1].leaf;
  }
  if (package == nullptr) return std::nullopt;
  const auto [source, release, revision] = SubjectOf(*package, record);
  const ReleaseState* const known = FindRelease(*package, source, release);
  if (known == nullptr ||
      revision > static_cast<int64_t>(known->revisions.size())) {
    return std::nullopt;
  }
  return known->revisions[revision - 1].first_leaf();
}

std::string HomeSource(const LogState& log, const KeysetRecord& keyset) {
  std::string home;
  int64_t best = 0;
  // By id, so that of equal priorities the first stays.
  for (const auto& [id, source] : log.sources) {
    const auto* const git = std::get_if<GitOrigin>(&source.in_force().origin);
    const bool is_home =
        git != nullptr && source.is_base() &&
        std::find(keyset.repositories.begin(), keyset.repositories.end(),
                  git->repository) != keyset.repositories.end();
    if (is_home && (home.empty() || source.in_force().priority < best)) {
      home = id;
      best = source.in_force().priority;
    }
  }
  return home;
}

}  // namespace orrery::signing
