// Suggestions for a word that nobody knows.

#ifndef RESOLVER_SPELLING_H_
#define RESOLVER_SPELLING_H_

#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::resolver {

// Insertions, deletions, replacements and swaps of neighbours that turn `a`
// into `b` (optimal string alignment, bytes); `limit` + 1 for anything above
// `limit`.
int EditDistance(absl::string_view a, absl::string_view b, int limit);

// The words of `known` nearest to `word`, nearest first and then by name, at
// most `count`, none further away than a typing error or two explain (a third
// of the length of `word`, at most 2). Case is ignored.
std::vector<std::string> NearestWords(absl::string_view word,
                                      std::span<const std::string> known,
                                      size_t count = 3);

}  // namespace orrery::resolver

#endif  // RESOLVER_SPELLING_H_
