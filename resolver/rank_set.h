// Sets of releases of one package.

#ifndef RESOLVER_RANK_SET_H_
#define RESOLVER_RANK_SET_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"

namespace orrery::resolver {

// The position of a release in the list of its package, 0 = oldest, without
// gaps: the only order the solver knows (resolver.md §1.2).
using Rank = uint32_t;

// Both ends are inside.
struct RankInterval {
  Rank first = 0;
  Rank last = 0;

  bool operator==(const RankInterval&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const RankInterval& interval) {
    return H::combine(std::move(h), interval.first, interval.last);
  }
};

// A set of ranks, as the fewest intervals, ascending.
class RankSet {
 public:
  RankSet() = default;
  // Requires: `first` <= `last` in each. Any order, overlaps allowed.
  RankSet(std::initializer_list<RankInterval> intervals);
  explicit RankSet(std::vector<RankInterval> intervals);

  // Every rank of a package with `count` releases.
  static RankSet All(size_t count);

  // Requires: `rank` is above all ranks of the set, or the last of them.
  void Append(Rank rank);

  bool Contains(Rank rank) const;
  bool Meets(const RankInterval& ranks) const;
  bool empty() const { return intervals_.empty(); }
  size_t size() const;
  std::span<const RankInterval> intervals() const { return intervals_; }

  // The ranks below `count` that are not in the set.
  RankSet Complement(size_t count) const;

  // The ranks of either, and of both.
  friend RankSet Union(const RankSet& a, const RankSet& b);
  friend RankSet Intersection(const RankSet& a, const RankSet& b);

  bool operator==(const RankSet&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const RankSet& set) {
    return H::combine(std::move(h), set.intervals_);
  }

 private:
  // Most sets are one run.
  absl::InlinedVector<RankInterval, 1> intervals_;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_RANK_SET_H_
