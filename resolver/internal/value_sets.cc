#include "resolver/internal/value_sets.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace orrery::resolver::internal {

Value OnlyValue(const Word* row, uint32_t width) {
  Value only = kNoValue;
  for (uint32_t i = 0; i < width; ++i) {
    if (row[i] == 0) continue;
    if (only != kNoValue || !std::has_single_bit(row[i])) return kNoValue;
    only = i * kWordBits + std::countr_zero(row[i]);
  }
  return only;
}

Row RowOf(const RankSet& ranks, uint32_t width) {
  Row row(width, 0);
  for (const RankInterval& each : ranks.intervals()) AddRanks(each, row.data());
  return row;
}

Row RowOf(const RankInterval& ranks, uint32_t width) {
  Row row(width, 0);
  AddRanks(ranks, row.data());
  return row;
}

Row RowUpTo(Value last) { return RowOf(RankInterval{0, last}, WidthFor(last)); }

Row RowOfValue(Value value, uint32_t width) {
  Row row(width, 0);
  AddValue(row.data(), value);
  return row;
}

Row Intersection(Row a, const Word* b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] &= b[i];
  return a;
}

Row Difference(Row a, const Word* b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] &= ~b[i];
  return a;
}

namespace {

// Never 0.
uint64_t HashOf(std::span<const Word> row) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  uint64_t hash = row.size();
  for (const Word word : row) {
    hash = (std::rotl(hash, 5) ^ word) * kOdd;
  }
  hash ^= hash >> 32;
  return hash | 1;
}

}  // namespace

ValueSets::ValueSets() {
  for (Word word = 0; word < kSmallWords; ++word) words_.push_back(word);
}

SetId ValueSets::InternLarge(Word word) {
  const auto [entry, is_new] =
      by_word_.try_emplace(word, static_cast<SetId>(words_.size()));
  if (is_new) words_.push_back(word);
  return entry->second;
}

SetId ValueSets::Intern(std::span<const Word> row) {
  if (row.size() == 1) return InternWord(row[0]);
  if (2 * long_rows_ >= slots_.size()) Grow();
  const uint64_t hash = HashOf(row);
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at].hash != 0; at = (at + 1) & mask) {
    const auto [known, set] = slots_[at];
    if (known == hash && set + row.size() <= words_.size() &&
        std::equal(row.begin(), row.end(), words_.begin() + set)) {
      return set;
    }
  }
  const auto set = static_cast<SetId>(words_.size());
  words_.insert(words_.end(), row.begin(), row.end());
  slots_[at] = {hash, set};
  ++long_rows_;
  return set;
}

void ValueSets::Grow() {
  std::vector<Slot> slots(std::max<size_t>(64, 2 * slots_.size()));
  const size_t mask = slots.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.hash == 0) continue;
    size_t at = slot.hash & mask;
    while (slots[at].hash != 0) at = (at + 1) & mask;
    slots[at] = slot;
  }
  slots_ = std::move(slots);
}

SetId ValueSets::InternInterval(const RankInterval& ranks, uint32_t width) {
  const auto [known, is_new] =
      by_interval_.try_emplace({ranks.first, ranks.last, width}, SetId{0});
  if (is_new) known->second = Intern(RowOf(ranks, width));
  return known->second;
}

SetId ValueSets::InternDifference(SetId full, SetId set, uint32_t width) {
  const auto [known, is_new] =
      by_difference_.try_emplace({full, set}, SetId{0});
  if (is_new) {
    const Word* all = words(full);
    known->second = Intern(Difference(Row(all, all + width), words(set)));
  }
  return known->second;
}

}  // namespace orrery::resolver::internal
