#ifndef REGISTRY_LOG_PUBLISHED_LOG_H_
#define REGISTRY_LOG_PUBLISHED_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/index/package_epochs.h"
#include "registry/log/log_store.h"
#include "signing/digest.h"
#include "signing/log/tile.h"
#include "signing/replay/log_state.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The log as others see it: what its newest checkpoint vouches for, which a
// mirror serves (spec: trust.md §16). What no published size has is kNotFound.
// Reads go to the store, beside every append. Thread-safe.
class PublishedLog {
 public:
  // What the first leaves say.
  using ReadStateAt =
      std::function<absl::StatusOr<signing::LogState>(int64_t size)>;

  // `store` must outlive this.
  PublishedLog(LogStore* store, ReadStateAt read_state_at);

  // Takes in the checkpoint that is stored.
  absl::Status Load();
  // Stores a checkpoint of so many leaves and shows it. `changed` are the
  // packages of which leaves behind the one before speak; null for any.
  absl::Status Show(int64_t size, std::string note,
                    const std::set<std::string>* changed);

  // Null before the first.
  std::shared_ptr<const std::string> checkpoint() const;
  // Leaves of the checkpoint; 0 before the first.
  int64_t size() const;
  // As PackageEpochs::Of, of what the checkpoint says.
  uint64_t EpochOf(absl::string_view package) const;

  // The checkpoint, and what the leaves below it say; both null before the
  // first. Valid as long as the store is.
  struct Reading {
    std::shared_ptr<const std::string> note;
    std::shared_ptr<const signing::LogState> state;
  };
  absl::StatusOr<Reading> Read();
  // Of the catalog of the checkpoint: its head, and the lines of the package,
  // if it has it. Empty before the first.
  absl::StatusOr<std::string> CatalogOf(absl::string_view package);

  absl::StatusOr<std::string> ReadTile(const signing::TileId& id);
  absl::StatusOr<std::string> ReadLeaf(const signing::Digest& hash);
  absl::StatusOr<std::string> ReadCatalog(const signing::Digest& digest);

 private:
  LogStore& store_;
  const ReadStateAt read_state_at_;

  mutable Mutex mutex_;
  std::shared_ptr<const std::string> checkpoint_ ABSL_GUARDED_BY(mutex_);
  // Of the checkpoint.
  int64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  // What its leaves say; null until somebody asks for it.
  std::shared_ptr<const signing::LogState> state_ ABSL_GUARDED_BY(mutex_);
  PackageEpochs epochs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_PUBLISHED_LOG_H_
