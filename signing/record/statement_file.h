// The files in which maintainers publish their statements (spec: trust.md
// §15.1).

#ifndef SIGNING_RECORD_STATEMENT_FILE_H_
#define SIGNING_RECORD_STATEMENT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Of one statement.
inline constexpr size_t kMaxSignatureFiles = 8;

// `trust/kafka`, below the followed directory.
std::string StatementDirectory(absl::string_view package);

// `000057.stmt`. Requires: a seq of a chain.
std::string StatementFileName(int64_t seq);

// `000057.stmt.sig`, or `000057.stmt.<label>.sig` unless the label is empty.
std::string SignatureFileName(int64_t seq, absl::string_view label);

// A file of a statement's directory.
struct StatementFile {
  int64_t seq = 0;
  bool is_signature = false;
  // Of a signature; may be empty.
  std::string label;
};

// nullopt for other files, which mean nothing.
std::optional<StatementFile> ParseStatementFileName(absl::string_view name);

// Of a signature file: `[a-z0-9][a-z0-9-]{0,31}`.
absl::Status CheckSignatureLabel(absl::string_view label);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_STATEMENT_FILE_H_
