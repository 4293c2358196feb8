// Adds what relations and request say.

#ifndef RESOLVER_INTERNAL_GIVEN_NOGOODS_H_
#define RESOLVER_INTERNAL_GIVEN_NOGOODS_H_

#include <utility>

#include "resolver/internal/nogoods.h"
#include "resolver/internal/propagation.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {

class GivenNogoods {
 public:
  // `propagation` must outlive this.
  explicit GivenNogoods(Propagation* propagation)
      : propagation_(*propagation) {}

  // Nothing is added for kLeftOut.
  void Add(Terms terms, LeafId leaf) {
    if (leaf == kLeftOut) return;
    const NogoodId violated = propagation_.AddGiven(std::move(terms), leaf);
    if (violated_ == kNoNogood) violated_ = violated;
  }
  // The same for two terms that Propagation::AddGivenPair takes, if they are of
  // two places.
  void AddPair(const Term& first, const Term& second, LeafId leaf) {
    if (leaf == kLeftOut || first.place == second.place) {
      return Add({first, second}, leaf);
    }
    const NogoodId violated = propagation_.AddGivenPair(first, second, leaf);
    if (violated_ == kNoNogood) violated_ = violated;
  }
  Term TermOf(Place place, const Row& row) {
    return {place, propagation_.sets().Intern(row)};
  }

  bool is_violated() const { return violated_ != kNoNogood; }
  // A nogood that was violated when it was added, if any was since the last
  // call; else kNoNogood.
  NogoodId TakeViolated() { return std::exchange(violated_, kNoNogood); }

 private:
  Propagation& propagation_;
  NogoodId violated_ = kNoNogood;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_GIVEN_NOGOODS_H_
