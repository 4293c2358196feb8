// What follows from the domains as they are.

#ifndef RESOLVER_INTERNAL_PROPAGATION_H_
#define RESOLVER_INTERNAL_PROPAGATION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"
#include "resolver/internal/watches.h"

namespace orrery::resolver::internal {

// Values that a place never has, and why.
struct Cut {
  Row set;
  LeafId leaf = kNoLeaf;
};

// Owns sets, trail and nogoods, and keeps the domains as small as each nogood
// by itself makes them (docs/solver.md#the-loop).
class Propagation {
 public:
  Propagation() { full_.reserve(kRoom); }

  // All other values of the place.
  SetId SetOutside(Place place, SetId set);

  // A place that can have the values of `values` but those cut. A cut is a
  // nogood of one term that holds from the beginning, whenever it is added.
  Place AddPlace(Row values, Value absent, std::span<const Cut> cuts);

  // The same with all values up to `absent`, and nothing cut.
  Place AddFullPlace(Value absent);

  // Joins terms of one place by intersection and leaves out those that are
  // always satisfied. Nothing is added if a term can never be.
  // Returns the new nogood if all its terms are satisfied now, else kNoNogood.
  NogoodId AddGiven(Terms terms, LeafId leaf);

  // The same for two terms of two places, neither of them always or never
  // satisfied.
  NogoodId AddGivenPair(const Term& first, const Term& second, LeafId leaf);

  // Requires: after the backjump that it asks for, all terms but the first are
  // satisfied, the second the last of them. Removes the set of the first.
  void AddLearned(std::span<const Term> terms,
                  std::span<const int32_t> parents);

  // When as many learned nogoods are kept as were given, forgets the half of
  // them with most terms, of equals those that no conflict was resolved over
  // for longest; those that are reasons excepted.
  void ForgetSome();

  // Opens a level in which `place` has `value`.
  void Decide(Place place, Value value);

  // Until nothing shrinks any more. Returns a nogood whose terms are all
  // satisfied, if one is found, else kNoNogood.
  NogoodId Propagate();

  // Whether Propagate has nothing to do.
  bool IsSettled() const { return next_ == trail_.end(); }

  void BackjumpTo(uint32_t level);

  // Removes `set` for a reason that is no stored nogood.
  void RemoveFor(Reason reason, Place place, SetId set);

  // After a backjump: looks again at nogoods that were added at a higher level
  // than that at which they began to matter. Returns one that is violated, or
  // kNoNogood.
  NogoodId Recheck();

  ValueSets& sets() { return sets_; }
  const ValueSets& sets() const { return sets_; }
  const Trail& trail() const { return trail_; }
  const Nogoods& nogoods() const { return nogoods_; }
  // All values the place could have before cuts.
  SetId full(Place place) const { return full_[place]; }
  // The nogoods of its cuts.
  std::span<const NogoodId> cuts(Place place) const {
    const auto found = cuts_.find(place);
    if (found == cuts_.end()) return {};
    return found->second;
  }
  // Domains that shrank since the beginning.
  uint64_t shrinkings() const { return shrinkings_; }

 private:
  bool IsSatisfied(const Term& term) const;
  bool IsContradicted(const Term& term) const;
  // A value that keeps the term from being satisfied, or kNoValue.
  Value WitnessAgainst(const Term& term) const;
  // Watches the two terms that were satisfied last, if at all, and removes what
  // follows now. Returns the nogood if it is violated, else kNoNogood.
  // `is_watched`: its first two terms are already.
  NogoodId Attach(NogoodId nogood, bool is_watched);
  // A nogood looks at a value outside the set of a term: while that is in the
  // domain, the term is not satisfied, and as soon as the term is not any more,
  // it is back.
  // `other` as in Watches.
  void AddWatch(const Term& term, NogoodId nogood, const Term& other);
  // trail().end() for terms that are not satisfied.
  Position SatisfiedSince(const Term& term) const;
  // One term a place, none that is always satisfied.
  Terms Normalized(Terms terms);
  // Looks at all watches of the values that left the domain.
  NogoodId VisitWatches(const Trail::Entry& entry);
  NogoodId VisitWatches(Place place, Value value);
  // The second of the terms, which is watched at `link`, is satisfied. Whether
  // another took its place.
  bool MoveWatch(Watches::Link link, std::span<Term> terms);
  // All terms but `term` are satisfied. False if `term` is, too.
  bool RemoveTerm(const Term& term, NogoodId nogood);

  ValueSets sets_;
  Trail trail_;
  Nogoods nogoods_;
  std::vector<SetId> full_;
  Watches watches_;
  // Of the places that have any.
  absl::flat_hash_map<Place, std::vector<NogoodId>> cuts_;
  // Nogoods that a backjump could leave with an undecided term to remove, or
  // with none, unnoticed by their watches.
  std::vector<NogoodId> unsettled_;
  // Not forgotten.
  std::vector<NogoodId> learned_;
  uint32_t all_learned_ = 0;
  Position next_ = 0;
  uint64_t shrinkings_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_PROPAGATION_H_
