#ifndef SIGNING_RECORD_KEYSET_PARSER_H_
#define SIGNING_RECORD_KEYSET_PARSER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "signing/record/record.h"
#include "signing/record/statement_reader.h"

namespace orrery::signing {

// `mode immutable` or `mode mutable`.
absl::StatusOr<RevisionMode> TakeRevisionMode(StatementReader& reader);
// `repo <git-url> <ref>`.
absl::StatusOr<RepositoryRef> TakeRepository(StatementReader& reader);

// The lines of a `keyset` record behind its head (spec: trust.md §6.2).
// kInvalidArgument for the reader's line. `weakness` is set to record.key.weak,
// with the line, for the first key that is weak: the keyset, which then lacks
// that signer, is to be refused for it when all lines have their form.
absl::StatusOr<KeysetRecord> TakeKeyset(StatementReader& reader,
                                        absl::Status& weakness);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_KEYSET_PARSER_H_
