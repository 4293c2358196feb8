#ifndef REGISTRY_FORMAT_FINDING_LIST_H_
#define REGISTRY_FORMAT_FINDING_LIST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/finding.h"
#include "registry/format/rule.h"

namespace orrery::registry {

// Collects findings under one profile. Of one rule the first
// `max_per_rule` are kept and the rest counted: a file of a megabyte can hold
// a hundred thousand faults.
class FindingList {
 public:
  explicit FindingList(Profile profile, size_t max_per_rule = 1000)
      : profile_(profile), max_per_rule_(max_per_rule) {}

  void Add(const Rule& rule, absl::string_view path,
           std::optional<std::string> pointer, std::optional<int> line,
           std::string text);

  // Sorted by path, pointer, rule. A rule with more findings than were kept
  // has one about the others on `path`.
  std::vector<Finding> Take(absl::string_view path);

 private:
  struct Count {
    Rule rule;
    size_t seen = 0;
  };

  Finding Make(const Rule& rule, absl::string_view path) const;

  Profile profile_;
  size_t max_per_rule_;
  std::vector<Finding> findings_;
  std::vector<Count> counts_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_FINDING_LIST_H_
