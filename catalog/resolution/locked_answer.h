#ifndef CATALOG_RESOLUTION_LOCKED_ANSWER_H_
#define CATALOG_RESOLUTION_LOCKED_ANSWER_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/resolution/lock_file.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/resolver_request.h"
#include "resolver/answer.h"

namespace orrery::catalog {

// Makes what a lock names preferred; what is gone is a note.
absl::Status PreferLocked(const Lock& lock, PreparedQuery& prepared,
                          std::vector<AnswerNote>* notes);

// The lock as the answer, without a search. kFailedPrecondition with reason
// LOCK_REFUSED lists everything that is wrong with it, a line each, with its
// code, and as faults by their place in the lock: `lock.request`,
// `lock.release`, `lock.relations`, `lock.rule`, `lock.extra` (resolver.md
// §12.4).
absl::StatusOr<resolver::Answer> LockedAnswer(const ResolveQuery& query,
                                              const Lock& lock,
                                              PreparedQuery& prepared);

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LOCKED_ANSWER_H_
