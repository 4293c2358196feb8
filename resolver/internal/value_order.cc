#include "resolver/internal/value_order.h"

#include <utility>

namespace orrery::resolver::internal {
namespace {

// kNoValue if the row is empty.
Value Lowest(const Row& row) {
  const auto width = static_cast<uint32_t>(row.size());
  return IsEmpty(row.data(), width) ? kNoValue : LowestValue(row.data(), width);
}

Value Highest(const Row& row) {
  const auto width = static_cast<uint32_t>(row.size());
  return IsEmpty(row.data(), width) ? kNoValue
                                    : HighestValue(row.data(), width);
}

}  // namespace

ValueOrder::ValueOrder(std::span<const Candidate> candidates,
                       bool has_prereleases, std::optional<Rank> first,
                       Rest rest)
    : candidates_(candidates),
      first_(first),
      rest_(rest),
      has_prereleases_(has_prereleases) {}

Value ValueOrder::Best(const Word* row, const Window& window) const {
  if (first_.has_value() && window.Contains(*first_) &&
      HasValue(row, *first_ - window.first)) {
    return *first_ - window.first;
  }
  if (rest_ != Rest::kNearestFirst) return NextOf(row, window);
  const uint32_t width = window.width();
  const Row up_to_first = RowOf({{0, *first_}}, window);
  Row ranks(row, row + width);
  ranks = Difference(std::move(ranks), RowOfValue(window.absent, width).data());
  const Value newer = Lowest(Difference(ranks, up_to_first.data()));
  return newer != kNoValue ? newer : Highest(ranks);
}

Value ValueOrder::NextOf(const Word* row, const Window& window) const {
  const bool up = rest_ == Rest::kOldestFirst;
  const uint32_t width = window.width();
  Value prerelease = kNoValue;
  for (uint32_t i = 0; i < width; ++i) {
    const uint32_t index = up ? i : width - 1 - i;
    for (Word rest = row[index]; rest != 0;) {
      const Value value = index * kWordBits +
                          (up ? LowestValue(&rest, 1) : HighestValue(&rest, 1));
      RemoveValue(&rest, value % kWordBits);
      // Absent, the last value, is no release.
      if (value == window.absent) continue;
      if (!IsPrerelease(window.first + value)) return value;
      if (prerelease == kNoValue) prerelease = value;
    }
  }
  return prerelease;
}

std::pair<int, int64_t> ValueOrder::Key(Rank rank) const {
  if (first_ == rank) return {0, 0};
  const int64_t distance = rest_ == Rest::kNearestFirst
                               ? int64_t{rank} - int64_t{*first_}
                           : rest_ == Rest::kOldestFirst ? int64_t{rank}
                                                         : -int64_t{rank};
  const bool last =
      rest_ == Rest::kNearestFirst ? distance < 0 : IsPrerelease(rank);
  return {last ? 2 : 1,
          rest_ == Rest::kNearestFirst && last ? -distance : distance};
}

}  // namespace orrery::resolver::internal
