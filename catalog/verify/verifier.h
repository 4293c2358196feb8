// The checks of trust.md §14.1 in their order, over files and state.

#ifndef CATALOG_VERIFY_VERIFIER_H_
#define CATALOG_VERIFY_VERIFIER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/verify/file_cache.h"
#include "catalog/verify/place_list.h"
#include "catalog/verify/registry_view.h"
#include "catalog/verify/trust_setup.h"
#include "catalog/verify/verified_release.h"
#include "catalog/verify/verified_snapshot.h"
#include "signing/client/candidates.h"
#include "signing/client/evidence_block.h"
#include "signing/client/release_check.h"
#include "signing/digest.h"
#include "signing/replay/log_news.h"

namespace orrery::catalog {

struct VerifierOptions {
  // Of files that were verified, for all registries; empty: none are kept.
  std::string cache_directory = {};
  // One moment for all checks.
  absl::Time now;
  // `now` is the user's word, not the clock's.
  bool is_as_of = false;
  // No network system call is made.
  bool is_offline = false;
  // How long another refresh is waited for (state.lock).
  absl::Duration lock_timeout = absl::Seconds(30);
  // As of RefreshOptions: false if the places themselves are to be judged.
  bool takes_stored = true;
};

// What is asked for of a package.
struct ReleaseQuery {
  std::string package;
  signing::WantedRevision wanted = {};
  // How it is named is `wanted` to say.
  signing::RevisionUse use = {};
};

// What was seen of a registry; only `id` and `evidence` of one whose log was
// refused.
struct RegistryReport {
  std::string id = {};
  std::string origin = {};
  uint64_t size = 0;
  signing::Digest root = {};
  // Of the checkpoint's note.
  signing::Digest note = {};
  // Unix seconds; 0 with `quorum none`.
  uint64_t quorum_time = 0;
  // By how much the checkpoint is older than the policy's max-age.
  absl::Duration stale_by = absl::ZeroDuration();
  bool is_first_use = false;
  std::vector<signing::ModeSwitch> modes = {};
  // Directories of evidence that nobody has acknowledged.
  std::vector<std::string> evidence = {};
};

// A revision that the client has not seen before.
struct RevisionNews {
  std::string registry;
  std::string package;
  signing::NewRevision revision;
};

// Verifies packages against one state of each registry's log, which is
// refreshed once, when a package of it is first asked about. Not thread-safe.
//
// All failures are refusals with code and place, but for kCancelled and bugs.
// No verdict on a package is kept between runs: what is stored is the accepted
// checkpoint, that its leaves are sound, and files that are tied to it or to a
// digest. So each run judges by the policy and the trust files as they are.
class Verifier {
 public:
  // `setup` must outlive it.
  Verifier(const TrustSetup& setup, VerifierOptions options);
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  // Steps 3 to 15 for the first candidate that passes 10 to 13 and 15; if none
  // does, the refusal of the first.
  absl::StatusOr<VerifiedRelease> Verify(const ReleaseQuery& query);
  // The same for one revision; `use` says how it is named.
  absl::StatusOr<VerifiedRelease> VerifyRevision(
      absl::string_view package, const signing::RevisionKey& key,
      const signing::RevisionUse& use);

  // The same without 9 to 13: record and files of what runs, whatever the
  // policy says of it.
  absl::StatusOr<VerifiedRelease> ReadRevision(absl::string_view package,
                                               const signing::RevisionKey& key);

  // Steps 3 to 8 for the registry that a package is routed to, and then what
  // `check` says.
  absl::Status Check(
      absl::string_view package,
      const std::function<absl::Status(const signing::ReleaseCheck&,
                                       const signing::LogState&)>& check);

  // Steps 3 to 8 for the registry that a package is routed to, and then what of
  // its log can be solved with (step 14). Not longer valid than this.
  absl::StatusOr<VerifiedCatalog> CatalogOf(absl::string_view package);

  struct RoutedNames {
    // Sorted.
    std::vector<std::string> packages;
    // Of registries whose log nobody may read names from.
    std::vector<absl::Status> refused;
  };
  // The packages that are in the log of the registry they are routed to.
  // Refreshes all registries. kCancelled.
  absl::StatusOr<RoutedNames> RoutedPackages();

  // A registry by whose log packages are judged, for whoever copies it; valid
  // as long as this.
  struct OpenedRegistry {
    const TrustedRegistry& trusted;
    RegistryView& view;
    PlaceList& places;
  };
  // Steps 3 to 8. Requires: the setup has it.
  absl::StatusOr<OpenedRegistry> Open(absl::string_view id);

  // Of the registries asked so far, by id.
  absl::StatusOr<std::vector<RegistryReport>> Reports() const;
  // Of some packages of those registries, or of all. Nothing is news at the
  // first use, and what is, stays so until MarkTold.
  std::vector<RevisionNews> News(
      const std::vector<std::string>& packages) const;
  std::vector<RevisionNews> News() const;
  // That the user was told all news. state.write, state.lock.
  absl::Status MarkTold();
  // The registries of a plan's evidence block: those refreshed so far.
  std::vector<signing::EvidenceBlock::Registry> EvidenceRegistries() const;

 private:
  struct Registry;

  absl::StatusOr<Registry*> RegistryOf(absl::string_view package);
  absl::StatusOr<Registry*> Refreshed(absl::string_view id);
  // Steps 9 to 11; `release` is the one that is asked for.
  absl::Status CheckPackage(Registry& registry, absl::string_view package,
                            std::optional<int64_t> release);
  absl::Status KeepRecordFork(Registry& registry, absl::Status status);
  absl::StatusOr<VerifiedRelease> VerifyIn(Registry& registry,
                                           absl::string_view package,
                                           const signing::RevisionKey& key,
                                           const signing::RevisionUse& use);
  void AddRouted(const Registry& registry,
                 std::vector<std::string>& names) const;
  // Steps 14 and 15.
  absl::StatusOr<VerifiedRelease> WithFiles(Registry& registry,
                                            VerifiedRelease release);
  absl::Status AddFiles(Registry& registry, VerifiedRelease& release);

  const TrustSetup& setup_;
  const VerifierOptions options_;
  const FileCache cache_;
  // For files of releases: nothing where the places themselves are judged.
  const FileCache file_cache_;
  // Those that were refreshed, or could not be, by id.
  std::map<std::string, std::unique_ptr<Registry>, std::less<>> registries_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_VERIFIER_H_
