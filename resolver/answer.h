// What the resolver answers.

#ifndef RESOLVER_ANSWER_H_
#define RESOLVER_ANSWER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "resolver/metadata_source.h"
#include "resolver/rank_set.h"

namespace orrery::resolver {

enum class Status {
  kSolved,
  kUnsatisfiable,  // proved
  kGaveUp,         // neither a solution nor a proof within the budget
};

// What ended a search that was not finished.
enum class Limit { kNone, kSteps, kTime };

// The part of the search that was not finished (resolver.md §9.2).
enum class Stage { kNone, kSolution, kLeastChange, kCanonical };

struct ChosenRelease {
  Node node;
  Rank rank = 0;
  // By name.
  std::vector<std::string> features = {};

  bool operator==(const ChosenRelease&) const = default;
};

struct Statistics {
  uint64_t steps = 0;
  uint64_t decisions = 0;
  uint64_t conflicts = 0;
  uint64_t loaded = 0;
};

struct Answer {
  Status status = Status::kGaveUp;
  // kNone: the answer is final. Of a solved one: it is a solution, and not
  // proved to be the canonical one.
  Stage unfinished = Stage::kNone;
  // kTime only of an answer that gave up: with what is known by then it would
  // not be the same everywhere.
  Limit limit = Limit::kNone;
  // By node text, then rank. Facts are not listed.
  std::vector<ChosenRelease> chosen;
  // Installed nodes that are absent, and that changed without being asked to.
  uint32_t removed = 0;
  uint32_t changed = 0;
  Statistics statistics;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_ANSWER_H_
