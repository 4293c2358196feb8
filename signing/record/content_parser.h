#ifndef SIGNING_RECORD_CONTENT_PARSER_H_
#define SIGNING_RECORD_CONTENT_PARSER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/record/record.h"
#include "signing/record/statement_reader.h"

namespace orrery::signing {

// The lines `release` to `requires` of a `release` or `observed` record
// (spec: trust.md §6.2), the tree among them, which must be that of the files.
// kInvalidArgument, for the reader's line, otherwise.
absl::StatusOr<RevisionContent> TakeContent(StatementReader& reader,
                                            absl::string_view package);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_CONTENT_PARSER_H_
