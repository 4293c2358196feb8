#ifndef REGISTRY_JUDGE_STATEMENT_VERDICT_H_
#define REGISTRY_JUDGE_STATEMENT_VERDICT_H_

#include "absl/status/status.h"

namespace orrery::registry {

// What only the repository and the operator can say of a statement that is
// well signed.
struct StatementVerdict {
  // Else a refusal.
  absl::Status status;
  // Whether a later commit, or the operator, may complete it.
  bool is_pending = false;
};

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_STATEMENT_VERDICT_H_
