// The statements of the log (spec: trust.md §6): what they say, and their one
// text.

#ifndef SIGNING_RECORD_RECORD_H_
#define SIGNING_RECORD_RECORD_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/ssh/ssh_key.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

// Of a release.
inline constexpr size_t kMaxContentFiles = 256;
inline constexpr int64_t kMaxContentFileBytes = int64_t{1} << 20;
inline constexpr int64_t kMaxContentBytes = int64_t{8} << 20;

// Of what an index record names.
inline constexpr size_t kMaxCatalogBytes = size_t{256} << 20;

inline constexpr int64_t kMaxSeq = 999999;
inline constexpr int64_t kMaxRevision = 999999;

enum class RecordKind {
  kKeyset,
  kRelease,
  kYank,
  kDistrust,
  kSource,
  kObserved,
  kWithdrawn,
  kRestored,
  kClaim,
  kIndex,
};

// "keyset".
absl::string_view RecordKindName(RecordKind kind);
std::optional<RecordKind> ParseRecordKind(absl::string_view name);

// Of the chain of a package's maintainers.
bool IsMaintainerKind(RecordKind kind);

// May a release get further revisions (§10.3).
enum class RevisionMode { kImmutable, kMutable };
absl::string_view RevisionModeName(RevisionMode mode);

// Which commits must be signed (§19.3).
enum class CommitGate { kNone, kFirstParent, kAll };

// What a source's releases need to be logged.
enum class Admission { kObserved, kSshsig, kNone };
absl::string_view AdmissionName(Admission admission);

struct RepositoryRef {
  std::string url;
  std::string ref;

  // In the order of their lines: a space sorts before all that a URL holds.
  auto operator<=>(const RepositoryRef&) const = default;
};

// The keyset in force, by number and statement.
struct KeysetReference {
  int64_t number = 0;
  Digest statement;
};

struct Signer {
  std::string principal;
  // Ascending; of `git`, `keyset@orrery`, `release@orrery`, `yank@orrery`.
  std::vector<std::string> namespaces;
  SshKey key;
};

struct KeysetRecord {
  int64_t number = 0;
  // Distinct principals that must sign, by what they sign.
  int64_t keyset_threshold = 0;
  int64_t release_threshold = 0;
  int64_t yank_threshold = 0;
  RevisionMode mode = RevisionMode::kImmutable;
  std::vector<Signer> signers;
  std::vector<RepositoryRef> repositories;
  CommitGate gate = CommitGate::kNone;
};

struct ContentFile {
  Digest digest;
  int64_t bytes = 0;
  std::string path;
};

struct PinnedAsset {
  Digest digest;
  int64_t bytes = 0;
  std::string id;
  std::string url;
};

struct PinnedImage {
  std::string id;
  std::string reference;
  Digest digest;
};

// One revision of a release.
struct RevisionContent {
  int64_t release = 0;
  int64_t revision = 0;
  // The tree of the revision before; of revision 1 nothing.
  std::optional<TreeHash> replaces;
  std::string version;
  TreeHash tree;
  std::vector<ContentFile> files;
  std::vector<PinnedAsset> assets;
  std::vector<PinnedImage> images;
  std::vector<std::string> requirements;
};

struct ReleaseRecord {
  KeysetReference keyset;
  RevisionContent content;
};

struct YankRecord {
  KeysetReference keyset;
  int64_t release = 0;
  // nullopt: all revisions logged before.
  std::optional<int64_t> revision;
  std::string reason;
};

struct DistrustRecord {
  KeysetReference keyset;
  std::string fingerprint;
  int64_t first_seq = 0;
  int64_t last_seq = 0;
  std::string reason;
};

// A followed branch of a git repository, in layout `universe`.
struct GitOrigin {
  RepositoryRef repository;
  // `.` or the directory that is the root.
  std::string directory;
  // Accepts a rewritten history from this commit on; empty: none.
  std::string tip;
};

// A served Universe document, in layout `universe-json`.
struct JsonOrigin {
  std::string url;
};

struct SourceRecord {
  std::string id;
  std::variant<GitOrigin, JsonOrigin> origin;
  // The base source whose releases an overlay adds to; empty: a base source.
  std::string overlay_of;
  int64_t priority = 0;
  RevisionMode mode = RevisionMode::kImmutable;
  Admission admission = Admission::kObserved;
};

// The source record in force, and what was read of the source.
struct Sighting {
  std::string source;
  Digest source_statement;
  // The commit, of a git source; else the digest of the document.
  std::variant<std::string, Digest> state;
};

struct ObservedRecord {
  Sighting sighting;
  RevisionContent content;
};

// A `withdrawn` or `restored`: a release directory that has left the followed
// branch, or came back with this tree. Of the latest revision.
struct PresenceRecord {
  Sighting sighting;
  int64_t release = 0;
  int64_t revision = 0;
  TreeHash tree;
};

struct ClaimRecord {
  // Of keyset 1.
  Digest keyset_statement;
  RepositoryRef repository;
};

struct IndexRecord {
  int64_t size = 0;
  int64_t unix_seconds = 0;
  Digest catalog;
  int64_t catalog_bytes = 0;
};

struct Record {
  RecordKind kind = RecordKind::kIndex;
  // The logs it may be in, ascending.
  std::vector<std::string> logs;
  // Empty in `source` and `index`.
  std::string package;
  // Of its chain; 0 and zeros in `claim` and `index`.
  int64_t seq = 0;
  Digest prev;
  std::variant<IndexRecord, KeysetRecord, ReleaseRecord, YankRecord,
               DistrustRecord, SourceRecord, ObservedRecord, PresenceRecord,
               ClaimRecord>
      body;
};

// What follows `signer ` on its line: a line of OpenSSH's allowed_signers.
std::string PrintSigner(const Signer& signer);

// The statement. Requires: the members keep the rules of their lines.
std::string PrintRecord(const Record& record);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_RECORD_H_
