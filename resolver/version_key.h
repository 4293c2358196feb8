// What of a version label decides its place in the order `uver`.

#ifndef RESOLVER_VERSION_KEY_H_
#define RESOLVER_VERSION_KEY_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::resolver {

// One word or number of a label, or the end of one of its lists.
struct VersionToken {
  // The classes of resolver.md §2.1, ascending; between those named, the
  // words of one class in their own order.
  enum Step : uint8_t {
    kDev,
    kAlpha,
    kBeta,
    kMilestone,
    kReleaseCandidate,
    kEnd,
    kFirstNeutral,
    kOtherWord = 32,
    kNumber,
  };

  // The token of a run of lower-case letters, or of a run of digits.
  static VersionToken OfWord(absl::string_view word);
  static VersionToken OfNumber(absl::string_view digits);

  uint8_t step = kEnd;
  // Only what is compared inside the class: the bytes of an other word, the
  // digits of a number without leading zeros (none for 0).
  std::string text = {};

  bool is_prerelease_word() const { return step < kEnd; }

  std::strong_ordering operator<=>(const VersionToken& other) const;
  bool operator==(const VersionToken&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const VersionToken& token) {
    return H::combine(std::move(h), token.step, token.text);
  }
};

// An epoch and lists of tokens, written as one row with kEnd between the
// lists and none at its end: `2.10.0-2.4.0` is 2 10 kEnd 2 4. Rows compare
// token by token, as if each went on with kEnd for ever, which is the order of
// the lists.
class VersionKey {
 public:
  // Steps 1 to 7 of §2.1. Requires: `label` is a version label.
  static VersionKey OfLabel(absl::string_view label);

  bool HasPrereleaseWord() const;
  // The key before its first pre-release word (§2.4); the key itself if it has
  // none.
  VersionKey Stem() const;

  const VersionToken& epoch() const { return epoch_; }
  std::span<const VersionToken> tokens() const { return tokens_; }
  // kEnd for every position past the row.
  const VersionToken& token(size_t i) const;

  std::strong_ordering operator<=>(const VersionKey& other) const;
  bool operator==(const VersionKey&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const VersionKey& key) {
    return H::combine(std::move(h), key.epoch_, key.tokens_);
  }

 private:
  VersionKey(VersionToken epoch, std::vector<VersionToken> tokens);

  VersionToken epoch_;
  std::vector<VersionToken> tokens_;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_VERSION_KEY_H_
