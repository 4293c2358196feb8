#include "resolver/internal/value_order.h"

#include <algorithm>

namespace orrery::resolver::internal {
namespace {

Value Lowest(const Row& row) {
  for (uint32_t i = 0; i < row.size(); ++i) {
    if (row[i] != 0) return i * kWordBits + std::countr_zero(row[i]);
  }
  return kNoValue;
}

Value Highest(const Row& row) {
  const Row none(row.size(), 0);
  return HighestOutside(row.data(), none.data(),
                        static_cast<uint32_t>(row.size()));
}

}  // namespace

ValueOrder::ValueOrder(std::span<const Candidate> candidates,
                       std::optional<Rank> first, Rest rest)
    : count_(static_cast<uint32_t>(candidates.size())),
      first_(first),
      rest_(rest),
      releases_(WidthFor(count_), 0),
      prereleases_(WidthFor(count_), 0) {
  for (Rank rank = 0; rank < count_; ++rank) {
    AddValue(
        candidates[rank].prerelease ? prereleases_.data() : releases_.data(),
        rank);
  }
}

Value ValueOrder::Best(const Word* row) const {
  if (first_.has_value() && HasValue(row, *first_)) return *first_;
  if (rest_ == Rest::kNearestFirst) {
    const uint32_t width = WidthFor(count_);
    const Row up_to_first = RowOf({{0, *first_}}, width);
    Row ranks(row, row + width);
    ranks = Difference(std::move(ranks), RowOfValue(count_, width).data());
    const Value newer = Lowest(Difference(ranks, up_to_first.data()));
    return newer != kNoValue ? newer : Highest(ranks);
  }
  const Value release = BestOf(Intersection(releases_, row));
  if (release != kNoValue) return release;
  return BestOf(Intersection(prereleases_, row));
}

Value ValueOrder::BestOf(const Row& row) const {
  return rest_ == Rest::kOldestFirst ? Lowest(row) : Highest(row);
}

std::pair<int, int64_t> ValueOrder::Key(Rank rank) const {
  if (first_ == rank) return {0, 0};
  const int64_t distance = rest_ == Rest::kNearestFirst
                               ? int64_t{rank} - int64_t{*first_}
                           : rest_ == Rest::kOldestFirst ? int64_t{rank}
                                                         : -int64_t{rank};
  const bool last = rest_ == Rest::kNearestFirst
                        ? distance < 0
                        : HasValue(prereleases_.data(), rank);
  return {last ? 2 : 1,
          rest_ == Rest::kNearestFirst && last ? -distance : distance};
}

}  // namespace orrery::resolver::internal
