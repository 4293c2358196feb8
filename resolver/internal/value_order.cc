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
    : count_(static_cast<uint32_t>(candidates.size())),
      first_(first),
      rest_(rest) {
  if (!has_prereleases || rest == Rest::kNearestFirst) return;
  Prereleases prereleases = {Row(WidthFor(count_), 0), RowUpTo(count_)};
  for (Rank rank = 0; rank < count_; ++rank) {
    if (candidates[rank].prerelease) AddValue(prereleases.are.data(), rank);
  }
  if (IsEmpty(prereleases.are.data(), WidthFor(count_))) return;
  for (const Row& others :
       {prereleases.are, RowOfValue(count_, WidthFor(count_))}) {
    prereleases.are_not =
        Difference(std::move(prereleases.are_not), others.data());
  }
  prereleases_ = std::make_shared<const Prereleases>(std::move(prereleases));
}

Value ValueOrder::Best(const Word* row) const {
  if (first_.has_value() && HasValue(row, *first_)) return *first_;
  const uint32_t width = WidthFor(count_);
  if (rest_ == Rest::kNearestFirst) {
    const Row up_to_first = RowOf({{0, *first_}}, width);
    Row ranks(row, row + width);
    ranks = Difference(std::move(ranks), RowOfValue(count_, width).data());
    const Value newer = Lowest(Difference(ranks, up_to_first.data()));
    return newer != kNoValue ? newer : Highest(ranks);
  }
  if (prereleases_ == nullptr) return BestOf(row);
  const Value release = BestOf(Intersection(prereleases_->are_not, row).data());
  if (release != kNoValue) return release;
  return BestOf(Intersection(prereleases_->are, row).data());
}

// Absent, the last value, is no release.
Value ValueOrder::BestOf(const Word* row) const {
  const uint32_t width = WidthFor(count_);
  const Word absent = Word{1} << (count_ % kWordBits);
  if (rest_ == Rest::kOldestFirst) {
    if (IsEmpty(row, width)) return kNoValue;
    const Value lowest = LowestValue(row, width);
    return lowest == count_ ? kNoValue : lowest;
  }
  for (uint32_t i = width; i-- > 0;) {
    const Word word = i + 1 == width ? row[i] & ~absent : row[i];
    if (word == 0) continue;
    return i * kWordBits + (kWordBits - 1 - std::countl_zero(word));
  }
  return kNoValue;
}

std::pair<int, int64_t> ValueOrder::Key(Rank rank) const {
  if (first_ == rank) return {0, 0};
  const int64_t distance = rest_ == Rest::kNearestFirst
                               ? int64_t{rank} - int64_t{*first_}
                           : rest_ == Rest::kOldestFirst ? int64_t{rank}
                                                         : -int64_t{rank};
  const bool last =
      rest_ == Rest::kNearestFirst
          ? distance < 0
          : prereleases_ != nullptr && HasValue(prereleases_->are.data(), rank);
  return {last ? 2 : 1,
          rest_ == Rest::kNearestFirst && last ? -distance : distance};
}

}  // namespace orrery::resolver::internal
