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

  Watches() {
    places_.reserve(kRoom);
    heads_.reserve(2 * kRoom);
    watched_.reserve(kRoom);
    links_.reserve(2 * kRoom);
  }

  // For the next place.
  void AddPlace(Value absent) { places_.push_back({kNone, kNone, absent}); }

  // The values with a list that is not empty, as a row of the place; null if
  // there is none. Valid until the next Add or Put.
  const Word* Watched(Place place) const {
    const PlaceHeads& heads = places_[place];
    return heads.first == kNone ? nullptr : watched_.data() + heads.watched;
  }

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
  // Requires: it is among Watched.
  Link Take(Place place, Value value) {
    const PlaceHeads& heads = places_[place];
    watched_[heads.watched + value / kWordBits] &=
        ~(Word{1} << (value % kWordBits));
    return std::exchange(heads_[heads.first + value], kEnd);
  }
  NogoodId nogood(Link link) const { return links_[link].nogood; }
  const Term& other(Link link) const { return links_[link].other; }
  void SetOther(Link link, const Term& other) { links_[link].other = other; }
  Link next(Link link) const { return links_[link].next; }
  void Put(Link link, Place place, Value value) {
    links_[link].next = std::exchange(Head(place, value), link);
    AddValue(watched_.data() + places_[place].watched, value);
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
      heads.watched = static_cast<uint32_t>(watched_.size());
      watched_.resize(watched_.size() + WidthFor(heads.absent), 0);
    }
    return heads_[heads.first + value];
  }

  static constexpr uint32_t kNone = ~uint32_t{0};
  struct PlaceHeads {
    // Where its heads and its row are; kNone until it is watched.
    uint32_t first = kNone;
    uint32_t watched = kNone;
    Value absent = 0;
  };

  std::vector<PlaceHeads> places_;
  std::vector<Link> heads_;
  std::vector<Word> watched_;
  std::vector<Entry> links_;
  Link free_ = kEnd;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_WATCHES_H_
