#include "resolver/internal/trail.h"

#include <algorithm>

namespace orrery::resolver::internal {

Trail::Trail() {
  places_.reserve(kRoom);
  initial_words_.reserve(kRoom);
  now_.reserve(kRoom);
  entries_.reserve(kRoom);
  words_.reserve(kRoom);
}

Place Trail::AddPlace(std::span<const Word> initial, Value absent) {
  places_.push_back({static_cast<uint32_t>(initial_words_.size()),
                     static_cast<uint32_t>(initial.size()), absent});
  if (initial.size() == 1) {
    initial_words_.push_back(initial[0]);
    now_.push_back(initial[0]);
  } else {
    initial_words_.insert(initial_words_.end(), initial.begin(), initial.end());
    now_.insert(now_.end(), initial.begin(), initial.end());
  }
  return static_cast<Place>(places_.size() - 1);
}

const Word* Trail::DomainForGood(Place place) const {
  Position position = places_[place].last;
  while (LevelAt(position) > 0) position = entries_[position].previous;
  return DomainAt(place, position);
}

void Trail::Remove(Place place, const Word* set, Reason reason) {
  PlaceState& state = places_[place];
  const auto begin = static_cast<uint32_t>(words_.size());
  Word* now = now_.data() + state.initial;
  if (state.width == 1) {
    *now &= ~*set;
    words_.push_back(*now);
  } else {
    for (uint32_t i = 0; i < state.width; ++i) now[i] &= ~set[i];
    words_.insert(words_.end(), now, now + state.width);
  }
  entries_.push_back({place, reason, level(), state.last, begin});
  state.last = end() - 1;
}

void Trail::Pop() {
  const Entry& entry = entries_.back();
  PlaceState& state = places_[entry.place];
  state.last = entry.previous;
  std::copy_n(DomainAt(entry.place, entry.previous), state.width,
              now_.data() + state.initial);
  words_.resize(entry.words);
  entries_.pop_back();
}

void Trail::BackjumpTo(uint32_t level) {
  if (level >= level_ends_.size()) return;
  const Position keep = level_ends_[level];
  while (end() > keep) Pop();
  level_ends_.resize(level);
}

Position Trail::SatisfiedSince(Place place, const Word* set) const {
  const uint32_t width = places_[place].width;
  Position since = places_[place].last;
  while (since != kInitially &&
         IsSubset(DomainAt(place, entries_[since].previous), set, width)) {
    since = entries_[since].previous;
  }
  return since;
}

}  // namespace orrery::resolver::internal
