#include "catalog/orchestrator/local/local_rollout.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

struct PaceCase {
  int64_t instances;
  double minimum;
  double over;
  bool ports;
  RolloutPace pace;
};

class PaceTest : public ::testing::TestWithParam<PaceCase> {};

TEST_P(PaceTest, IsMarathonsFormula) {
  MarathonApp app;
  app.instances = GetParam().instances;
  app.upgrade_strategy =
      AppUpgradeStrategy{GetParam().minimum, GetParam().over};
  if (GetParam().ports) app.port_definitions = {{0, "api", "tcp", {}}};
  const RolloutPace pace = PaceOf(app);
  EXPECT_EQ(pace.min_up, GetParam().pace.min_up);
  EXPECT_EQ(pace.most, GetParam().pace.most);
  EXPECT_EQ(pace.stop_start, GetParam().pace.stop_start);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PaceTest,
    ::testing::Values(PaceCase{4, 1, 1, false, {4, 8, false}},
                      PaceCase{4, 0.5, 0.5, false, {2, 6, false}},
                      // Parts of instances: up for those that must serve, down
                      // for those that may run.
                      PaceCase{3, 0.5, 0.5, false, {2, 4, false}},
                      PaceCase{3, 0.1, 0.1, false, {1, 3, true}},
                      // No room: one over.
                      PaceCase{4, 1, 0, false, {4, 5, false}},
                      PaceCase{1, 1, 0.5, false, {1, 2, false}},
                      PaceCase{4, 0, 0, false, {0, 4, true}},
                      // Ports stay, so nothing runs beside its successor.
                      PaceCase{1, 1, 1, true, {0, 1, true}},
                      PaceCase{4, 1, 1, true, {3, 4, true}},
                      PaceCase{4, 0.5, 1, true, {2, 4, true}}));

class RolloutTest : public ::testing::Test {
 protected:
  // An app whose instances of generation 1 run, updated to generation 2.
  void Update(int instances, int wanted, const AppUpgradeStrategy& strategy,
              bool ports) {
    MarathonApp model;
    model.instances = wanted;
    model.upgrade_strategy = strategy;
    if (ports) model.port_definitions = {{0, "api", "tcp", {}}};
    app_.app = std::make_shared<const MarathonApp>(model);
    for (int i = 0; i < instances; ++i) {
      app_.slots.emplace_back(i, std::vector<int>(),
                              Backoff(absl::Seconds(1), 2, absl::Hours(1)));
      Run(&app_.slots.back(), 1);
    }
    app_.record.generation = 2;
    app_.record.valid = {2};
    app_.record.ports.resize(static_cast<size_t>(wanted));
    RenewSlots(&app_);
  }
  void Run(LocalSlot* slot, int64_t generation) {
    slot->instance = std::make_unique<LocalInstance>();
    LocalInstance& instance = *slot->instance;
    instance.plan.app = app_.app;
    instance.plan.record.generation = generation;
    instance.plan.progress = std::make_shared<FetchProgress>();
    instance.phase = InstancePhase::kRunning;
    instance.checks.emplace(*app_.app, std::vector<int>(), "127.0.0.1", kNow);
  }
  // What is to end ends, and what is missing runs at once.
  void Settle() {
    for (LocalSlot& slot : app_.slots) {
      if (slot.instance != nullptr && slot.instance->stop.has_value()) {
        slot.instance.reset();
      }
      if (slot.instance == nullptr && !slot.retiring) Run(&slot, 2);
    }
    std::erase_if(app_.slots, [](const LocalSlot& slot) {
      return slot.retiring && slot.instance == nullptr;
    });
  }
  // Slots whose instances are to end.
  std::vector<int> Ending() const {
    std::vector<int> ending;
    for (const LocalSlot& slot : app_.slots) {
      if (slot.instance != nullptr && slot.instance->stop.has_value()) {
        ending.push_back(slot.index);
      }
    }
    return ending;
  }
  int Retiring() const {
    return static_cast<int>(
        std::count_if(app_.slots.begin(), app_.slots.end(),
                      [](const LocalSlot& slot) { return slot.retiring; }));
  }

  LocalApp app_;
};

TEST_F(RolloutTest, StopsNoMoreThanMayBeMissing) {
  Update(4, 4, {0.5, 0.0}, /*ports=*/true);
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(0, 1));
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(0, 1));
  Settle();
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(2, 3));
  EXPECT_FALSE(IsRolledOut(app_));
  Settle();
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), IsEmpty());
  EXPECT_TRUE(IsRolledOut(app_));
}

TEST_F(RolloutTest, WaitsUntilTheSuccessorServes) {
  Update(2, 2, {1, 0}, /*ports=*/true);
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(0));
  Settle();
  app_.slots[0].instance->phase = InstancePhase::kStarting;
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), IsEmpty());
  app_.slots[0].instance->phase = InstancePhase::kRunning;
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(1));
}

