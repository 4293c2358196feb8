// Sets of values of a place, as rows of bits.

#ifndef RESOLVER_INTERNAL_VALUE_SETS_H_
#define RESOLVER_INTERNAL_VALUE_SETS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"

#include "resolver/rank_set.h"

namespace orrery::resolver::internal {

// A value of a place: a rank of its package, or one past the last rank, which
// is "absent"; of a place for one slot, ranks count from the first of the slot.
// Bit v of a row stands for value v; bits past absent are 0.
using Value = uint32_t;
using Word = uint64_t;
inline constexpr uint32_t kWordBits = 64;
inline constexpr Value kNoValue = ~Value{0};

// Words of a row for values 0 to `last`.
inline uint32_t WidthFor(Value last) { return last / kWordBits + 1; }

inline bool HasValue(const Word* row, Value value) {
  return ((row[value / kWordBits] >> (value % kWordBits)) & 1) != 0;
}

inline void AddValue(Word* row, Value value) {
  row[value / kWordBits] |= Word{1} << (value % kWordBits);
}

inline void RemoveValue(Word* row, Value value) {
  row[value / kWordBits] &= ~(Word{1} << (value % kWordBits));
}

// The ranks of an interval that lie in the word of that index.
inline Word WordOf(const RankInterval& ranks, uint32_t index) {
  const uint32_t first = ranks.first / kWordBits;
  const uint32_t last = ranks.last / kWordBits;
  if (index < first || index > last) return 0;
  Word word = ~Word{0};
  if (index == first) word <<= ranks.first % kWordBits;
  if (index == last) {
    word &= ~Word{0} >> (kWordBits - 1 - ranks.last % kWordBits);
  }
  return word;
}

// What the values of a place stand for: the ranks from `first` on.
struct Window {
  Rank first = 0;
  Value absent = 0;

  uint32_t width() const { return WidthFor(absent); }
  bool Contains(Rank rank) const {
    return rank >= first && rank - first < absent;
  }
  // Of the ranks that it has; {1, 0} for none.
  RankInterval ValuesOf(const RankInterval& ranks) const {
    const Rank begin = std::max(ranks.first, first);
    const Rank end = std::min(ranks.last + 1, first + absent);
    if (begin >= end) return {1, 0};
    return {begin - first, end - 1 - first};
  }
};

inline void AddRanks(const RankInterval& ranks, Word* row) {
  const uint32_t last = ranks.last / kWordBits;
  for (uint32_t i = ranks.first / kWordBits; i <= last; ++i) {
    row[i] |= WordOf(ranks, i);
  }
}

inline void RemoveRanks(const RankInterval& ranks, Word* row) {
  const uint32_t last = ranks.last / kWordBits;
  for (uint32_t i = ranks.first / kWordBits; i <= last; ++i) {
    row[i] &= ~WordOf(ranks, i);
  }
}

inline bool IsSubset(const Word* a, const Word* b, uint32_t width) {
  for (uint32_t i = 0; i < width; ++i) {
    if ((a[i] & ~b[i]) != 0) return false;
  }
  return true;
}

inline bool Meets(const Word* a, const Word* b, uint32_t width) {
  for (uint32_t i = 0; i < width; ++i) {
    if ((a[i] & b[i]) != 0) return true;
  }
  return false;
}

inline bool IsEmpty(const Word* row, uint32_t width) {
  for (uint32_t i = 0; i < width; ++i) {
    if (row[i] != 0) return false;
  }
  return true;
}

// The highest value of `a` that is not in `b`, or kNoValue.
inline Value HighestOutside(const Word* a, const Word* b, uint32_t width) {
  for (uint32_t i = width; i-- > 0;) {
    if (const Word rest = a[i] & ~b[i]; rest != 0) {
      return i * kWordBits + (kWordBits - 1 - std::countl_zero(rest));
    }
  }
  return kNoValue;
}

// Of a row that is not empty.
inline Value LowestValue(const Word* row, uint32_t width) {
  uint32_t i = 0;
  while (i + 1 < width && row[i] == 0) ++i;
  return i * kWordBits + std::countr_zero(row[i]);
}

inline Value HighestValue(const Word* row, uint32_t width) {
  uint32_t i = width - 1;
  while (i > 0 && row[i] == 0) --i;
  return i * kWordBits + (kWordBits - 1 - std::countl_zero(row[i]));
}

// The only value of the row, or kNoValue if there are several or none.
Value OnlyValue(const Word* row, uint32_t width);

// Few packages have more than 512 releases.
using Row = absl::InlinedVector<Word, 8>;

// The row with the ranks of `ranks` that the window has.
Row RowOf(const RankSet& ranks, const Window& window);
// Whether the row has any of them.
bool MeetsRanks(const Word* row, const RankSet& ranks, const Window& window);
// The row with the values 0 to `last`.
Row RowUpTo(Value last);
// The row with that value alone.
Row RowOfValue(Value value, uint32_t width);
Row Intersection(Row a, const Word* b);
// `a` without the values of `b`.
Row Difference(Row a, const Word* b);

// A stored row.
using SetId = uint32_t;

class ValueSets {
 public:
  ValueSets();

  // Equal rows of one width that are interned have equal ids.
  SetId Intern(std::span<const Word> row);
  SetId InternWord(Word word) {
    return word < kSmallWords ? static_cast<SetId>(word) : InternLarge(word);
  }

  // The values of `within` that stand for one of the ranks, and those that do
  // not. Not interned: to look for any equal row costs more than to keep two;
  // some of one run are remembered.
  SetId AddRanksOf(SetId within, const RankSet& ranks, const Window& window);
  SetId AddOthers(SetId within, const RankInterval& ranks,
                  const Window& window);

  // Valid until a set is added.
  const Word* words(SetId set) const { return words_.data() + set; }

 private:
  // Of packages with few releases: words that are their own ids.
  static constexpr Word kSmallWords = 32;

  // A row that was made lately.
  struct Recent {
    SetId within = 0;
    RankInterval values;
    SetId set = 0;
  };

  SetId InternLarge(Word word);
  SetId AddWord(Word word);
  // The values of a run that `within` has.
  SetId AddRun(SetId within, const RankInterval& values, uint32_t width);
  // Where such a row is if it is remembered.
  static Recent& RecentOf(SetId within, const RankInterval& values,
                          std::vector<Recent>* recent);
  void Grow();

  std::vector<Word> words_;
  // Other rows of one word.
  absl::flat_hash_map<Word, SetId> by_word_;
  // Of longer ones, an open table; hash 0 is free.
  struct Slot {
    uint64_t hash = 0;
    SetId set = 0;
  };
  std::vector<Slot> slots_;
  size_t long_rows_ = 0;
  // Of AddRun and AddOthers.
  std::vector<Recent> recent_runs_;
  std::vector<Recent> recent_others_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_VALUE_SETS_H_
