// The answer of resolver.md §9 by looking at every solution.

#ifndef TESTS_CONFORMANCE_BRUTE_FORCE_H_
#define TESTS_CONFORMANCE_BRUTE_FORCE_H_

#include "resolver/answer.h"
#include "tests/conformance/random_problem.h"

namespace orrery::tests {

// Status, chosen releases and counts: the definition, word for word. Only what
// breaks a rule whatever else is chosen is not looked at further.
resolver::Answer BruteForce(const RandomProblem& problem);

}  // namespace orrery::tests

#endif  // TESTS_CONFORMANCE_BRUTE_FORCE_H_
