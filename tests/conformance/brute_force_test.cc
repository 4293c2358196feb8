// Random problems against brute force, and every solution against the rules.

#include "tests/conformance/brute_force.h"

#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "resolver/check.h"
#include "resolver/resolve.h"
#include "tests/conformance/random_problem.h"

namespace orrery::tests {
namespace {

using resolver::Answer;
using resolver::Status;

TEST(BruteForceTest, SolverAgreesOnTenThousandProblems) {
  constexpr uint32_t kProblems = 10'000;
  uint32_t solved = 0;
  for (uint32_t seed = 1; seed <= kProblems; ++seed) {
    SCOPED_TRACE(seed);
    RandomProblem problem(seed);
    const Answer expected = BruteForce(problem);
    const auto answer = resolver::Resolve(problem.request(), problem);
    ASSERT_TRUE(answer.ok()) << answer.status();
    const auto violations =
        resolver::Check(problem.request(), answer->chosen, problem);
    ASSERT_TRUE(violations.ok()) << violations.status();
    for (const auto& violation : *violations) {
      if (answer->status != Status::kSolved) break;
      ADD_FAILURE() << violation.rule << " " << violation.node << ": "
                    << violation.text;
    }
    ASSERT_EQ(answer->status, expected.status);
    if (expected.status != Status::kSolved) continue;
    ++solved;
    ASSERT_EQ(answer->removed, expected.removed);
    ASSERT_EQ(answer->changed, expected.changed);
    ASSERT_EQ(answer->chosen, expected.chosen);
  }
  // The problems are worth something only if both answers are common.
  EXPECT_GT(solved, kProblems / 4);
  EXPECT_LT(solved, kProblems * 9 / 10);
}

}  // namespace
}  // namespace orrery::tests
