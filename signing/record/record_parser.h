#ifndef SIGNING_RECORD_RECORD_PARSER_H_
#define SIGNING_RECORD_RECORD_PARSER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/record/record.h"

namespace orrery::signing {

// Reads a statement (spec: trust.md §6), whose lines must be exactly those of
// its kind, so that PrintRecord gives the same bytes again. Refusals carry the
// line: record.syntax, and record.key.weak for the key of a signer.
absl::StatusOr<Record> ParseRecord(absl::string_view statement);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_RECORD_PARSER_H_