TEST_F(RolloutTest, SuccessorThatWasAdoptedHasToShowThatItServes) {
  Update(2, 2, {1, 0}, /*ports=*/true);
  StepRollout(kNow, &app_);
  Settle();
  MarathonApp checked = *app_.app;
  checked.health_checks.emplace_back();
  LocalInstance& successor = *app_.slots[0].instance;
  successor.checks.emplace(checked, std::vector<int>{31000}, "127.0.0.1", kNow);
  successor.adopted = true;
  app_.slots[1].instance->adopted = true;
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), IsEmpty());
}

TEST_F(RolloutTest, OldOneServesBesideItsSuccessorWhereNothingForbidsIt) {
  Update(2, 2, {1, 0}, /*ports=*/false);
  StepRollout(kNow, &app_);
  // One over: the first gives its slot away and stays until it is filled.
  EXPECT_EQ(Retiring(), 1);
  EXPECT_THAT(Ending(), IsEmpty());
  StepRollout(kNow, &app_);
  EXPECT_EQ(Retiring(), 1);
  Settle();
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(0));
}

TEST_F(RolloutTest, WhatDoesNotServeIsReplacedAtOnce) {
  Update(3, 3, {1, 0}, /*ports=*/true);
  app_.slots[1].instance->phase = InstancePhase::kStarting;
  app_.slots[2].instance->phase = InstancePhase::kStarting;
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(1, 2));
}

TEST_F(RolloutTest, FewerInstancesEndAtOnceAndTheOthersRunOn) {
  Update(3, 1, {1, 1}, /*ports=*/true);
  app_.record.valid = {1, 2};
  StepRollout(kNow, &app_);
  EXPECT_THAT(Ending(), ElementsAre(1, 2));
  Settle();
  EXPECT_TRUE(IsRolledOut(app_));
  EXPECT_EQ(app_.slots.size(), 1u);
}

TEST_F(RolloutTest, MoreInstancesGetSlotsOfTheirOwn) {
  Update(1, 3, {1, 1}, /*ports=*/true);
  ASSERT_EQ(app_.slots.size(), 3u);
  EXPECT_EQ(app_.slots[2].index, 2);
  EXPECT_EQ(app_.slots[2].instance, nullptr);
}

TEST_F(RolloutTest, GoingBackKeepsTheOldOneThatStillServes) {
  Update(2, 2, {1, 0}, /*ports=*/false);
  StepRollout(kNow, &app_);
  ASSERT_EQ(Retiring(), 1);
  const LocalInstance* const old = app_.slots[2].instance.get();
  Run(&app_.slots[0], 2);
  app_.slots[0].instance->phase = InstancePhase::kStarting;
  const LocalInstance* const successor = app_.slots[0].instance.get();
  app_.record.generation = 3;
  app_.record.valid = {1, 3};
  RenewSlots(&app_);
  EXPECT_EQ(app_.slots[0].instance.get(), old);
  EXPECT_EQ(app_.slots[2].instance.get(), successor);
  StepRollout(kNow, &app_);
  EXPECT_FALSE(old->stop.has_value());
  EXPECT_TRUE(successor->stop.has_value());
  Settle();
  EXPECT_TRUE(IsRolledOut(app_));
}

TEST_F(RolloutTest, GoingBackLeavesAloneWhatEndsAlreadyOrHasOtherPorts) {
  for (const bool ends : {true, false}) {
    app_ = LocalApp();
    Update(1, 1, {1, 0}, /*ports=*/false);
    StepRollout(kNow, &app_);
    ASSERT_EQ(Retiring(), 1);
    LocalInstance& old = *app_.slots[1].instance;
    if (ends) {
      old.stop = StopOrder{kNow, "", 0, kNow};
    } else {
      old.plan.record.ports = {31000};
    }
    app_.record.generation = 3;
    app_.record.valid = {1, 3};
    RenewSlots(&app_);
    EXPECT_EQ(app_.slots[0].instance, nullptr);
    EXPECT_EQ(app_.slots[1].instance.get(), &old);
  }
}

TEST_F(RolloutTest, HasNotComeUpWhileItsNextGenerationIsWritten) {
  Update(1, 1, {1, 1}, /*ports=*/true);
  EXPECT_FALSE(HasJustComeUp(app_));
  app_.record.valid = {1, 2};
  EXPECT_TRUE(HasJustComeUp(app_));
  app_.becoming = app_.app;
  EXPECT_FALSE(HasJustComeUp(app_));
  app_.becoming.reset();
  app_.record.deployed_time = kNow;
  EXPECT_FALSE(HasJustComeUp(app_));
}

TEST_F(RolloutTest, NewFormStartsWithoutThePastOfTheOldOne) {
  Update(1, 1, {1, 1}, /*ports=*/true);
  app_.slots[0].permanent_failure = "artifact has another digest";
  app_.slots[0].next_launch = kNow + absl::Minutes(5);
  app_.record.generation = 3;
  app_.record.valid = {3};
  RenewSlots(&app_);
  EXPECT_EQ(app_.slots[0].permanent_failure, "");
  EXPECT_EQ(app_.slots[0].next_launch, absl::InfinitePast());
}

}  // namespace
}  // namespace orrery::catalog
