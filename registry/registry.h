// The registry as the composition root wires it: configured sources, their
// indexes, the snapshot that all readers share, search.

#ifndef REGISTRY_REGISTRY_H_
#define REGISTRY_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "registry/git/source.h"
#include "registry/index/search.h"
#include "registry/index/snapshot.h"
#include "registry/log/registry_log.h"
#include "registry/log/yanks.h"
#include "registry/read_traffic.h"
#include "registry/registry_options.h"
#include "registry/source/source_status.h"
#include "registry/source/webhook.h"
#include "registry/source_set.h"
#include "registry/store/state_store.h"

namespace orrery::registry {

// Thread-safe.
class Registry {
 public:
  using Options = RegistryOptions;

  // Serves what `data_dir` holds, without git; a damaged index is set aside and
  // read from git again. `state_store` must outlive the registry.
  // kFailedPrecondition when the index was written by a newer version, or the
  // log's keys do not do; kDataLoss when the log is damaged.
  static absl::StatusOr<std::unique_ptr<Registry>> Open(
      Options options, StateStore* state_store);
  ~Registry();

  // What the operator should know about how it was opened; else empty.
  const std::string& notice() const { return notice_; }

  // Begins to poll the sources.
  void Start();
  // Ends polling and children; returns when no sync runs any more. Later syncs
  // fail with kCancelled.
  void Stop();

  RegistryLog& log();

  SnapshotPtr snapshot() const;
  // Grows with every change of what is served of the package, or for an empty
  // name of anything: by snapshot or log (PackageEpochs). Asked before every
  // answer that is kept.
  uint64_t EpochOf(absl::string_view package) const;
  // As RegistryLog::PublishedCatalogOf.
  absl::StatusOr<std::string> PublishedCatalogOf(
      absl::string_view package) const;
  // Of the log's checkpoint.
  absl::StatusOr<Yanks> PublishedYanks() const;
  // Over one snapshot, which the answer names.
  absl::StatusOr<SearchResult> Search(const SearchQuery& query) const;
  // Default releases of the visible packages whose names come behind `after`,
  // by name.
  absl::StatusOr<SearchResult> List(absl::string_view after,
                                    size_t limit) const;

  // As SourceSet::Add.
  absl::StatusOr<AddedSource> AddSource(const Source& source,
                                        const AddSourceOptions& options);
  // kNotFound.
  absl::Status RemoveSource(absl::string_view name);
  // By priority and name.
  std::vector<SourceStatus> ListSources() const;
  // As SourceSet::Unread.
  absl::StatusOr<std::vector<Source>> UnreadSources() const;
  // kNotFound with reason SOURCE_NOT_FOUND and the nearest names.
  absl::StatusOr<SourceStatus> GetSource(absl::string_view name) const;
  // Looks now and returns when the tip is indexed. kFailedPrecondition with
  // reason SOURCE_HELD when the removal guard holds; others when it failed.
  absl::StatusOr<SourceStatus> SyncSource(absl::string_view name,
                                          bool accept_removals,
                                          absl::Time deadline);
  // Logs that a rewritten history counts from `tip` on, then as SyncSource.
  // kInvalidArgument unless it is a commit id.
  absl::StatusOr<SourceStatus> AcceptTip(absl::string_view name,
                                         absl::string_view tip,
                                         absl::Time deadline);
  // Lets a keyset in that is held for somebody to decide (trust.md §12.4), then
  // as SyncSource. kNotFound with reason KEYSET_NOT_HELD.
  absl::StatusOr<SourceStatus> AdmitKeyset(absl::string_view name,
                                           absl::string_view package,
                                           absl::Time deadline);
  // A notification of a source begins; give its body to what is returned.
  // kPermissionDenied with reason NOTIFICATIONS_OFF when the source has no
  // webhook secret, or there is no such source; kUnauthenticated; kUnavailable
  // when the secret cannot be read.
  absl::StatusOr<WebhookDelivery> BeginNotification(absl::string_view name,
                                                    WebhookFields fields) const;
  // Has the remotes of the source's URL looked at soon, when the delivery
  // proves to know the secret; kUnauthenticated otherwise. Returns the number
  // of the look that will have seen what was pushed before.
  absl::StatusOr<int64_t> EndNotification(absl::string_view name,
                                          WebhookDelivery delivery);
  // Whether that look has ended. kNotFound as GetSource.
  absl::StatusOr<bool> HasEnded(absl::string_view name, int64_t look) const;

 private:
  Registry(std::unique_ptr<ReadTraffic> read_traffic,
           std::unique_ptr<RegistryLog> log, std::unique_ptr<SourceSet> sources,
           std::string notice);

  const std::string notice_;
  const std::unique_ptr<ReadTraffic> read_traffic_;
  const std::unique_ptr<RegistryLog> log_;
  const std::unique_ptr<SourceSet> sources_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_REGISTRY_H_
