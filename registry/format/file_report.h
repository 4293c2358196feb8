#ifndef REGISTRY_FORMAT_FILE_REPORT_H_
#define REGISTRY_FORMAT_FILE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/document_reader.h"
#include "registry/format/finding_list.h"
#include "registry/format/rule.h"

namespace orrery::registry {

// Adds findings about one file to a list and finds the lines they stand in.
// `findings` and `text` must outlive it.
class FileReport {
 public:
  FileReport(FindingList* findings, std::string path, absl::string_view text)
      : findings_(findings), path_(std::move(path)), text_(text) {}

  // About the file as a whole.
  void AddWhole(const Rule& rule, std::string text);
  void AddAtLine(const Rule& rule, int line, std::string text);
  // About the value that begins at byte `offset` of the parsed text.
  void Add(const Rule& rule, std::string pointer, uint32_t offset,
           std::string text);
  void Add(const Rule& rule, std::string pointer, int line, std::string text);
  void AddFaults(const Rule& rule, std::vector<DocumentFault> faults);

  const std::string& path() const { return path_; }
  absl::string_view text() const { return text_; }
  // From 1.
  int LineAt(size_t offset);

 private:
  FindingList* findings_;
  std::string path_;
  absl::string_view text_;
  // Offsets of the newlines; filled when the first line is asked for.
  std::vector<uint32_t> newlines_;
  bool indexed_ = false;
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_FILE_REPORT_H_
