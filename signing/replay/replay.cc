#include "signing/replay/replay.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "signing/field.h"
#include "signing/log/merkle.h"
#include "signing/record/signed_record.h"
#include "signing/refusal.h"
#include "signing/replay/leaf_judge.h"

namespace orrery::signing {
namespace {

// Also of bytes that are no record: whoever is too old to read a leaf must not
// go on with the package it speaks of.
std::vector<std::string> NamedPackages(absl::string_view bytes) {
  std::vector<std::string> names;
  for (absl::string_view line : absl::StrSplit(bytes, '\n')) {
    if (absl::ConsumePrefix(&line, "package ") && CheckPackageName(line).ok()) {
      names.emplace_back(line);
    }
  }
  return names;
}

ReleaseState& ReleaseOf(PackageState& package, absl::string_view source,
                        int64_t release) {
  return package.releases[{std::string(source), release}];
}

// What one judged leaf changes. For std::visit.
class Effect {
 public:
  Effect(LogState& log, const Leaf& leaf, absl::string_view bytes)
      : log_(log),
        leaf_(leaf),
        bytes_(bytes),
        record_(leaf.record),
        package_(record_.package.empty() ? nullptr
                                         : &log.packages[record_.package]),
        entry_{leaf.record.kind, log.size, leaf.statement_digest} {}

  void operator()(const SourceRecord& body) {
    SourceState& source = log_.sources[body.id];
    source.chain.push_back(entry_);
    source.records.push_back(body);
  }
  void operator()(const ObservedRecord& body) {
    Observe(body.sighting.source);
    Bring(body.content, body.sighting.source, &RevisionEntry::observed);
  }
  void operator()(const PresenceRecord& body) {
    Observe(body.sighting.source);
    ReleaseOf(*package_, body.sighting.source, body.release).has_left =
        record_.kind == RecordKind::kWithdrawn;
  }
  void operator()(const ClaimRecord&) { package_->claim = entry_; }
  void operator()(const KeysetRecord& body) {
    const auto record = Continue();
    package_->keyset = KeysetInForce{
        body.number, entry_.statement, body.mode, HomeSource(log_, body),
        std::shared_ptr<const KeysetRecord>(record, record->keyset())};
  }
  void operator()(const ReleaseRecord& body) {
    Continue();
    Bring(body.content, package_->keyset->home, &RevisionEntry::released);
  }
  void operator()(const YankRecord& body) {
    Continue();
    package_->yanks.push_back({package_->keyset->home, body.release,
                               body.revision, entry_.leaf, body.reason});
    log_.yanked.insert(record_.package);
  }
  void operator()(const DistrustRecord&) { Continue(); }
  void operator()(const IndexRecord& body) {
    log_.indexes.push_back({entry_.leaf, body.unix_seconds});
  }

 private:
  // The chain of the maintainers.
  std::shared_ptr<const SignedRecord> Continue() {
    auto record = std::make_shared<const SignedRecord>(leaf_, LeafHash(bytes_));
    package_->maintainers.push_back(entry_);
    package_->signed_records.push_back(record);
    return record;
  }

  void Observe(absl::string_view source) {
    package_->observations[std::string(source)].push_back(entry_);
    SourceState& state = log_.sources.find(source)->second;
    if (!state.first_sighting.has_value()) state.first_sighting = entry_.leaf;
  }

  void Bring(const RevisionContent& content, absl::string_view source,
             std::optional<int64_t> RevisionEntry::*carrier) {
    ReleaseState& release = ReleaseOf(*package_, source, content.release);
    release.has_left = false;
    if (static_cast<int64_t>(release.revisions.size()) < content.revision) {
      release.revisions.emplace_back();
    }
    RevisionEntry& revision = release.revisions[content.revision - 1];
    revision.tree = content.tree;
    revision.version = content.version;
    revision.requirements = content.requirements;
    revision.*carrier = entry_.leaf;
  }

  LogState& log_;
  const Leaf& leaf_;
  const absl::string_view bytes_;
  const Record& record_;
  // nullptr if the record names none.
  PackageState* const package_;
  const ChainEntry entry_;
};

}  // namespace

absl::Status Replay::Append(absl::string_view bytes) {
  const auto leaf = ParseLeaf(bytes);
  absl::Status status = leaf.ok() ? JudgeLeaf(state_, *leaf) : leaf.status();
  if (status.ok()) {
    std::visit(Effect(state_, *leaf, bytes), leaf->record.body);
  } else {
    status = At({.leaf = state_.size}, std::move(status));
    VoidLeaf void_leaf = {state_.size,
                          LeafHash(bytes),
                          RefusalOf(status)->code,
                          std::string(status.message()),
                          NamedPackages(bytes),
                          std::nullopt};
    if (void_leaf.code == RefusalCode::kRecordFork) {
      void_leaf.contradicted = FindContradicted(state_, *leaf);
    }
    state_.void_leaves.push_back(std::move(void_leaf));
  }
  ++state_.size;
  return status;
}

}  // namespace orrery::signing
