// What went wrong, as the command line tells it: a status whose payload carries
// the problem document (RFC 9457) and the exit code (conventions §1), or a
// refusal (signing/refusal.h), which has its own document and exit codes.

#ifndef CLI_PLUGIN_TEXT_PROBLEM_H_
#define CLI_PLUGIN_TEXT_PROBLEM_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::cli {

// Scripts rely on these.
enum class ExitCode : uint8_t {
  kSuccess = 0,
  kFailure = 1,
  kNotFound = 3,
  // Conflict, or a precondition that does not hold.
  kConflict = 4,
  kDenied = 5,
  // Gave up waiting; the server goes on.
  kStillRunning = 7,
  // What git has is not taken (spec: trust.md §14.2, group git).
  kSourceRefused = 17,
  kUsage = 64,
  kInterrupted = 130,
};

// A wrong command line: exit 64.
absl::Status UsageError(absl::string_view message);

// The same status with another exit code.
absl::Status WithExitCode(absl::Status status, ExitCode code);

// The failure that an HTTP answer of `http_status` with this body stands for.
// `body` is the problem document, or null when the answer was none.
absl::Status ProblemFromAnswer(int http_status, const registry::JsonValue& body,
                               absl::string_view url);

// The failure of an operation, from its `error` member. `context` says what
// was being done, for example "installing echod".
absl::Status ProblemFromOperation(const registry::JsonValue& error,
                                  absl::string_view context);

// Which exit code the failure ends with; kSuccess for OK.
ExitCode ExitCodeOf(const absl::Status& status);

// Stable word of the failure (`UNKNOWN_OPTION`), or empty.
std::string ReasonOf(const absl::Status& status);

// The problem document: as the server sent it, or made from the status. Always
// has `title`, `detail` and `exit_code`.
registry::JsonValue ProblemDocument(const absl::Status& status);

// The same on one line, without a line end.
std::string ProblemJson(const absl::Status& status);

// For people: the message, then one line for each fault and each hint; every
// line ends in a newline.
std::string ProblemText(const absl::Status& status);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_TEXT_PROBLEM_H_
