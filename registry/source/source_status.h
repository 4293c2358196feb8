#ifndef REGISTRY_SOURCE_SOURCE_STATUS_H_
#define REGISTRY_SOURCE_SOURCE_STATUS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "registry/git/source.h"
#include "registry/index/snapshot.h"
#include "registry/status/statement_report.h"

namespace orrery::registry {

enum class SyncState : uint8_t { kOk, kSyncing, kFailed, kHeld, kFrozen };

// A source with the state of its index.
struct SourceStatus {
  Source source;
  SyncState state = SyncState::kSyncing;
  // Why the last look failed or is held, or why nothing was found.
  std::optional<std::string> error;
  // Releases that were judged again at the last start, because rules or limits
  // had changed.
  int64_t rejudged = 0;
  // Last look; not kept over a restart.
  std::optional<absl::Time> sync_time;
  std::optional<absl::Time> last_success_time;
  std::optional<absl::Time> last_change_time;
  std::optional<absl::Time> next_attempt_time;
  // The last success, or else the first failure, of one whose last look did not
  // go well.
  std::optional<absl::Time> stalled_since;
  // Tip of the remote when last seen, hex.
  std::optional<std::string> remote_commit;
  // Maintainers' statements of its tip that are not logged.
  std::vector<StatementReport> statements;
  // What is served of it; null before the first sync.
  std::shared_ptr<const SourceContents> contents;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_SOURCE_STATUS_H_
