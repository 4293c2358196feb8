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

Row RowOf(const RankSet& ranks, const Window& window) {
  Row row(window.width(), 0);
  for (const RankInterval& each : ranks.intervals()) {
    AddRanks(window.ValuesOf(each), row.data());
  }
  return row;
}

bool MeetsRanks(const Word* row, const RankSet& ranks, const Window& window) {
  for (const RankInterval& each : ranks.intervals()) {
    const RankInterval values = window.ValuesOf(each);
    const uint32_t last = values.last / kWordBits;
    for (uint32_t i = values.first / kWordBits; i <= last; ++i) {
      if ((row[i] & WordOf(values, i)) != 0) return true;
    }
  }
  return false;
}

Row RowUpTo(Value last) {
  Row row(WidthFor(last), 0);
  AddRanks({0, last}, row.data());
  return row;
}

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

SetId ValueSets::AddWord(Word word) {
  if (word < kSmallWords) return static_cast<SetId>(word);
  words_.push_back(word);
  return static_cast<SetId>(words_.size() - 1);
}

SetId ValueSets::AddRanksOf(SetId within, const RankSet& ranks,
                            const Window& window) {
  const uint32_t width = window.width();
  if (width == 1) {
    Word word = 0;
    for (const RankInterval& each : ranks.intervals()) {
      word |= WordOf(window.ValuesOf(each), 0);
    }
    return AddWord(word & words_[within]);
  }
  if (ranks.intervals().size() == 1) {
    const RankInterval values = window.ValuesOf(ranks.intervals().front());
    return AddRun(within, values, width);
  }
  const auto set = static_cast<SetId>(words_.size());
  words_.resize(words_.size() + width, 0);
  Word* row = words_.data() + set;
  for (const RankInterval& each : ranks.intervals()) {
    AddRanks(window.ValuesOf(each), row);
  }
  for (uint32_t i = 0; i < width; ++i) row[i] &= words_[within + i];
  return set;
}

SetId ValueSets::AddOthers(SetId within, const RankInterval& ranks,
                           const Window& window) {
  const RankInterval values = window.ValuesOf(ranks);
  const uint32_t width = window.width();
  if (width == 1) return AddWord(words_[within] & ~WordOf(values, 0));
  Recent& recent = RecentOf(within, values, &recent_others_);
  if (recent.within == within && recent.values == values) return recent.set;
  const auto set = static_cast<SetId>(words_.size());
  words_.resize(words_.size() + width);
  std::copy_n(words_.begin() + within, width, words_.begin() + set);
  RemoveRanks(values, words_.data() + set);
  recent = {within, values, set};
  return set;
}

SetId ValueSets::AddRun(SetId within, const RankInterval& values,
                        uint32_t width) {
  Recent& recent = RecentOf(within, values, &recent_runs_);
  if (recent.within == within && recent.values == values) return recent.set;
  const auto set = static_cast<SetId>(words_.size());
  words_.resize(words_.size() + width, 0);
  const uint32_t last = values.last / kWordBits;
  for (uint32_t i = values.first / kWordBits; i <= last; ++i) {
    words_[set + i] = WordOf(values, i) & words_[within + i];
  }
  recent = {within, values, set};
  return set;
}

ValueSets::Recent& ValueSets::RecentOf(SetId within, const RankInterval& values,
                                       std::vector<Recent>* recent) {
  constexpr size_t kRecent = 1024;
  if (recent->empty()) recent->resize(kRecent);
  return (*recent)[(within + 31 * values.first + values.last) % kRecent];
}

}  // namespace orrery::resolver::internal
