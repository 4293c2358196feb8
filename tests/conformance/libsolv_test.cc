// libsolv agrees on what can be satisfied (resolver.md §16 row 8), of all it
// can express.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "resolver/request.h"
#include "resolver/resolve.h"
#include "tests/conformance/problem_files.h"
#include "tests/conformance/random_problem.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"
#include "tests/testing/libsolv_problem.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::tests {
namespace {

bool IsSatisfiable(const resolver::Request& request,
                   resolver::MetadataSource* source) {
  const auto answer = resolver::Resolve(request, *source);
  EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_NE(answer->status, resolver::Status::kGaveUp);
  return answer->status == resolver::Status::kSolved;
}

// In how many of the problems it can be asked.
int Compare(const std::vector<std::string>& paths) {
  CaseFiles files;
  int compared = 0;
  const auto compare = [&](const registry::JsonValue& problem,
                           CaseUniverse* universe) {
    const resolver::Request request =
        universe->ReadRequest(*problem.Find("request"));
    const auto peer = LibsolvProblem::Make(request, universe);
    if (peer == nullptr) return;
    ++compared;
    EXPECT_EQ(IsSatisfiable(request, universe), peer->Solve())
        << problem.FindString("id");
  };
  for (const std::string& path : paths) {
    EXPECT_THAT(files.Visit(path, compare), IsOk());
  }
  return compared;
}

TEST(LibsolvTest, AgreesOnTheCases) {
  if (std::getenv("ORRERY_TEST_DATA") == nullptr) {
    GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
  }
  EXPECT_GT(Compare(CasePaths()), 280);
  EXPECT_EQ(Compare(SmallSuitePaths()), 24);
}

TEST(LibsolvTest, AgreesOnRandomProblems) {
  int compared = 0;
  for (uint32_t seed = 1; seed <= 15'000; ++seed) {
    RandomProblem problem(seed);
    // It is told neither of removals nor of facts that are not there, nor of
    // what counts only where it runs.
    if (!problem.request().remove.empty() ||
        !problem.request().absent_facts.empty() || problem.is_of_running()) {
      continue;
    }
    const auto peer = LibsolvProblem::Make(problem.request(), &problem);
    if (peer == nullptr) continue;
    ++compared;
    EXPECT_EQ(IsSatisfiable(problem.request(), &problem), peer->Solve())
        << seed;
  }
  EXPECT_GT(compared, 1'000);
}

}  // namespace
}  // namespace orrery::tests
