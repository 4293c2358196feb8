// Every problem of resolver.md §15 against everything it expects.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
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
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

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

// People know packages and releases, not how they are searched (§11.3).
TEST_F(ResolverCasesTest, SentencesHaveNoWordsOfTheSolver) {
  for (const JsonValue& problem : ReadCases()) {
    CaseUniverse universe(*problem.Find("packages"));
    const CaseRun run = RunCase(problem, &universe);
    std::vector<std::string> texts = run.sentences;
    for (const resolver::Fix& fix : run.fixes) {
      texts.push_back(absl::StrCat(fix.text, ": ", fix.effect));
    }
    for (const std::string& text : texts) {
      for (absl::string_view word :
           absl::StrSplit(text, absl::ByAnyChar(" ,;:()"))) {
        if (problem.Find("packages")->Find(word) != nullptr) continue;
        absl::ConsumeSuffix(&word, "s");
        EXPECT_THAT(word, Not(AnyOf("nogood", "node", "rank", "clause", "leaf",
                                    "literal", "domain")))
            << run.id << ": " << text;
      }
      EXPECT_NE(text.back(), '.') << run.id << ": " << text;
    }
  }
}

}  // namespace
}  // namespace orrery::tests
