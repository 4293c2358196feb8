// Brings the bytes of an artifact into the artifact store, and checks them
// (orchestrators.md §3.4).

#ifndef CATALOG_ORCHESTRATOR_TASK_ARTIFACT_FETCH_H_
#define CATALOG_ORCHESTRATOR_TASK_ARTIFACT_FETCH_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "catalog/orchestrator/task/local_config.h"
#include "registry/store/artifact_store.h"
#include "signing/digest.h"
#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// How far a download is; read by others while it runs.
struct FetchProgress {
  std::atomic<int64_t> bytes{0};
  // Set to end it with kCancelled.
  std::atomic<bool> cancelled{false};
};

// Thread-safe.
class ArtifactFetcher {
 public:
  // `store` must outlive this object.
  ArtifactFetcher(registry::ArtifactStore* store, ArtifactLimits limits,
                  std::vector<std::string> allow_host_paths);
  ~ArtifactFetcher();

  // kInvalidArgument when the URI could never be fetched: an unknown scheme, a
  // file outside the allowed folders, a malformed artifact: URI.
  absl::Status CheckUri(absl::string_view uri) const;

  // The open bytes of `uri`, from the store or else from where it points. They
  // have the digest: kDataLoss otherwise, and then nothing was kept.
  // kUnavailable when the other side fails, kNotFound when it has no such file,
  // kInvalidArgument over the limits, kResourceExhausted for a full disk,
  // kCancelled.
  absl::StatusOr<registry::ArtifactFile> Fetch(const std::string& uri,
                                               const signing::Digest& digest,
                                               FetchProgress* progress);

  // Where the store keeps a digest.
  std::string StoredPath(const signing::Digest& digest) const {
    return store_->PathOf(digest);
  }

 private:
  absl::Status Download(const std::string& uri, const signing::Digest& digest,
                        FetchProgress* progress);
  absl::Status CopyFile(const std::string& path, const signing::Digest& digest);
  absl::Status Verify(const registry::ArtifactFile& file);
  // One download of a digest at a time: the others find it in the store.
  std::shared_ptr<Mutex> TurnOf(const signing::Digest& digest);

  registry::ArtifactStore* const store_;
  const ArtifactLimits limits_;
  const std::vector<std::string> allow_host_paths_;
  Mutex mutex_;
  std::map<signing::Digest, std::weak_ptr<Mutex>> turns_
      ABSL_GUARDED_BY(mutex_);
  // Stored files that were hashed by this process: inode and time of the last
  // change, which no writer can set back.
  std::map<signing::Digest, std::string> verified_ ABSL_GUARDED_BY(mutex_);
};

// The name under which an artifact lies in a sandbox: the last part of the path
// of its URI.
std::string ArtifactFileName(absl::string_view uri);

// Whether `path`, which must be absolute and without `..`, lies in one of the
// folders.
bool IsBelow(absl::string_view path, const std::vector<std::string>& folders);

// Whether a redirect may be followed: http or https, and never from https to
// http.
bool MayRedirect(absl::string_view from, absl::string_view to);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_ARTIFACT_FETCH_H_
