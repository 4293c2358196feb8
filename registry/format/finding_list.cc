#include "registry/format/finding_list.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace orrery::registry {

Finding FindingList::Make(const Rule& rule, absl::string_view path) const {
  Finding finding;
  finding.rule = std::string(rule.name);
  finding.severity = profile_ == Profile::kImport ? rule.import : rule.publish;
  finding.refuses = finding.severity == Severity::kError || rule.withholds;
  finding.path = std::string(path);
  return finding;
}

void FindingList::Add(const Rule& rule, absl::string_view path,
                      std::optional<std::string> pointer,
                      std::optional<int> line, std::string text) {
  // Rules of one name but different severity are counted apart.
  auto count = std::find_if(counts_.begin(), counts_.end(),
                            [&rule](const Count& candidate) {
                              return candidate.rule.name == rule.name &&
                                     candidate.rule.import == rule.import &&
                                     candidate.rule.publish == rule.publish;
                            });
  if (count == counts_.end()) count = counts_.insert(count, {rule, 0});
  if (++count->seen > max_per_rule_) return;
  Finding& finding = findings_.emplace_back(Make(rule, path));
  finding.pointer = std::move(pointer);
  finding.line = line;
  finding.text = std::move(text);
}

std::vector<Finding> FindingList::Take(absl::string_view path) {
  for (const Count& count : counts_) {
    if (count.seen <= max_per_rule_) continue;
    findings_.emplace_back(Make(count.rule, path)).text =
        absl::StrCat(count.seen - max_per_rule_, " more of these");
  }
  std::sort(findings_.begin(), findings_.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.path, a.pointer, a.rule, a.line, a.text) <
                     std::tie(b.path, b.pointer, b.rule, b.line, b.text);
            });
  return std::move(findings_);
}

}  // namespace orrery::registry
