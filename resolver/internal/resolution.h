// From a violated nogood to what is to be learned.

#ifndef RESOLVER_INTERNAL_RESOLUTION_H_
#define RESOLVER_INTERNAL_RESOLUTION_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "resolver/internal/nogoods.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/trail.h"

namespace orrery::resolver::internal {

// What a conflict comes down to. Without terms it is a proof that there is no
// solution.
struct Lesson {
  // The first was satisfied last, the second last of the others.
  Terms terms;
  // The level at which the first term is the only one not satisfied.
  uint32_t level = 0;
  std::vector<int32_t> parents;
};

class Resolution {
 public:
  // The terms behind a reason that is no stored nogood, as of an entry.
  using LazyReason = std::function<Terms(Position)>;

  // `propagation` must outlive this.
  Resolution(Propagation* propagation, LazyReason lazy_reason)
      : propagation_(*propagation), lazy_reason_(std::move(lazy_reason)) {}

  // Resolves `violated` back to the first nogood that has one term only at its
  // highest level.
  Lesson Learn(NogoodId violated);

  // The places whose terms the last one was resolved over.
  std::span<const Place> places() const { return places_; }

  uint64_t steps() const { return steps_; }

 private:
  // A term of the resolvent.
  struct Open {
    Place place = kNoPlace;
    Row set;
    Position since = kInitially;
  };

  void Merge(std::span<const Term> terms, Place except);
  void MergeTerm(const Term& term);
  // Puts the term where the walk along the trail will meet it, or drops it if
  // it is satisfied at level 0.
  void Settle(Open* open);
  // What satisfied a term of the place at level 0 becomes a parent.
  void AddGround(Place place, Position since);
  void Drop(Place place);
  Open& OpenAt(Place place) { return open_[index_[place]]; }
  bool IsOpen(Place place) const {
    return place < index_.size() && index_[place] != kNotOpen;
  }
  // Replaces the term of that entry by the reason of the entry.
  void Resolve(Position position);
  // Drops terms that the others imply, by the reasons of their entries alone.
  void DropImplied();
  // If not, some parents are left over.
  bool IsImplied(const Open& open);
  // Whether an open term that was satisfied before, or level 0, implies it.
  bool IsCovered(const Term& term, Position before);
  Lesson Finish();

  static constexpr uint32_t kNotOpen = ~uint32_t{0};

  Propagation& propagation_;
  LazyReason lazy_reason_;
  std::vector<Open> open_;
  // Place to its index in open_.
  std::vector<uint32_t> index_;
  // Open terms satisfied at the level of the walk.
  uint32_t level_ = 0;
  uint32_t at_level_ = 0;
  std::vector<int32_t> parents_;
  std::vector<Place> places_;
  uint64_t steps_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_RESOLUTION_H_
