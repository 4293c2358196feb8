#include "signing/replay/log_testing.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "signing/record/leaf.h"
#include "signing/record/signed_record.h"
#include "signing/ssh/ssh_signing.h"

namespace orrery::signing {
namespace {

SshKey KeyOfAlice() { return SshKeyOf(TestKey("alice").public_key()); }

RevisionContent ContentOf(absl::string_view package, int64_t release,
                          int64_t revision, absl::string_view content,
                          const ReleaseState* before) {
  RevisionContent result;
  result.release = release;
  result.revision = revision;
  result.version = "1.0";
  result.files = {{Digest::Of(content), static_cast<int64_t>(content.size()),
                   "package.json"}};
  const std::vector<TreeHash::File> files = {
      {result.files[0].path, result.files[0].digest}};
  result.tree = TreeHash::Of(package, release, files);
  if (revision > 1) {
    result.replaces =
        before != nullptr &&
                revision - 1 <= static_cast<int64_t>(before->revisions.size())
            ? before->revisions[revision - 2].tree
            : TreeHash();
  }
  return result;
}

RepositoryRef RepositoryOf(absl::string_view source) {
  return {absl::StrCat("https://git.example/", source, ".git"),
          "refs/heads/main"};
}

}  // namespace

Ed25519PrivateKey TestKey(absl::string_view name) {
  auto key = Ed25519PrivateKey::FromSeed(
      Digest::Of(absl::StrCat("orrery example key: ", name)).bytes());
  if (!key.ok()) std::abort();
  return *std::move(key);
}

Record TestLog::InChain(RecordKind kind, const Chain* chain) const {
  Record record;
  record.kind = kind;
  record.logs = {state().origin};
  record.seq = 1;
  if (chain != nullptr && !chain->empty()) {
    record.seq = static_cast<int64_t>(chain->size()) + 1;
    record.prev = chain->back().statement;
  }
  return record;
}

Record TestLog::OfMaintainers(RecordKind kind,
                              absl::string_view package) const {
  const PackageState* const known = FindPackage(state(), package);
  Record record = InChain(kind, known ? &known->maintainers : nullptr);
  record.package = std::string(package);
  return record;
}

Record TestLog::OfSource(RecordKind kind, absl::string_view source,
                         absl::string_view package) const {
  const Chain* chain = nullptr;
  if (const PackageState* known = FindPackage(state(), package)) {
    const auto found = known->observations.find(source);
    if (found != known->observations.end()) chain = &found->second;
  }
  Record record = InChain(kind, chain);
  record.package = std::string(package);
  return record;
}

Sighting TestLog::SightingOf(absl::string_view source) const {
  const SourceState* const known = FindSource(state(), source);
  return {std::string(source),
          known != nullptr ? known->chain.back().statement : Digest(),
          std::string(40, 'c')};
}

KeysetReference TestLog::KeysetOf(absl::string_view package) const {
  const PackageState* const known = FindPackage(state(), package);
  if (known == nullptr || !known->keyset.has_value()) return {1, Digest()};
  return {known->keyset->number, known->keyset->statement};
}

Record TestLog::Source(absl::string_view id, RevisionMode mode) const {
  const SourceState* const known = FindSource(state(), id);
  Record record =
      InChain(RecordKind::kSource, known != nullptr ? &known->chain : nullptr);
  SourceRecord source;
  source.id = std::string(id);
  source.origin = GitOrigin{RepositoryOf(id), ".", ""};
  source.priority = 100;
  source.mode = mode;
  record.body = std::move(source);
  return record;
}

Record TestLog::Observed(absl::string_view source, absl::string_view package,
                         int64_t release, int64_t revision,
                         absl::string_view content) const {
  Record record = OfSource(RecordKind::kObserved, source, package);
  const PackageState* const known = FindPackage(state(), package);
  record.body = ObservedRecord{
      SightingOf(source),
      ContentOf(package, release, revision, content,
                known ? FindRelease(*known, source, release) : nullptr)};
  return record;
}

Record TestLog::Presence(RecordKind kind, absl::string_view source,
                         absl::string_view package, int64_t release) const {
  Record record = OfSource(kind, source, package);
  PresenceRecord body{SightingOf(source), release, 1, TreeHash()};
  const PackageState* const known = FindPackage(state(), package);
  const ReleaseState* const logged =
      known != nullptr ? FindRelease(*known, source, release) : nullptr;
  if (logged != nullptr) {
    body.revision = static_cast<int64_t>(logged->revisions.size());
    body.tree = logged->revisions.back().tree;
  }
  record.body = std::move(body);
  return record;
}

Record TestLog::Withdrawn(absl::string_view source, absl::string_view package,
                          int64_t release) const {
  return Presence(RecordKind::kWithdrawn, source, package, release);
}

Record TestLog::Restored(absl::string_view source, absl::string_view package,
                         int64_t release) const {
  return Presence(RecordKind::kRestored, source, package, release);
}

Record TestLog::Index(int64_t unix_seconds) const {
  Record record;
  record.kind = RecordKind::kIndex;
  record.logs = {state().origin};
  record.body = IndexRecord{state().size, unix_seconds, Digest(), 1};
  return record;
}

Record TestLog::Claim(absl::string_view package) const {
  Record record;
  record.kind = RecordKind::kClaim;
  record.logs = {state().origin};
  record.package = std::string(package);
  record.body = ClaimRecord{Digest::Of("keyset 1"), RepositoryOf("universe")};
  return record;
}

Record TestLog::Keyset(absl::string_view package, absl::string_view id,
                       RevisionMode mode) const {
  Record record = OfMaintainers(RecordKind::kKeyset, package);
  const PackageState* const known = FindPackage(state(), package);
  KeysetRecord keyset;
  keyset.number =
      known != nullptr && known->keyset ? known->keyset->number + 1 : 1;
  keyset.keyset_threshold = 1;
  keyset.release_threshold = 1;
  keyset.yank_threshold = 1;
  keyset.mode = mode;
  keyset.signers = {{"alice@example.org",
                     {"keyset@orrery", "release@orrery", "yank@orrery"},
                     KeyOfAlice()}};
  keyset.repositories = {RepositoryOf(id)};
  record.body = std::move(keyset);
  return record;
}

Record TestLog::Release(absl::string_view package, int64_t release,
                        int64_t revision, absl::string_view content) const {
  Record record = OfMaintainers(RecordKind::kRelease, package);
  const PackageState* const known = FindPackage(state(), package);
  const ReleaseState* const before =
      known != nullptr && known->keyset
          ? FindRelease(*known, known->keyset->home, release)
          : nullptr;
  record.body =
      ReleaseRecord{KeysetOf(package),
                    ContentOf(package, release, revision, content, before)};
  return record;
}

Record TestLog::Yank(absl::string_view package, int64_t release) const {
  Record record = OfMaintainers(RecordKind::kYank, package);
  record.body =
      YankRecord{KeysetOf(package), release, std::nullopt, "loses data"};
  return record;
}

Record TestLog::Distrust(absl::string_view package) const {
  Record record = OfMaintainers(RecordKind::kDistrust, package);
  record.body = DistrustRecord{KeysetOf(package), KeyOfAlice().Fingerprint(), 1,
                               1, "stolen"};
  return record;
}

SshSignature SignatureBy(absl::string_view name, const Record& record) {
  auto signature =
      SignSsh(TestKey(name), NamespaceOf(record.kind), PrintRecord(record));
  if (!signature.ok()) std::abort();
  return *std::move(signature);
}

std::string TestLog::LeafOf(const Record& record) {
  const bool is_signed = !NamespaceOf(record.kind).empty();
  return is_signed ? LeafOf(record, {"alice"})
                   : JoinLeaf(PrintRecord(record), {});
}

std::string TestLog::LeafOf(const Record& record,
                            const std::vector<std::string>& signers) {
  std::vector<SshSignature> signatures;
  for (const std::string& name : signers) {
    signatures.push_back(SignatureBy(name, record));
  }
  return JoinLeaf(PrintRecord(record), signatures);
}

RevisionState TestLog::StateOf(absl::string_view source,
                               absl::string_view package, int64_t release,
                               int64_t revision) const {
  return signing::StateOf(state(), *FindPackage(state(), package), source,
                          release, revision);
}

std::vector<std::string> LeavesOfEveryKind() {
  TestLog log;
  std::vector<std::string> leaves;
  const auto take = [&](const Record& record) {
    leaves.push_back(TestLog::LeafOf(record));
    log.AppendBytes(leaves.back()).IgnoreError();
  };
  take(log.Source("universe"));
  take(log.Observed("universe", "kafka", 1, 1, "a"));
  take(log.Observed("universe", "kafka", 1, 2, "b"));
  take(log.Observed("universe", "hello", 0, 1, "a"));
  take(log.Index(100));
  take(log.Source("frozen", RevisionMode::kImmutable));
  take(log.Observed("frozen", "kafka", 1, 1, "other"));
  take(log.Claim("spark"));
  take(log.Keyset("spark", "universe"));
  take(log.Release("spark", 3, 1, "a"));
  take(log.Withdrawn("universe", "hello", 0));
  take(log.Index(200));
  // What was allowed before is no more, and the other way round.
  take(log.Source("universe", RevisionMode::kImmutable));
  take(log.Source("frozen"));
  take(log.Observed("frozen", "kafka", 1, 2, "another"));
  take(log.Restored("universe", "hello", 0));
  take(log.Keyset("kafka", "frozen"));
  take(log.Release("kafka", 1, 2, "another"));
  take(log.Yank("spark", 3));
  take(log.Keyset("spark", "frozen"));
  take(log.Distrust("spark"));
  take(log.Index(300));
  return leaves;
}

}  // namespace orrery::signing
