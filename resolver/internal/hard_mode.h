// Another order of decisions, for problems that the agenda's does not crack.

#ifndef RESOLVER_INTERNAL_HARD_MODE_H_
#define RESOLVER_INTERNAL_HARD_MODE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "resolver/internal/agenda.h"
#include "resolver/internal/nodes.h"
#include "resolver/internal/propagation.h"

namespace orrery::resolver::internal {

// Decides the place that had most to do with conflicts of late, at what it had
// last, and begins anew now and then (docs/solver.md#hard-mode). On after many
// conflicts without progress of the agenda, off for the rest of a run once
// there is a model.
class HardMode {
 public:
  // Both must outlive this.
  HardMode(const Nodes& nodes, const Propagation& propagation)
      : nodes_(nodes), propagation_(propagation) {}

  // A run begins.
  void Reset();

  bool is_on() const { return state_ == State::kOn; }

  // After each conflict: the places whose terms it was resolved over, and how
  // much the agenda had fixed.
  void AddConflict(std::span<const Place> places, size_t fixed);

  // Whether to go back to level 0. If so, not again before the next conflicts.
  bool TakeRestart();

  // Call before a backjump: remembers the values of what is taken back.
  void Remember(uint32_t level);

  // Nothing if no place that had to do with conflicts has several values.
  std::optional<Decision> Next() const;

  // There is a model.
  void Stop() { state_ = State::kDone; }

 private:
  enum class State { kWaiting, kOn, kDone };

  Value ValueFor(Place place) const;

  const Nodes& nodes_;
  const Propagation& propagation_;
  State state_ = State::kWaiting;
  size_t most_fixed_ = 0;
  // Since more was fixed than ever before; since the last restart.
  uint64_t idle_ = 0;
  uint64_t conflicts_ = 0;
  uint64_t restarts_ = 0;
  double bump_ = 1;
  std::vector<double> activity_;
  // kNoValue for those that had none.
  std::vector<Value> values_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_HARD_MODE_H_
