#ifndef SERVER_PROCESS_READINESS_H_
#define SERVER_PROCESS_READINESS_H_

#include <atomic>
#include <cstdint>

namespace orrery::server {

// Whether traffic may come. Thread-safe.
class Readiness {
 public:
  enum class State : uint8_t { kStarting, kReady, kDraining };

  State state() const { return state_; }
  void Set(State state) { state_ = state; }

 private:
  std::atomic<State> state_ = State::kStarting;
};

}  // namespace orrery::server

#endif  // SERVER_PROCESS_READINESS_H_
