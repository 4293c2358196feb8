// Where the resolver problems are that tests read (resolver.md §15).

#ifndef TESTS_CONFORMANCE_PROBLEM_FILES_H_
#define TESTS_CONFORMANCE_PROBLEM_FILES_H_

#include <string>
#include <vector>

namespace orrery::tests {

// Below ORRERY_TEST_DATA, sorted. Require that it is set.
std::vector<std::string> CasePaths();
std::vector<std::string> LargePaths();

// Made by the generator, in the temporary directory of the test. Empty if that
// fails.
std::vector<std::string> SmallSuitePaths();

}  // namespace orrery::tests

#endif  // TESTS_CONFORMANCE_PROBLEM_FILES_H_
