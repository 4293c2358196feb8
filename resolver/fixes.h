// What could be changed so that a request can be met.

#ifndef RESOLVER_FIXES_H_
#define RESOLVER_FIXES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "resolver/answer.h"
#include "resolver/fact.h"
#include "resolver/metadata_source.h"
#include "resolver/relaxations.h"
#include "resolver/request.h"

namespace orrery::resolver {

// A change that is enough.
struct Fix {
  FixKind kind = FixKind::kDrop;
  std::string subject;
  // `ask for kafka`.
  std::string text;
  // `adds kafka 2.0; changes zookeeper 3.4 -> 3.5`, `changes nothing`.
  std::string effect = {};
  // As in the answer; `added` are nodes that are not installed.
  uint32_t removed = 0;
  uint32_t changed = 0;
  uint32_t added = 0;
  // To the request as it would be then.
  Answer answer = {};
};

struct FixBudget {
  uint64_t steps_each = 200'000;
  uint64_t steps_in_all = 1'000'000;
};

// Tries what the facts of an explanation suggest and what the caller adds, each
// by itself, and returns at most 5 that are enough and whose canonical answer
// is proved: those that remove least, then change least, first. Pre-releases
// are not tried unless the caller adds them, with a source that lets them in.
// Errors are the first one of a source.
absl::StatusOr<std::vector<Fix>> FindFixes(const Request& request,
                                           std::span<const Fact> facts,
                                           std::vector<Relaxation> added,
                                           MetadataSource& source,
                                           const FixBudget& budget = {});

}  // namespace orrery::resolver

#endif  // RESOLVER_FIXES_H_
