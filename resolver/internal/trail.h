// Domains of places, and how they came to be.

#ifndef RESOLVER_INTERNAL_TRAIL_H_
#define RESOLVER_INTERNAL_TRAIL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {

// A variable of the search.
using Place = uint32_t;
inline constexpr Place kNoPlace = ~Place{0};

// Why a domain shrank: a nogood, if not negative.
using Reason = int32_t;
inline constexpr Reason kDecision = -1;

// An index into the trail; kInitially stands for the domain a place began
// with.
using Position = int32_t;
inline constexpr Position kInitially = -1;

// Lists that grow with a solve begin with room for so many: to move them while
// they are short is a tenth of what a small solve costs.
inline constexpr size_t kRoom = 256;

class Trail {
 public:
  Trail();

  struct Entry {
    Place place = 0;
    Reason reason = kDecision;
    uint32_t level = 0;
    // The entry of the same place before this one, or kInitially.
    Position previous = kInitially;
    // Where the domain from here on is.
    uint32_t words = 0;
  };

  // A place whose first domain is `initial`, with absent as its last value.
  Place AddPlace(std::span<const Word> initial, Value absent);

  size_t place_count() const { return places_.size(); }
  uint32_t width(Place place) const { return places_[place].width; }
  Value absent(Place place) const { return places_[place].absent; }

  // Rows are valid until the next change.
  const Word* Domain(Place place) const {
    return now_.data() + places_[place].initial;
  }
  const Word* DomainAt(Place place, Position position) const {
    return position == kInitially
               ? initial_words_.data() + places_[place].initial
               : words_.data() + entries_[position].words;
  }
  const Word* words(const Entry& entry) const {
    return words_.data() + entry.words;
  }
  // What of it is left for good.
  const Word* DomainForGood(Place place) const;
  // Whether a release must be there.
  bool IsPresent(Place place) const {
    return !HasValue(Domain(place), absent(place));
  }

  uint32_t level() const { return static_cast<uint32_t>(level_ends_.size()); }
  void OpenLevel() { level_ends_.push_back(end()); }

  // Removes the values of `set` from the domain.
  void Remove(Place place, const Word* set, Reason reason);

  // Takes back all entries above `level`.
  void BackjumpTo(uint32_t level);

  Position end() const { return static_cast<Position>(entries_.size()); }
  Position last(Place place) const { return places_[place].last; }
  const Entry& entry(Position position) const { return entries_[position]; }

  // Since when the domain lies inside `set`. Requires: it does.
  Position SatisfiedSince(Place place, const Word* set) const;
  // 0 for kInitially.
  uint32_t LevelAt(Position position) const {
    return position == kInitially ? 0 : entries_[position].level;
  }

 private:
  void Pop();

  struct PlaceState {
    uint32_t initial = 0;
    uint32_t width = 0;
    Value absent = 0;
    Position last = kInitially;
  };

  std::vector<PlaceState> places_;
  std::vector<Word> initial_words_;
  // Parallel to it: the domains as they are, which are asked for most.
  std::vector<Word> now_;
  std::vector<Entry> entries_;
  std::vector<Word> words_;
  // For each level above 0, the length of the trail when it was opened.
  std::vector<Position> level_ends_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_TRAIL_H_
