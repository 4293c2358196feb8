// The order of answers.

#ifndef RESOLVER_INTERNAL_NAMED_CHOICE_H_
#define RESOLVER_INTERNAL_NAMED_CHOICE_H_

#include <endian.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "absl/strings/string_view.h"

#include "resolver/rank_set.h"

namespace orrery::resolver::internal {

// A release by the text of its node, then its rank. `index` says whose it is.
struct NamedChoice {
  NamedChoice(absl::string_view name, Rank value, uint32_t number)
      : prefix(Word(name, 0)),
        after_prefix(Word(name, sizeof(prefix))),
        text(name),
        rank(value),
        index(number) {}

  // Eight bytes of the text, as a number in their order.
  static uint64_t Word(absl::string_view text, size_t begin) {
    char bytes[sizeof(uint64_t)] = {};
    if (begin < text.size()) {
      std::memcpy(bytes, text.data() + begin,
                  std::min(sizeof(bytes), text.size() - begin));
    }
    uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof(word));
    return be64toh(word);
  }

  // The first bytes, which mostly are enough; many names begin alike.
  uint64_t prefix = 0;
  uint64_t after_prefix = 0;
  absl::string_view text;
  Rank rank = 0;
  uint32_t index = 0;

  bool operator<(const NamedChoice& other) const {
    if (prefix != other.prefix) return prefix < other.prefix;
    if (after_prefix != other.after_prefix) {
      return after_prefix < other.after_prefix;
    }
    return std::tie(text, rank, index) <
           std::tie(other.text, other.rank, other.index);
  }
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_NAMED_CHOICE_H_
