// What became of a maintainers' statement that is not logged (spec: trust.md
// §15.4).

#ifndef REGISTRY_STATUS_STATEMENT_REPORT_H_
#define REGISTRY_STATUS_STATEMENT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::registry {

// The step of trust.md §15.4 that judges them.
inline constexpr char kStatementStep[] = "4a";
// … and release directories.
inline constexpr char kReleaseStep[] = "4b";

struct StatementReport {
  std::string package;
  int64_t seq = 0;
  // Whether more of it may come: a signature, a file, a decision of the
  // operator. Otherwise it is refused.
  bool is_pending = false;
  // Relative to the repository's root.
  std::string file;
  std::optional<int64_t> line;
  // Name of the refusal: "record.threshold".
  std::string code;
  // What is wrong and what would help.
  std::string reason;
  // SHA-256 of the statement, hex; empty when it is not there.
  std::string statement;
  // What it records, relative to the repository's root; empty for what records
  // no release.
  std::string release_directory;

  bool operator==(const StatementReport&) const = default;
};

// Whether a statement that records the release of that directory is pending.
bool IsWaitedFor(absl::string_view release_directory,
                 const std::vector<StatementReport>& reports);

// One text for all, and back; what cannot be read is left out.
std::string EncodeReports(const std::vector<StatementReport>& reports);
std::vector<StatementReport> DecodeReports(absl::string_view text);

}  // namespace orrery::registry

#endif  // REGISTRY_STATUS_STATEMENT_REPORT_H_
