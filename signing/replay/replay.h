#ifndef SIGNING_REPLAY_REPLAY_H_
#define SIGNING_REPLAY_REPLAY_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/replay/log_state.h"

namespace orrery::signing {

// Takes in the leaves of a log one after the other. Not thread-safe.
class Replay {
 public:
  explicit Replay(absl::string_view origin) {
    state_.origin = std::string(origin);
  }
  // Goes on from what was taken in before.
  explicit Replay(LogState state) : state_(std::move(state)) {}

  // Takes in the next leaf. A refusal says why it is void: it then counts as a
  // leaf, refuses the packages it names, and has no other effect.
  absl::Status Append(absl::string_view bytes);

  const LogState& state() const { return state_; }
  LogState TakeState() && { return std::move(state_); }

 private:
  LogState state_;
};

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_REPLAY_H_
