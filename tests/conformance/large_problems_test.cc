// Large requests and the small suite of the generator against everything they
// expect (resolver.md §15.3, §16).

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_value.h"
#include "tests/conformance/case_run.h"
#include "tests/conformance/problem_files.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::tests {
namespace {

using ::testing::IsEmpty;

// Twice what the worst of them take: npm/jest, and five pigeonholes.
constexpr uint64_t kMostSteps = 28'000;
constexpr uint64_t kMostSmallSteps = 2'300;

class LargeProblemsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("ORRERY_TEST_DATA") == nullptr) {
      GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    }
  }

  // How many problems there were.
  static size_t Run(const std::vector<std::string>& paths, uint64_t max_steps) {
    size_t problems = 0;
    CaseFiles files;
    for (const std::string& path : paths) {
      EXPECT_THAT(
          files.Visit(path,
                      [&](const auto& problem, CaseUniverse* universe) {
                        ++problems;
                        const CaseRun run = RunCase(problem, universe);
                        EXPECT_THAT(run.faults, IsEmpty()) << run.id;
                        EXPECT_LE(run.answer.statistics.steps, max_steps)
                            << run.id;
                      }),
          IsOk());
    }
    return problems;
  }
};

TEST_F(LargeProblemsTest, EveryExpectationOfTheRequestsIsMet) {
  EXPECT_EQ(Run(LargePaths(), kMostSteps), 30u + 14u + 14u + 641u + 1u);
}

TEST_F(LargeProblemsTest, EveryExpectationOfTheSmallSuiteIsMet) {
  EXPECT_EQ(Run(SmallSuitePaths(), kMostSmallSteps), 24u);
}

}  // namespace
}  // namespace orrery::tests
