// In which order the releases of a node are tried.

#ifndef RESOLVER_INTERNAL_VALUE_ORDER_H_
#define RESOLVER_INTERNAL_VALUE_ORDER_H_

#include <cstdint>
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

  // The value of the row whose rank is best, or kNoValue if it has none. `row`
  // may have absent.
  Value Best(const Word* row, const Window& window) const;

  // Less is better.
  std::pair<int, int64_t> Key(Rank rank) const;

 private:
  // From one end of the row to the other, pre-releases last.
  Value NextOf(const Word* row, const Window& window) const;
  bool IsPrerelease(Rank rank) const {
    return has_prereleases_ && candidates_[rank].prerelease;
  }

  std::span<const Candidate> candidates_;
  std::optional<Rank> first_;
  Rest rest_ = Rest::kNewestFirst;
  bool has_prereleases_ = false;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_VALUE_ORDER_H_
