#ifndef CLI_PLUGIN_PACKAGE_CHILD_PROCESS_H_
#define CLI_PLUGIN_PACKAGE_CHILD_PROCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace orrery::cli {

// How a child ended.
struct ChildResult {
  // 128 + signal when a signal ended it.
  int exit_code = 0;
  std::string output;
  // Empty when they were passed on.
  std::string errors;
};

// Runs a program, found on PATH, to its end, with this process's environment
// and standard input, so that it can ask its user. What it says on the error
// stream goes to that of this process if `passes_errors`. kNotFound when there
// is no such program.
absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& words,
                                     bool passes_errors);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_CHILD_PROCESS_H_
