#ifndef SIGNING_CLIENT_REFRESH_H_
#define SIGNING_CLIENT_REFRESH_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "signing/client/checkpoint_check.h"
#include "signing/client/client_state.h"
#include "signing/client/fork_evidence.h"
#include "signing/client/replayed_log.h"
#include "signing/log/tile_reader.h"
#include "signing/policy/registry_trust.h"
#include "signing/replay/log_state.h"

namespace orrery::signing {

// Where a client keeps what it has seen of one registry (spec: trust.md §13).
class ClientStateStore {
 public:
  virtual ~ClientStateStore() = default;

  // nullopt only if nothing was ever stored. Refusal: state.corrupt.
  virtual absl::StatusOr<std::optional<std::string>> Read() = 0;
  // Durable when it returns. Refusal: state.write.
  virtual absl::Status Write(absl::string_view bytes) = 0;
  // The same for the last state whose leaves passed step 8: what leaves may say
  // is measured by it, so that nobody who refuses them once takes them at the
  // next attempt. Nothing is replayed before something is stored.
  virtual absl::StatusOr<std::optional<std::string>> ReadReplayed() = 0;
  virtual absl::Status WriteReplayed(absl::string_view bytes) = 0;
  // What is written once it was replayed without a void leaf; nullopt also for
  // what cannot be read, which costs a replay.
  virtual std::optional<std::string> ReadSound() = 0;
  virtual absl::Status WriteSound(absl::string_view bytes) = 0;
  // Keeps it for ever; what is there already stays as it is.
  virtual absl::Status Keep(const ForkEvidence& evidence) = 0;
};

// What one place offers of a log.
struct OfferedLog {
  std::string url;
  std::string note;
  Transport transport = Transport::kOnline;
};

struct RefreshedLog {
  ClientState state;
  // The client had read no log of this registry before.
  bool is_first_use = false;
  // Leaves that it had read before.
  int64_t known_leaves = 0;
  absl::Duration stale_by = absl::ZeroDuration();
  LogState log;
  // Of the same leaves.
  TileReader leaves;
};

// Steps 4 to 8 of trust.md §14.1, and the state of 3, in their order: the
// checkpoint is stored before anything of it is used, and of a fork both notes
// are kept. `tiles` must outlive the result. Refusals are those of the steps.
absl::StatusOr<RefreshedLog> RefreshLog(const RegistryTrust& trust,
                                        const OfferedLog& offered,
                                        absl::Time now, TileSource& tiles,
                                        ClientStateStore& store);

// The evidence of a void leaf that contradicts an earlier one; requires that it
// does.
absl::StatusOr<ForkEvidence> EvidenceOf(const VoidLeaf& leaf,
                                        RefreshedLog& refreshed,
                                        const ForkReport& report);

// Whether what one mirror refuses may be had from the next (§14.4): also what
// is no refusal, which transport failed at.
bool MayTryNextMirror(const absl::Status& status);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_REFRESH_H_
