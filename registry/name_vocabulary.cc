#include "registry/name_vocabulary.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/ascii.h"

#include "resolver/spelling.h"

namespace orrery::registry {
namespace {

uint64_t LetterMask(absl::string_view text) {
  uint64_t mask = 0;
  for (const char c : text) {
    mask |= uint64_t{1} << (static_cast<unsigned char>(c) % 64);
  }
  return mask;
}

}  // namespace

void NameVocabulary::Add(const std::string& name) {
  if (by_length_.size() <= name.size()) by_length_.resize(name.size() + 1);
  std::vector<Word>& words = by_length_[name.size()];
  Word word{LetterMask(name), name};
  const auto place = std::lower_bound(words.begin(), words.end(), word);
  if (place != words.end() && place->name == name) return;
  words.insert(place, std::move(word));
}

void NameVocabulary::Remove(const std::string& name) {
  if (by_length_.size() <= name.size()) return;
  std::vector<Word>& words = by_length_[name.size()];
  const auto place =
      std::lower_bound(words.begin(), words.end(), Word{0, name});
  if (place != words.end() && place->name == name) words.erase(place);
}

std::vector<std::string> NameVocabulary::OneErrorAway(
    absl::string_view word) const {
  const std::string wanted = absl::AsciiStrToLower(word);
  const uint64_t letters = LetterMask(wanted);
  std::vector<std::string> found;
  const size_t first = wanted.empty() ? 0 : wanted.size() - 1;
  const size_t end = std::min(wanted.size() + 2, by_length_.size());
  for (size_t length = first; length < end; ++length) {
    for (const Word& candidate : by_length_[length]) {
      // One error changes at most two letters of the set.
      if (std::popcount(candidate.letters ^ letters) <= 2 &&
          resolver::EditDistance(wanted, candidate.name, 1) == 1) {
        found.push_back(candidate.name);
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace orrery::registry
