// Files of resolver problems (resolver.md §15).

#ifndef TESTS_TESTING_CASE_FILES_H_
#define TESTS_TESTING_CASE_FILES_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"
#include "tests/testing/case_universe.h"

namespace orrery::tests {

// The JSON document of a file, plain or `.zst`. Errors name the file.
absl::StatusOr<registry::JsonValue> ReadCaseFile(const std::string& path);

// Reads lists of `rcase/1` and single ones, lists of requests with their
// universe beside them, and `rcase-each/1`; all of them plain or `.zst`.
class CaseFiles {
 public:
  // `problem` is without its packages, which are those of `universe`. What was
  // read of the file and is no longer needed is freed.
  using Visitor = std::function<void(const registry::JsonValue& problem,
                                     CaseUniverse* universe)>;

  // Every problem of the file, in order. Errors name the file.
  absl::Status Visit(const std::string& path, const Visitor& visitor);

 private:
  absl::Status VisitOne(registry::JsonValue problem, const Visitor& visitor);
  absl::Status VisitEach(const registry::JsonValue& document,
                         const Visitor& visitor);
  absl::StatusOr<CaseUniverse*> Universe(absl::string_view name, bool caret);

  std::string directory_;
  // Universes that stand beside the files, by path and slotting.
  std::map<std::pair<std::string, bool>, std::unique_ptr<CaseUniverse>>
      universes_;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_CASE_FILES_H_
