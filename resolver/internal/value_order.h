// In which order the releases of a node are tried.

#ifndef RESOLVER_INTERNAL_VALUE_ORDER_H_
#define RESOLVER_INTERNAL_VALUE_ORDER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "resolver/internal/value_sets.h"
#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"

namespace orrery::resolver::internal {

// The rows of resolver.md §9.4.
class ValueOrder {
 public:
  enum class Rest {
    kNewestFirst,
    kOldestFirst,
    // Newer ones, nearest first, then older ones, nearest first.
    kNearestFirst,
  };

  ValueOrder() = default;
  // `first` comes before all others. Requires: it has a value for
  // kNearestFirst.
  ValueOrder(std::span<const Candidate> candidates, bool has_prereleases,
             std::optional<Rank> first, Rest rest);

  // The best rank of the row, or kNoValue if it has none. `row` may have
  // absent.
  Value Best(const Word* row) const;

  // Less is better.
  std::pair<int, int64_t> Key(Rank rank) const;

 private:
  Value BestOf(const Word* row) const;

  uint32_t count_ = 0;
  std::optional<Rank> first_;
  Rest rest_ = Rest::kNewestFirst;
  struct Prereleases {
    Row are;
    Row are_not;
  };
  // Null if there are none.
  std::shared_ptr<const Prereleases> prereleases_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_VALUE_ORDER_H_
