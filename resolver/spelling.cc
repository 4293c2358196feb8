#include "resolver/spelling.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"

namespace orrery::resolver {

int EditDistance(absl::string_view a, absl::string_view b, int limit) {
  const int rows = static_cast<int>(a.size());
  const int columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > limit) return limit + 1;
  std::vector<int> before_last(b.size() + 1);
  std::vector<int> last(b.size() + 1);
  std::vector<int> current(b.size() + 1);
  for (int j = 0; j <= columns; ++j) last[j] = j;
  for (int i = 1; i <= rows; ++i) {
    current[0] = i;
    int best = i;
    for (int j = 1; j <= columns; ++j) {
      const int replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replace});
      const bool swapped =
          i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
      best = std::min(best, current[j]);
    }
    if (best > limit) return limit + 1;
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return std::min(last[columns], limit + 1);
}

std::vector<std::string> NearestWords(absl::string_view word,
                                      std::span<const std::string> known,
                                      size_t count) {
  const std::string wanted = absl::AsciiStrToLower(word);
  const int limit = std::clamp(static_cast<int>(wanted.size()) / 3, 1, 2);
  std::vector<std::pair<int, std::string>> near;
  for (const std::string& candidate : known) {
    const int distance =
        EditDistance(wanted, absl::AsciiStrToLower(candidate), limit);
    if (distance <= limit) near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> words;
  for (auto& [distance, candidate] : near) {
    if (words.size() == count) break;
    words.push_back(std::move(candidate));
  }
  return words;
}

}  // namespace orrery::resolver
