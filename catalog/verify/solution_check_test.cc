#include "catalog/verify/solution_check.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "catalog/resolution/lock_file.h"
#include "registry/judge/release.h"
#include "signing/digest.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;

constexpr char kRelations[] = R"({"requires":[{"package":"zk"}]})";

ResolvedNode Node(const std::string& name, NodeAction action) {
  auto release = std::make_shared<registry::Release>();
  release->name = name;
  release->release = 3;
  release->version = "1.0";
  release->source = "u";
  ResolvedNode node;
  node.node = node.package = node.instance = name;
  node.action = action;
  node.release = std::move(release);
  node.tree = "h1:x";
  node.relations_digest = "none";
  return node;
}

// kafka comes with zk, which it uses; app goes, and old stays.
Resolution Answer() {
  Resolution answer;
  answer.status = resolver::Status::kSolved;
  answer.nodes = {Node("zk", NodeAction::kAdd), Node("kafka", NodeAction::kAdd),
                  Node("old", NodeAction::kKeep),
                  Node("app", NodeAction::kRemove)};
  answer.nodes[0].requirements["kafka"] = "zk";
  answer.nodes[1].relations_digest =
      absl::StrCat("sha256:", signing::Digest::Of(kRelations).Hex());
  answer.nodes[1].features = {"tls"};
  answer.nodes[3].release = nullptr;
  return answer;
}

ClaimedStep Step(const std::string& name, const std::string& action) {
  ClaimedStep step;
  step.action = action;
  step.service = step.package = name;
  step.source = "u";
  step.version = "1.0";
  step.tree = "h1:x";
  step.release = 3;
  step.revision = 1;
  return step;
}

std::vector<ClaimedStep> Steps() {
  std::vector<ClaimedStep> steps = {Step("zk", "apply"), Step("kafka", "apply"),
                                    Step("app", "remove")};
  steps[1].relations = kRelations;
  steps[1].features = {"tls"};
  steps[1].providers = {"zk"};
  return steps;
}

absl::Status Check(const std::vector<ClaimedStep>& steps) {
  const Resolution answer = Answer();
  return CheckSolution(steps, LockNodes(answer), answer);
}

TEST(CheckSolutionTest, TakesThePlanThatIsTheAnswer) {
  EXPECT_THAT(Check(Steps()), IsOk());
  // What stays may be told something new.
  std::vector<ClaimedStep> steps = Steps();
  steps.push_back(Step("old", "update"));
  EXPECT_THAT(Check(steps), IsOk());
}

TEST(CheckSolutionTest, RefusesNodesThatAreNotByteForByteTheOwn) {
  const Resolution answer = Answer();
  std::string nodes = LockNodes(answer);
  EXPECT_THAT(CheckSolution(Steps(), nodes + "\n", answer),
              Refused(RefusalCode::kPlanDeps));
  Resolution other = Answer();
  other.nodes[0].why = {"kafka"};
  EXPECT_THAT(CheckSolution(Steps(), LockNodes(other), answer),
              Refused(RefusalCode::kPlanDeps));
  other.nodes.erase(other.nodes.begin());
  EXPECT_THAT(CheckSolution(Steps(), LockNodes(other), answer),
              Refused(RefusalCode::kPlanDeps));
  EXPECT_THAT(CheckSolution(Steps(), nodes, other),
              Refused(RefusalCode::kPlanDeps));
}

TEST(CheckSolutionTest, RefusesAPlanWhereThereIsNoAnswer) {
  for (const auto status :
       {resolver::Status::kUnsatisfiable, resolver::Status::kGaveUp}) {
    Resolution answer = Answer();
    answer.status = status;
    EXPECT_THAT(CheckSolution(Steps(), LockNodes(answer), answer),
                Refused(RefusalCode::kPlanDeps));
  }
}

TEST(CheckSolutionTest, RefusesAStepThatTheAnswerDoesNotHave) {
  for (const ClaimedStep& step :
       {Step("miner", "apply"), Step("old", "remove"), Step("old", "apply"),
        Step("zk", "apply"), Step("app", "update")}) {
    std::vector<ClaimedStep> steps = Steps();
    steps.push_back(step);
    EXPECT_THAT(Check(steps), Refused(RefusalCode::kPlanDeps))
        << step.action << " " << step.service;
  }
}

TEST(CheckSolutionTest, RefusesAPlanThatLeavesSomethingOut) {
  for (size_t i = 0; i < Steps().size(); ++i) {
    std::vector<ClaimedStep> steps = Steps();
    steps.erase(steps.begin() + static_cast<ptrdiff_t>(i));
    EXPECT_THAT(Check(steps), Refused(RefusalCode::kPlanDeps)) << i;
  }
}

TEST(CheckSolutionTest, RefusesAStepThatMakesAServiceSomethingElse) {
  const std::vector<void (*)(ClaimedStep&)> changes = {
      [](ClaimedStep& step) { step.source = "v"; },
      [](ClaimedStep& step) { step.release = 2; },
      [](ClaimedStep& step) { step.revision = 2; },
      [](ClaimedStep& step) { step.tree = "h1:y"; },
      [](ClaimedStep& step) { step.relations = ""; },
      [](ClaimedStep& step) { step.features = {}; },
      [](ClaimedStep& step) { step.providers = {}; },
      [](ClaimedStep& step) {
        step.providers = {"zk", "old"};
      },
      [](ClaimedStep& step) { step.action = "update"; }};
  for (size_t i = 0; i < changes.size(); ++i) {
    std::vector<ClaimedStep> steps = Steps();
    changes[i](steps[1]);
    EXPECT_THAT(Check(steps), Refused(RefusalCode::kPlanDeps)) << i;
  }
}

}  // namespace
}  // namespace orrery::catalog
