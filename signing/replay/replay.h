#ifndef SIGNING_REPLAY_REPLAY_H_
#define SIGNING_REPLAY_REPLAY_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/replay/log_state.h"

namespace orrery::signing {

// Raised with every change of what makes a leaf void or of what one says, so
// that no verdict of an earlier version is gone by.
inline constexpr int kReplayRules = 1;

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

  // Goes on at a later leaf. What is left out must be no matter to what is
  // asked of the state.
  void SkipTo(int64_t leaf) { state_.size = leaf; }

  const LogState& state() const { return state_; }
  LogState TakeState() && { return std::move(state_); }

 private:
  LogState state_;
};

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_REPLAY_H_
