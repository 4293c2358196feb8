// Terms that cannot all be satisfied at once.

#ifndef RESOLVER_INTERNAL_NOGOODS_H_
#define RESOLVER_INTERNAL_NOGOODS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"

#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"

namespace orrery::resolver::internal {

// Satisfied when the domain of the place lies inside the set.
struct Term {
  Place place = kNoPlace;
  SetId set = 0;
};

using Terms = absl::InlinedVector<Term, 6>;

using NogoodId = int32_t;
inline constexpr NogoodId kNoNogood = -1;

// A leaf: what a given nogood says, by its number. Negative: not to be
// explained.
using LeafId = int32_t;
inline constexpr LeafId kNoLeaf = -1;
// What this leaf would say is left out of the solve.
inline constexpr LeafId kLeftOut = -2;

// All nogoods of a solve, given and learned.
class Nogoods {
 public:
  Nogoods();

  NogoodId AddGiven(std::span<const Term> terms, LeafId leaf);
  // `parents` are the nogoods it was resolved from and, as ~position, the
  // entries of level 0 that satisfied a term it no longer has.
  NogoodId AddLearned(std::span<const Term> terms,
                      std::span<const int32_t> parents);

  size_t size() const { return nogoods_.size(); }
  std::span<Term> terms(NogoodId id) {
    return {terms_.data() + nogoods_[id].begin, nogoods_[id].size};
  }
  std::span<const Term> terms(NogoodId id) const {
    return {terms_.data() + nogoods_[id].begin, nogoods_[id].size};
  }
  // kNoLeaf for learned ones.
  LeafId leaf(NogoodId id) const { return nogoods_[id].leaf; }
  // When it was last resolved over, as a number that grows. Requires: it is not
  // forgotten.
  void SetUsed(NogoodId id, uint32_t when) { nogoods_[id].used = when; }
  uint32_t used(NogoodId id) const { return nogoods_[id].used; }
  // A forgotten one is not looked at any more, but stays part of proofs.
  void Forget(NogoodId id) { nogoods_[id].used = kForgotten; }
  bool is_forgotten(NogoodId id) const {
    return nogoods_[id].used == kForgotten;
  }
  // Empty for given ones.
  std::span<const int32_t> parents(NogoodId id) const {
    return {parents_.data() + nogoods_[id].parents, nogoods_[id].parent_count};
  }

 private:
  static constexpr uint32_t kForgotten = ~uint32_t{0};
  struct Nogood {
    uint32_t begin = 0;
    uint32_t size = 0;
    LeafId leaf = kNoLeaf;
    uint32_t parents = 0;
    uint32_t parent_count = 0;
    uint32_t used = 0;
  };

  std::vector<Nogood> nogoods_;
  std::vector<Term> terms_;
  std::vector<int32_t> parents_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_NOGOODS_H_
