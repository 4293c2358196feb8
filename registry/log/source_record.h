#ifndef REGISTRY_LOG_SOURCE_RECORD_H_
#define REGISTRY_LOG_SOURCE_RECORD_H_

#include "absl/status/statusor.h"

#include "registry/git/source.h"
#include "signing/record/record.h"

namespace orrery::registry {

// What the log says of a source (spec: trust.md §6.3): public for ever.
// kInvalidArgument, with what to do, when something of it has no form there: a
// tag instead of a branch, a folder or URL with other characters. Requires: its
// ref is known.
absl::StatusOr<signing::SourceRecord> SourceRecordOf(const Source& source);

// Whether both say the same of a source.
bool SaySame(const signing::SourceRecord& a, const signing::SourceRecord& b);

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_SOURCE_RECORD_H_
