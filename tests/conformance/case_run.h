// One resolver problem, solved and checked against everything it expects.

#ifndef TESTS_CONFORMANCE_CASE_RUN_H_
#define TESTS_CONFORMANCE_CASE_RUN_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "resolver/fact.h"
#include "resolver/fixes.h"
#include "tests/testing/case_universe.h"

namespace orrery::tests {

struct CaseRun {
  std::string id;
  resolver::Answer answer;
  // Labels by package, both sorted.
  std::map<std::string, std::vector<std::string>> solution;
  std::vector<resolver::Fact> facts;
  std::vector<std::string> sentences;
  std::vector<resolver::Fix> fixes;
  // Facts without those of the cluster, and those the case lists; both 0 where
  // it lists none.
  size_t fact_count = 0;
  size_t core_size = 0;
  // Of solving alone.
  double milliseconds = 0;
  // What was not met (resolver.md §15.2, §16 rows 1 to 3); empty if all was.
  std::vector<std::string> faults;
};

// Solves, explains if there is no solution, and checks both. `problem` is an
// `rcase/1` whose packages are those of `universe`.
CaseRun RunCase(const registry::JsonValue& problem, CaseUniverse* universe);

// The fact in the form of `core`: `["needs","a","b"]`.
registry::JsonValue CoreOf(const resolver::Fact& fact);

// As the command line of the runner prints it, one line without its end.
std::string CaseRunLine(const CaseRun& run);

}  // namespace orrery::tests

#endif  // TESTS_CONFORMANCE_CASE_RUN_H_
