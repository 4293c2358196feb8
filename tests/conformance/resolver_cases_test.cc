// Every problem of resolver.md §15 against everything it expects.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_value.h"
#include "resolver/answer.h"
#include "resolver/check.h"
#include "resolver/request.h"
#include "resolver/resolve.h"
#include "tests/conformance/case_run.h"
#include "tests/conformance/problem_files.h"
#include "tests/testing/case_files.h"
#include "tests/testing/case_universe.h"

namespace orrery::tests {
namespace {

using registry::JsonValue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<JsonValue> ReadCases() {
  std::vector<JsonValue> cases;
  for (const std::string& path : CasePaths()) {
    const auto document = ReadCaseFile(path);
    EXPECT_TRUE(document.ok()) << document.status();
    if (!document.ok()) continue;
    for (const JsonValue& item : document->items()) cases.push_back(item);
  }
  return cases;
}

class ResolverCasesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("ORRERY_TEST_DATA") == nullptr) {
      GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
    }
  }
};

TEST_F(ResolverCasesTest, EveryExpectationIsMet) {
  const std::vector<JsonValue> cases = ReadCases();
  EXPECT_EQ(cases.size(), 321u);
  size_t facts = 0;
  size_t core = 0;
  for (const JsonValue& problem : cases) {
    CaseUniverse universe(*problem.Find("packages"));
    const CaseRun run = RunCase(problem, &universe);
    EXPECT_THAT(run.faults, IsEmpty()) << run.id;
    facts += run.fact_count;
    core += run.core_size;
  }
  EXPECT_LE(facts, core * 1.05);
}

// §16 row 11: less than is needed gives less, never something wrong.
TEST_F(ResolverCasesTest, NoBudgetGivesAWrongStatus) {
  for (const JsonValue& problem : ReadCases()) {
    CaseUniverse universe(*problem.Find("packages"));
    resolver::Request request = universe.ReadRequest(*problem.Find("request"));
    const resolver::Answer whole = *resolver::Resolve(request, universe);
    uint64_t step = 1;
    for (; step < whole.statistics.steps; step += 1 + step / 3) {
      request.max_steps = step;
      const auto answer = resolver::Resolve(request, universe);
      if (answer->status == resolver::Status::kGaveUp) continue;
      EXPECT_EQ(answer->status, whole.status) << problem.FindString("id");
      const auto violations =
          resolver::Check(request, answer->chosen, universe);
      EXPECT_TRUE(answer->chosen.empty() || violations->empty())
          << problem.FindString("id") << " " << step;
    }
  }
}

// The example of resolver.md §11.6 that needs no fixes.
TEST_F(ResolverCasesTest, SentencesAreThoseOfTheExample) {
  size_t found = 0;
  for (const JsonValue& problem : ReadCases()) {
    if (problem.FindString("id") != "cluster/singleton-claim") continue;
    ++found;
    CaseUniverse universe(*problem.Find("packages"));
    EXPECT_THAT(RunCase(problem, &universe).sentences,
                ElementsAre("you ask for edge-lb", "you ask for marathon-lb",
                            "only one service can hold vip:10.0.0.1: edge-lb "
                            "and marathon-lb want it"));
  }
  EXPECT_EQ(found, 1u);
}

// An order that the case file does not have: packages listed backwards.
TEST_F(ResolverCasesTest, OrderOfPackagesChangesNoByte) {
  for (const JsonValue& problem : ReadCases()) {
    JsonValue shuffled = problem;
    auto& members = shuffled.Find("packages")->members();
    std::reverse(members.begin(), members.end());
    CaseUniverse universe(*problem.Find("packages"));
    CaseUniverse backwards(*shuffled.Find("packages"));
    CaseRun run = RunCase(problem, &universe);
    CaseRun other = RunCase(shuffled, &backwards);
    run.milliseconds = other.milliseconds = 0;
    EXPECT_EQ(CaseRunLine(run), CaseRunLine(other));
  }
}

}  // namespace
}  // namespace orrery::tests
