#ifndef REGISTRY_LOG_SOURCE_OBSERVER_H_
#define REGISTRY_LOG_SOURCE_OBSERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/format/release_directory.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release_judge.h"
#include "registry/log/new_leaf.h"
#include "registry/log/observation.h"
#include "registry/log/registry_log.h"
#include "signing/digest.h"
#include "signing/policy/names.h"
#include "signing/record/record.h"
#include "signing/replay/log_state.h"

namespace orrery::registry {

// Whose release directories are observed.
struct ObservedSource {
  std::string name;
  // Its `<subdir>/repo/packages`.
  std::string packages_path;
  SourceRole role = SourceRole::kBase;
  signing::RevisionMode mode = signing::RevisionMode::kImmutable;
  signing::Admission admission = signing::Admission::kObserved;
  // As ReadNames: nothing new is observed of what they reserve.
  absl::StatusOr<std::optional<signing::Names>> names = std::nullopt;
};

// Whether any of it was refused because of the registry's names. The entry of
// such a place has no id, so that a comparison of the whole tip reads it again.
bool WaitForNames(const std::vector<Finding>& refused);

// What one look at a source adds to the log: it is told what commits have, in
// their order, and says what is to be served of it. Nothing is logged before
// Commit. One at a time for a source; not thread-safe.
class SourceObserver {
 public:
  // The label of a release of an overlay's base; empty for what is not there.
  using BaseVersion = std::function<std::string(const ReleaseKey&)>;

  // `log` must outlive this.
  SourceObserver(RegistryLog* log, ObservedSource source,
                 BaseVersion base_version);

  // `judged` at `commit`; returns the entry that the index is to have for the
  // place: `judged`'s own, or what is logged, with the reasons.
  absl::StatusOr<IndexEntry> See(const std::string& commit, IndexEntry judged);
  // The directory is gone; returns what is served in its place, if anything.
  absl::StatusOr<std::optional<IndexEntry>> SeeGone(
      const std::string& commit, const ReleaseKey& key,
      const std::string& directory);
  // Everything else that the log has of the source is gone, too.
  absl::StatusOr<std::vector<IndexEntry>> SeeOnly(const std::string& commit);
  // What the log will say of a package, with all that was seen: its sources,
  // and of packages this one.
  absl::StatusOr<signing::LogState> StateOf(absl::string_view package);
  // Takes in what is the next of the package's maintainers in that state, whose
  // releases are then of the source `home`.
  absl::Status AddSigned(const signing::Record& record, std::string leaf,
                         const std::string& home);
  // What is logged stays as it is.
  absl::Status Keep(const ReleaseKey& key) { return Find(key).status(); }
  // Bytes of what is seen; before See.
  absl::Status Take(const std::vector<PackedContent>& contents);
  // Whether the log has them already.
  absl::StatusOr<bool> Has(const signing::Digest& digest) {
    return log_.Has(digest);
  }
  // What was taken, now or ever. kNotFound.
  absl::StatusOr<PackedContent> ReadPacked(const signing::Digest& digest);

  // Appends what was seen; everything up to `commit` counts as read.
  absl::Status Commit(const std::string& commit);
  // Whether there is nothing to log.
  bool empty() const { return leaves_.empty(); }

 private:
  // What the log says, or will say.
  struct Latest {
    LoggedRelease release;
    // Where the content of its revision stands: among `leaves_`, or else in
    // the log.
    std::optional<size_t> held;
    int64_t leaf = 0;
  };
  // Of a package whose maintainers sign.
  struct Ratchet {
    bool is_signed = false;
    // The source of their releases.
    std::string home;
  };
  using Key = std::pair<std::string, int64_t>;

  absl::StatusOr<Latest*> Find(const ReleaseKey& key);
  absl::StatusOr<const Ratchet*> FindRatchet(const std::string& package);
  ObservationVerdict Judge(const Ratchet& ratchet, const Latest& latest,
                           const Sight& sight, bool is_kept_out) const;
  // The number that none of the package's releases has, and that is higher.
  absl::StatusOr<int64_t> NextRelease(const std::string& package);
  // Why a whole release of theirs is not served as it is.
  absl::StatusOr<Finding> Unsigned(const std::string& commit,
                                   const IndexEntry& judged,
                                   const Ratchet& ratchet,
                                   const Latest& latest);
  // Why a whole release is not taken in, whatever is logged of it; OK when
  // nothing is against it.
  absl::Status CheckAdmitted(const IndexEntry& judged, const Ratchet& ratchet,
                             const LoggedRelease& logged) const;
  // The same of one that nobody signs and that the log does not have.
  absl::Status CheckObservable(absl::string_view package) const;
  void Observe(const std::string& commit, const ReleaseKey& key,
               const IndexEntry& judged, Latest& latest);
  void Note(signing::RecordKind kind, const std::string& commit,
            const ReleaseKey& key, Latest& latest);
  // The entry of what is logged.
  absl::StatusOr<IndexEntry> Logged(const IndexEntry& judged,
                                    const Latest& latest);
  absl::StatusOr<signing::RevisionContent> ContentOfLatest(
      const Latest& latest);
  absl::Status Flush();
  void AddLeaf(const std::string& package, NewLeaf leaf);

  RegistryLog& log_;
  const ObservedSource source_;
  const BaseVersion base_version_;
  std::map<Key, Latest> latest_;
  std::map<std::string, Ratchet> ratchets_;
  std::vector<NewLeaf> leaves_;
  // Places among them, by package.
  std::map<std::string, std::vector<size_t>, std::less<>> leaves_of_;
  std::vector<PackedContent> contents_;
  size_t content_bytes_ = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_SOURCE_OBSERVER_H_
