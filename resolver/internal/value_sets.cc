#include "resolver/internal/value_sets.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

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
  for (const auto& [first, last] : ranks.intervals()) {
    const uint32_t first_word = first / kWordBits;
    const uint32_t last_word = last / kWordBits;
    for (uint32_t i = first_word; i <= last_word; ++i) {
      Word word = ~Word{0};
      if (i == first_word) word &= ~Word{0} << (first % kWordBits);
      if (i == last_word)
        word &= ~Word{0} >> (kWordBits - 1 - last % kWordBits);
      row[i] |= word;
    }
  }
  return row;
}

Row RowUpTo(Value last) { return RowOf({{0, last}}, WidthFor(last)); }

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

SetId ValueSets::InternWord(Word word) {
  const auto [entry, is_new] =
      by_word_.try_emplace(word, static_cast<SetId>(words_.size()));
  if (is_new) words_.push_back(word);
  return entry->second;
}

SetId ValueSets::Intern(std::span<const Word> row) {
  if (row.size() == 1) return InternWord(row[0]);
  const absl::string_view bytes(reinterpret_cast<const char*>(row.data()),
                                row.size_bytes());
  auto& known = by_hash_[absl::HashOf(bytes)];
  for (const SetId set : known) {
    if (set + row.size() <= words_.size() &&
        std::equal(row.begin(), row.end(), words_.begin() + set)) {
      return set;
    }
  }
  const auto set = static_cast<SetId>(words_.size());
  words_.insert(words_.end(), row.begin(), row.end());
  known.push_back(set);
  return set;
}

}  // namespace orrery::resolver::internal
