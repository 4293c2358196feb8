// Why a request cannot be met.

#ifndef RESOLVER_EXPLAIN_H_
#define RESOLVER_EXPLAIN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

#include "resolver/fact.h"
#include "resolver/metadata_source.h"
#include "resolver/request.h"

namespace orrery::resolver {

struct Explanation {
  // In the order of resolver.md §11.3. Empty if the request can be met, or if
  // that could not be found out within its steps and time.
  std::vector<Fact> facts;
  // Without any one of the facts the others can be met; false if steps or time
  // ended before that was so.
  bool reduced = true;
  uint64_t steps = 0;
};

// Solves again, keeps what the proof rests on, and then leaves out one fact
// after the other for as long as the rest cannot be met (§11.1), within
// `max_steps`. Errors are the first one of the source.
absl::StatusOr<Explanation> Explain(const Request& request,
                                    MetadataSource& source,
                                    uint64_t max_steps = 2'000'000);

}  // namespace orrery::resolver

#endif  // RESOLVER_EXPLAIN_H_
