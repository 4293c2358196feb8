#include "resolver/internal/hard_mode.h"

#include <algorithm>
#include <bit>

namespace orrery::resolver::internal {
namespace {

constexpr uint64_t kIdleConflicts = 2000;
constexpr uint64_t kRestartUnit = 100;
// What a conflict counts for shrinks by this with each later one.
constexpr double kDecay = 0.95;
constexpr double kTooHigh = 1e100;

// 1 1 2 1 1 2 4 1 1 2 …, from 1 on.
uint64_t Luby(uint64_t index) {
  while (!std::has_single_bit(index + 1)) {
    index -= std::bit_floor(index + 1) - 1;
  }
  return (index + 1) / 2;
}

}  // namespace

void HardMode::Reset() {
  state_ = State::kWaiting;
  most_fixed_ = 0;
  idle_ = 0;
}

void HardMode::AddConflict(std::span<const Place> places, size_t fixed) {
  if (activity_.size() < propagation_.trail().place_count()) {
    activity_.resize(propagation_.trail().place_count());
  }
  for (const Place place : places) activity_[place] += bump_;
  bump_ /= kDecay;
  if (bump_ > kTooHigh) {
    for (double& activity : activity_) activity /= kTooHigh;
    bump_ /= kTooHigh;
  }
  ++conflicts_;
  if (state_ != State::kWaiting) return;
  ++idle_;
  if (fixed > most_fixed_) {
    most_fixed_ = fixed;
    idle_ = 0;
  }
  if (idle_ < kIdleConflicts) return;
  state_ = State::kOn;
  restarts_ = 0;
  // The first decision is to be one of this mode.
  conflicts_ = kRestartUnit;
}

bool HardMode::TakeRestart() {
  if (!is_on() || conflicts_ < kRestartUnit * Luby(restarts_ + 1)) return false;
  ++restarts_;
  conflicts_ = 0;
  return true;
}

void HardMode::Remember(uint32_t level) {
  if (!is_on()) return;
  const Trail& trail = propagation_.trail();
  values_.resize(trail.place_count(), kNoValue);
  for (Position i = trail.end(); i-- > 0 && trail.entry(i).level > level;) {
    const Place place = trail.entry(i).place;
    if (trail.last(place) != i) continue;
    const Value only = OnlyValue(trail.Domain(place), trail.width(place));
    if (only != kNoValue) values_[place] = only;
  }
}

std::optional<Decision> HardMode::Next() const {
  const Trail& trail = propagation_.trail();
  Place best = kNoPlace;
  for (Place place = 0; place < activity_.size(); ++place) {
    if (activity_[place] == 0) continue;
    if (best != kNoPlace && activity_[place] <= activity_[best]) continue;
    if (OnlyValue(trail.Domain(place), trail.width(place)) != kNoValue) {
      continue;
    }
    best = place;
  }
  if (best == kNoPlace) return std::nullopt;
  return Decision{best, ValueFor(best)};
}

Value HardMode::ValueFor(Place place) const {
  const Trail& trail = propagation_.trail();
  const Word* domain = trail.Domain(place);
  if (place < values_.size() && values_[place] != kNoValue &&
      HasValue(domain, values_[place])) {
    return values_[place];
  }
  const PlaceUse use = nodes_.use(place);
  if (use.node == PlaceUse::kNoNode) {
    return LowestValue(domain, trail.width(place));
  }
  if (!trail.IsPresent(place)) return trail.absent(place);
  return nodes_.state(use.node).order.Best(domain, nodes_.window(place));
}

}  // namespace orrery::resolver::internal
