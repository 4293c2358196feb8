// What the leaves of a log say together (spec: trust.md §9 to §11.5): chains,
// sources in force, revisions and their states. Signatures are kept for those
// who verify them; here they play no part.

#ifndef SIGNING_REPLAY_LOG_STATE_H_
#define SIGNING_REPLAY_LOG_STATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/record/signed_record.h"
#include "signing/refusal.h"
#include "signing/tree_hash.h"
#include "third_party/absl/mutex.h"

namespace orrery::signing {

// A record in its chain, at the place of its seq.
struct ChainEntry {
  RecordKind kind = RecordKind::kIndex;
  int64_t leaf = 0;
  Digest statement;
};
using Chain = std::vector<ChainEntry>;

struct SourceState {
  Chain chain;
  // As the chain's; the last is in force. Never empty.
  std::vector<SourceRecord> records;
  // The first leaf that says something of a release.
  std::optional<int64_t> first_sighting;

  const SourceRecord& in_force() const { return records.back(); }
  bool is_base() const { return in_force().overlay_of.empty(); }
};

struct RevisionEntry {
  TreeHash tree;
  std::string version;
  std::vector<std::string> requirements;
  // The leaves that carry it; at least one.
  std::optional<int64_t> observed;
  std::optional<int64_t> released;

  int64_t first_leaf() const;
};

// A release of one source.
struct ReleaseState {
  // Revision r is at r - 1.
  std::vector<RevisionEntry> revisions;
  // Its last record is `withdrawn`.
  bool has_left = false;
};

struct Yank {
  std::string source;
  int64_t release = 0;
  // nullopt: all revisions logged before.
  std::optional<int64_t> revision;
  int64_t leaf = 0;
  std::string reason;
};

struct KeysetInForce {
  int64_t number = 0;
  Digest statement;
  RevisionMode mode = RevisionMode::kImmutable;
  // The source that the maintainers' releases are of.
  std::string home;
  std::shared_ptr<const KeysetRecord> record;
};

struct PackageState {
  // The first of the package.
  std::optional<ChainEntry> claim;
  Chain maintainers;
  // As the chain's.
  std::vector<std::shared_ptr<const SignedRecord>> signed_records;
  std::optional<KeysetInForce> keyset;
  std::vector<Yank> yanks;
  // By source.
  std::map<std::string, Chain, std::less<>> observations;
  // By source, then number.
  std::map<std::pair<std::string, int64_t>, ReleaseState> releases;
};

// The packages of a log that was replayed before, by their leaves. Asked by one
// thread at a time, while none copies the map that asks.
class WaitingPackages {
 public:
  virtual ~WaitingPackages() = default;

  // nullopt for a name that no leaf has.
  virtual absl::StatusOr<std::optional<PackageState>> Read(
      absl::string_view name) = 0;
  virtual absl::StatusOr<std::map<std::string, PackageState, std::less<>>>
  ReadAll() = 0;
};

// The packages of a log by name. Those that wait are taken in when somebody
// asks for one of them or goes through all. Its const members are thread-safe.
class PackageMap {
 public:
  using Map = std::map<std::string, PackageState, std::less<>>;

  PackageMap() = default;
  explicit PackageMap(std::shared_ptr<WaitingPackages> waiting)
      : waiting_(std::move(waiting)) {}
  PackageMap(const PackageMap& other);
  PackageMap(PackageMap&& other) noexcept;
  PackageMap& operator=(PackageMap other) noexcept;

  // nullptr if there is none. Valid until the log takes a leaf in.
  const PackageState* Find(absl::string_view name) const;
  // The same, and makes it if there is none.
  PackageState& operator[](const std::string& name);
  Map::const_iterator begin() const { return All().begin(); }
  Map::const_iterator end() const { return All().end(); }
  Map TakeAll() &&;

  // Those that do not wait.
  size_t taken_in() const;
  // Why some could not be read. They count as not there.
  absl::Status status() const;

 private:
  const PackageState* FindLocked(absl::string_view name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const Map& All() const;

  mutable Mutex mutex_;
  mutable Map map_ ABSL_GUARDED_BY(mutex_);
  // nullptr when all are in.
  mutable std::shared_ptr<WaitingPackages> waiting_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// A leaf that breaks a rule: it has no effect, and the packages it names are
// refused.
struct VoidLeaf {
  int64_t leaf = 0;
  Digest leaf_hash;
  RefusalCode code = RefusalCode::kRecordSyntax;
  std::string detail;
  std::vector<std::string> packages;
  // With record.fork: the leaf that says otherwise.
  std::optional<int64_t> contradicted;
};

struct IndexEntry {
  int64_t leaf = 0;
  int64_t unix_seconds = 0;
};

struct LogState {
  std::string origin;
  // Leaves taken in.
  int64_t size = 0;
  std::vector<VoidLeaf> void_leaves;
  std::map<std::string, SourceState, std::less<>> sources;
  PackageMap packages;
  // The packages that have a yank, known without taking them in.
  std::set<std::string, std::less<>> yanked;
  std::vector<IndexEntry> indexes;
};

// Of a revision (§10.4).
enum class RevisionState { kYanked, kWithdrawn, kSuperseded, kCurrent };
absl::string_view RevisionStateName(RevisionState state);

// What these give is valid until the log takes a leaf in; nullptr for what it
// does not have.
const SourceState* FindSource(const LogState& log, absl::string_view id);
const PackageState* FindPackage(const LogState& log, absl::string_view name);
const ReleaseState* FindRelease(const PackageState& package,
                                absl::string_view source, int64_t release);

// The chain that a record goes on, by kind, source and package.
const Chain* FindChain(const LogState& log, const Record& record);

// The yank that covers a revision, which the release has; nullptr if none.
const Yank* FindYank(const PackageState& package, absl::string_view source,
                     int64_t release, int64_t revision);

// Requires: the package has the revision.
RevisionState StateOf(const LogState& log, const PackageState& package,
                      absl::string_view source, int64_t release,
                      int64_t revision);

// The time of the index leaf that ends the batch of a leaf; nullopt while there
// is none.
std::optional<int64_t> TimeOf(const LogState& log, int64_t leaf);

// Whether a leaf came with the first releases of its source, whose age nobody
// knows.
bool IsOfFirstImport(const LogState& log, absl::string_view source,
                     int64_t leaf);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_LOG_STATE_H_
