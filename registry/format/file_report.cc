#include "registry/format/file_report.h"

#include <algorithm>
#include <optional>

namespace orrery::registry {

void FileReport::AddWhole(const Rule& rule, std::string text) {
  findings_->Add(rule, path_, std::nullopt, std::nullopt, std::move(text));
}

void FileReport::AddAtLine(const Rule& rule, int line, std::string text) {
  findings_->Add(rule, path_, std::nullopt, line, std::move(text));
}

void FileReport::Add(const Rule& rule, std::string pointer, uint32_t offset,
                     std::string text) {
  findings_->Add(rule, path_, std::move(pointer), LineAt(offset),
                 std::move(text));
}

void FileReport::Add(const Rule& rule, std::string pointer, int line,
                     std::string text) {
  findings_->Add(rule, path_, std::move(pointer), line, std::move(text));
}

void FileReport::AddFaults(const Rule& rule,
                           std::vector<DocumentFault> faults) {
  for (DocumentFault& fault : faults) {
    Add(rule, std::move(fault.pointer), fault.offset, std::move(fault.text));
  }
}

int FileReport::LineAt(size_t offset) {
  if (!indexed_) {
    indexed_ = true;
    for (size_t at = text_.find('\n'); at != absl::string_view::npos;
         at = text_.find('\n', at + 1)) {
      newlines_.push_back(static_cast<uint32_t>(at));
    }
  }
  const auto before =
      std::lower_bound(newlines_.begin(), newlines_.end(), offset);
  return static_cast<int>(before - newlines_.begin()) + 1;
}

}  // namespace orrery::registry
