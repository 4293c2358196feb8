// Which nogoods look at which values.

#ifndef RESOLVER_INTERNAL_WATCHES_H_
#define RESOLVER_INTERNAL_WATCHES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {

// A list of nogoods for every value of every place.
class Watches {
 public:
  using Link = uint32_t;
  static constexpr Link kEnd = ~Link{0};

  // For the next place.
  void AddPlace(Value absent) { places_.push_back({kNone, absent}); }

  // While `other`, one of its other terms, is contradicted, nobody needs to
  // look at the nogood.
  void Add(Place place, Value value, NogoodId nogood, const Term& other) {
    Link link = free_;
    if (link == kEnd) {
      link = static_cast<Link>(links_.size());
      links_.emplace_back();
    } else {
      free_ = links_[link].next;
    }
    links_[link].nogood = nogood;
    links_[link].other = other;
    Put(link, place, value);
  }

  // Takes the list out. Each of its links is then to be Put or Dropped.
  Link Take(Place place, Value value) {
    if (places_[place].first == kNone) return kEnd;
    return std::exchange(Head(place, value), kEnd);
  }
  NogoodId nogood(Link link) const { return links_[link].nogood; }
  const Term& other(Link link) const { return links_[link].other; }
  void SetOther(Link link, const Term& other) { links_[link].other = other; }
  Link next(Link link) const { return links_[link].next; }
  void Put(Link link, Place place, Value value) {
    links_[link].next = std::exchange(Head(place, value), link);
  }
  void Drop(Link link) {
    links_[link].next = free_;
    free_ = link;
  }

 private:
  struct Entry {
    NogoodId nogood = 0;
    Link next = kEnd;
    Term other;
  };

  Link& Head(Place place, Value value) {
    PlaceHeads& heads = places_[place];
    if (heads.first == kNone) {
      heads.first = static_cast<uint32_t>(heads_.size());
      heads_.resize(heads_.size() + heads.absent + 1, kEnd);
    }
    return heads_[heads.first + value];
  }

  static constexpr uint32_t kNone = ~uint32_t{0};
  struct PlaceHeads {
    // Where its heads are; kNone until it is watched.
    uint32_t first = kNone;
    Value absent = 0;
  };

  std::vector<PlaceHeads> places_;
  std::vector<Link> heads_;
  std::vector<Entry> links_;
  Link free_ = kEnd;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_WATCHES_H_
