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
  void AddPlace(Value absent) {
    first_.push_back(static_cast<uint32_t>(heads_.size()));
    heads_.resize(heads_.size() + absent + 1, kEnd);
  }

  void Add(Place place, Value value, NogoodId nogood) {
    Link link = free_;
    if (link == kEnd) {
      link = static_cast<Link>(links_.size());
      links_.emplace_back();
    } else {
      free_ = links_[link].next;
    }
    Push(link, nogood, &Head(place, value));
  }

  // Takes the list out. Each of its links is then to be Put or Dropped.
  Link Take(Place place, Value value) {
    return std::exchange(Head(place, value), kEnd);
  }
  NogoodId nogood(Link link) const { return links_[link].nogood; }
  Link next(Link link) const { return links_[link].next; }
  void Put(Link link, Place place, Value value) {
    Push(link, links_[link].nogood, &Head(place, value));
  }
  void Drop(Link link) {
    links_[link].next = free_;
    free_ = link;
  }

 private:
  struct Entry {
    NogoodId nogood = 0;
    Link next = kEnd;
  };

  Link& Head(Place place, Value value) { return heads_[first_[place] + value]; }
  void Push(Link link, NogoodId nogood, Link* head) {
    links_[link] = {nogood, *head};
    *head = link;
  }

  // Of each place, where its heads are.
  std::vector<uint32_t> first_;
  std::vector<Link> heads_;
  std::vector<Entry> links_;
  Link free_ = kEnd;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_WATCHES_H_
