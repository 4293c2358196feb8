#ifndef REGISTRY_NAME_VOCABULARY_H_
#define REGISTRY_NAME_VOCABULARY_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// Names that can be found with one typing error in them. Not thread-safe.
class NameVocabulary {
 public:
  void Add(const std::string& name);
  void Remove(const std::string& name);

  // The names one insertion, deletion, replacement or swap of neighbours away
  // from `word`, by name; never `word` itself. Case is ignored.
  std::vector<std::string> OneErrorAway(absl::string_view word) const;

 private:
  struct Word {
    // One bit for each letter or digit that occurs.
    uint64_t letters = 0;
    std::string name;

    bool operator<(const Word& other) const { return name < other.name; }
  };

  // By length. A linear look at masks of the three lengths that matter is
  // faster than any tree over 100,000 names.
  std::vector<std::vector<Word>> by_length_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_NAME_VOCABULARY_H_
