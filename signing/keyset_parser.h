#ifndef SIGNING_KEYSET_PARSER_H_
#define SIGNING_KEYSET_PARSER_H_

#include "absl/status/statusor.h"

#include "signing/record.h"
#include "signing/statement_reader.h"

namespace orrery::signing {

// `mode immutable` or `mode mutable`.
absl::StatusOr<RevisionMode> TakeRevisionMode(StatementReader& reader);
// `repo <git-url> <ref>`.
absl::StatusOr<RepositoryRef> TakeRepository(StatementReader& reader);

// The lines of a `keyset` record behind its head (spec: trust.md §6.2).
// kInvalidArgument for the reader's line, record.key.weak for a signer's key.
absl::StatusOr<KeysetRecord> TakeKeyset(StatementReader& reader);

}  // namespace orrery::signing

#endif  // SIGNING_KEYSET_PARSER_H_
