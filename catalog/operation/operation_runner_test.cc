#include "catalog/operation/operation_runner.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/store/uuid.h"
#include "registry/status/error_details.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/fake_orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(1);

class OperationRunnerTest : public ::testing::Test {
 protected:
  OperationRunnerTest() {
    auto cluster = std::make_unique<tests::FakeOrchestrator>();
    cluster_ = cluster.get();
    clusters_.Add("local", std::move(cluster));
  }

  // Stores an operation on the service `greeter` as the use cases do.
  Operation Begin(OperationKind kind, std::string name = NewUuid()) {
    Operation operation;
    operation.name = std::move(name);
    operation.kind = kind;
    operation.cluster = "local";
    operation.service = "greeter";
    operation.create_time = kNow;
    PlanStep step;
    step.service = "greeter";
    step.manifest = R"({"id":"/greeter"})";
    operation.plan = MakePlan({step}, {});
    ServiceRecord record;
    record.cluster = "local";
    record.name = "greeter";
    record.operation = operation.name;
    const auto stored = store_.GetService("local", "greeter");
    EXPECT_THAT(
        store_.Put(operation, record, stored.ok() ? stored->revision : 0),
        IsOk());
    return operation;
  }

  void InstallAndEstablish() {
    const Operation operation = Begin(OperationKind::kInstall);
    runner_.Accept(operation);
    runner_.Tick();
    cluster_->apps["greeter"].state = AppState::kRunning;
    runner_.Tick();
  }

  std::unique_ptr<registry::SqliteStateStore> state_ =
      *registry::SqliteStateStore::Open(":memory:");
  CatalogStore store_{state_.get()};
  Clusters clusters_;
  tests::FakeOrchestrator* cluster_;
  OperationRunner runner_{&store_, &clusters_, [] { return kNow; }, nullptr};
};

TEST_F(OperationRunnerTest, InstallEndsWhenTheAppRuns) {
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();
  EXPECT_EQ(cluster_->last_request.manifest, R"({"id":"/greeter"})");
  EXPECT_TRUE(runner_.Get(operation.name)->running());

  cluster_->apps["greeter"].state = AppState::kRunning;
  runner_.Tick();
  const auto ended = store_.GetOperation(operation.name);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state, OperationState::kSucceeded);
  EXPECT_EQ(ended->end_time, kNow);
  const auto service = store_.GetService("local", "greeter");
  ASSERT_THAT(service, IsOk());
  EXPECT_TRUE(service->record.established);
  EXPECT_EQ(service->record.operation, "");
  EXPECT_EQ(runner_.running(), 0);
}

TEST_F(OperationRunnerTest, WhatTheAppWaitsForIsShown) {
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();
  cluster_->apps["greeter"].waiting_for = {"instance 0: first health check"};
  runner_.Tick();
  EXPECT_THAT(runner_.Get(operation.name)->waiting_for,
              ElementsAre("instance 0: first health check"));
}

TEST_F(OperationRunnerTest, RefusedCreationLeavesNoService) {
  cluster_->create_error = absl::FailedPreconditionError("port 80 is taken");
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();
  const auto ended = runner_.Get(operation.name);
  EXPECT_EQ(ended->state, OperationState::kFailed);
  EXPECT_EQ(ended->error.message(), "port 80 is taken");
  EXPECT_THAT(store_.GetService("local", "greeter"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(OperationRunnerTest, FailedAppIsTakenAwayBeforeTheOperationFails) {
  cluster_->removes_at_once = false;
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  cluster_->apps["greeter"].failure = "exit 1";
  runner_.Tick();
  EXPECT_TRUE(runner_.Get(operation.name)->running());
  cluster_->FinishRemoval("greeter");
  cluster_->receipts["greeter"].kept = {{"sandbox", "/s/greeter", "rm it"}};
  runner_.Tick();
  const auto ended = runner_.Get(operation.name);
  EXPECT_EQ(ended->state, OperationState::kFailed);
  EXPECT_EQ(ended->error.message(), "exit 1");
  ASSERT_TRUE(ended->receipt.has_value());
  ASSERT_EQ(ended->receipt->kept.size(), 1u);
  EXPECT_EQ(ended->receipt->kept[0].path, "/s/greeter");
  EXPECT_THAT(store_.GetService("local", "greeter"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(cluster_->creates, 1);
}

TEST_F(OperationRunnerTest, RestartDuringARollbackDoesNotInstallAgain) {
  cluster_->removes_at_once = false;
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  runner_.Tick();
  cluster_->FinishRemoval("greeter");

  OperationRunner restarted(
      &store_, &clusters_, [] { return kNow; }, nullptr);
  ASSERT_THAT(restarted.Recover(), IsOk());
  restarted.Tick();
  EXPECT_EQ(cluster_->creates, 1);
  EXPECT_EQ(restarted.Get(operation.name)->state, OperationState::kFailed);
}

TEST_F(OperationRunnerTest, RestartTakesUpAnInstallWithoutCreatingTwice) {
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();

  OperationRunner restarted(
      &store_, &clusters_, [] { return kNow; }, nullptr);
  ASSERT_THAT(restarted.Recover(), IsOk());
  cluster_->apps["greeter"].state = AppState::kRunning;
  restarted.Tick();
  EXPECT_EQ(cluster_->creates, 1);
  EXPECT_EQ(restarted.Get(operation.name)->state, OperationState::kSucceeded);
}

TEST_F(OperationRunnerTest, UninstallEndsWhenTheAppIsSeenGone) {
  InstallAndEstablish();
  cluster_->removes_at_once = false;
  const Operation operation = Begin(OperationKind::kUninstall);
  runner_.Accept(operation);
  runner_.Tick();
  EXPECT_TRUE(runner_.Get(operation.name)->running());
  EXPECT_THAT(store_.GetService("local", "greeter"), IsOk());

  cluster_->FinishRemoval("greeter");
  runner_.Tick();
  const auto ended = runner_.Get(operation.name);
  EXPECT_EQ(ended->state, OperationState::kSucceeded);
  ASSERT_TRUE(ended->receipt.has_value());
  EXPECT_EQ(ended->receipt->removed[0].path, "greeter-task");
  EXPECT_EQ(ended->receipt->removed[1].kind, "service");
  EXPECT_THAT(store_.GetService("local", "greeter"),
              StatusIs(absl::StatusCode::kNotFound));
}

// The runner goes by name; either may come first.
class UninstallDuringInstallTest : public OperationRunnerTest,
                                   public ::testing::WithParamInterface<
                                       std::pair<const char*, const char*>> {};

TEST_P(UninstallDuringInstallTest, EndsTheInstallAndLeavesNothing) {
  const auto& [install_name, uninstall_name] = GetParam();
  const Operation install = Begin(OperationKind::kInstall, install_name);
  runner_.Accept(install);
  runner_.Tick();
  const Operation uninstall = Begin(OperationKind::kUninstall, uninstall_name);
  runner_.Accept(uninstall);
  runner_.Tick();
  runner_.Tick();
  EXPECT_THAT(runner_.Get(install.name)->error,
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner_.Get(uninstall.name)->state, OperationState::kSucceeded);
  EXPECT_EQ(cluster_->creates, 1);
  EXPECT_EQ(cluster_->apps.count("greeter"), 0u);
  EXPECT_EQ(runner_.running(), 0);
}

INSTANTIATE_TEST_SUITE_P(Orders, UninstallDuringInstallTest,
                         ::testing::Values(std::make_pair("a", "b"),
                                           std::make_pair("b", "a")));

TEST_F(OperationRunnerTest, InstallThatFailsDoesNotEndTheUninstallOfItself) {
  cluster_->create_error = absl::FailedPreconditionError("port 80 is taken");
  const Operation install = Begin(OperationKind::kInstall);
  Operation uninstall;
  cluster_->before_create = [&] {
    uninstall = Begin(OperationKind::kUninstall);
    runner_.Accept(uninstall);
  };
  runner_.Accept(install);
  runner_.Tick();
  const auto taken = store_.GetService("local", "greeter");
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->record.operation, uninstall.name);
  runner_.Tick();
  runner_.Tick();
  EXPECT_THAT(runner_.Get(install.name)->error,
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner_.Get(uninstall.name)->state, OperationState::kSucceeded);
}

TEST_F(OperationRunnerTest, FullDiskMakesTheInstallWait) {
  cluster_->create_error = absl::ResourceExhaustedError("disk full");
  const Operation operation = Begin(OperationKind::kInstall);
  runner_.Accept(operation);
  runner_.Tick();
  EXPECT_THAT(runner_.Get(operation.name)->waiting_for,
              ElementsAre("disk full"));
  cluster_->create_error = absl::OkStatus();
  runner_.Tick();
  EXPECT_THAT(runner_.Get(operation.name)->waiting_for, IsEmpty());
}

TEST_F(OperationRunnerTest, BusyErrorSaysWhichSinceWhenAndWhatItWaitsFor) {
  Operation operation = Begin(OperationKind::kInstall, "op-1");
  runner_.Accept(operation);
  runner_.Tick();
  cluster_->apps["greeter"].waiting_for = {"instance 0: first health check"};
  runner_.Tick();
  const auto service = store_.GetService("local", "greeter");
  const absl::Status busy = runner_.BusyError(service->record);
  EXPECT_THAT(busy,
              StatusIs(absl::StatusCode::kAborted,
                       "operation op-1 is under way on service greeter since "
                       "1970-01-01T01:00:00Z, waiting for: instance 0: first "
                       "health check; see: orrery status greeter, wait for "
                       "its end: orrery operation watch op-1, or end it: "
                       "orrery operation abort op-1"));
  EXPECT_EQ(registry::ReasonOf(busy).metadata["operation"], "op-1");
}

TEST_F(OperationRunnerTest, ThreadBringsAnOperationToItsEnd) {
  InstallAndEstablish();
  const Operation operation = Begin(OperationKind::kUninstall);
  runner_.Start();
  runner_.Accept(operation);
  constexpr absl::Duration kPatience = absl::Seconds(30);
  const absl::Time give_up = absl::Now() + kPatience;
  while (runner_.Get(operation.name)->running() && absl::Now() < give_up) {
    std::this_thread::yield();
  }
  runner_.Stop();
  EXPECT_EQ(runner_.Get(operation.name)->state, OperationState::kSucceeded);
}

TEST_F(OperationRunnerTest, UnknownOperationHasAReason) {
  const auto missing = runner_.Get("nope");
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(registry::ReasonOf(missing.status()).reason, "OPERATION_NOT_FOUND");
}

// A service that runs release 1 and is to become release 2.
class UpgradeOperationTest : public OperationRunnerTest {
 protected:
  UpgradeOperationTest() {
    InstallAndEstablish();
    StoredService stored = *store_.GetService("local", "greeter");
    stored.record.package = "greeter";
    stored.record.version = "1.0";
    stored.record.manifest = R"({"id":"/greeter"})";
    PlanStep step;
    step.action = PlanAction::kUpdate;
    step.cluster = "local";
    step.service = "greeter";
    step.package = "greeter";
    step.release = 2;
    step.version = "2.0";
    step.manifest = R"({"id":"/greeter","cmd":"new"})";
    operation_.name = "upgrade-1";
    operation_.kind = OperationKind::kUpgrade;
    operation_.cluster = "local";
    operation_.service = "greeter";
    operation_.create_time = kNow;
    operation_.plan = MakePlan({step}, {});
    stored.record.operation = operation_.name;
    EXPECT_THAT(store_.Put(operation_, stored.record, stored.revision), IsOk());
    runner_.Accept(operation_);
  }

  ServiceRecord Record() {
    return store_.GetService("local", "greeter")->record;
  }

  Operation operation_;
};

TEST_F(UpgradeOperationTest, RecordChangesWhenTheNewReleaseRuns) {
  runner_.Tick();
  EXPECT_EQ(cluster_->updates, 1);
  EXPECT_EQ(cluster_->last_request.manifest,
            R"({"id":"/greeter","cmd":"new"})");
  EXPECT_EQ(Record().version, "1.0");
  cluster_->apps["greeter"].state = AppState::kRunning;
  runner_.Tick();
  EXPECT_EQ(Record().version, "2.0");
  EXPECT_EQ(Record().manifest, R"({"id":"/greeter","cmd":"new"})");
  EXPECT_EQ(Record().operation, "");
  EXPECT_EQ(runner_.Get("upgrade-1")->state, OperationState::kSucceeded);
}

TEST_F(UpgradeOperationTest, FailureGoesBackToWhatRan) {
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  cluster_->apps["greeter"].failure = "it exits with 1";
  runner_.Tick();
  runner_.Tick();
  EXPECT_EQ(cluster_->last_request.manifest, R"({"id":"/greeter"})");
  EXPECT_EQ(runner_.Get("upgrade-1")->state, OperationState::kRunning);
  cluster_->apps["greeter"].state = AppState::kRunning;
  runner_.Tick();
  const Operation ended = *runner_.Get("upgrade-1");
  EXPECT_EQ(ended.state, OperationState::kFailed);
  EXPECT_EQ(ended.error.message(), "it exits with 1; greeter 1.0 runs again");
  EXPECT_EQ(Record().version, "1.0");
  EXPECT_EQ(Record().operation, "");
}

TEST_F(UpgradeOperationTest, WhatTheClusterRefusesChangesNothing) {
  cluster_->update_error = absl::FailedPreconditionError("port taken");
  runner_.Tick();
  EXPECT_EQ(runner_.Get("upgrade-1")->error.message(), "port taken");
  EXPECT_EQ(Record().version, "1.0");
  EXPECT_EQ(Record().operation, "");
}

TEST_F(UpgradeOperationTest, RefusalDoesNotEndTheUninstallThatCameMeanwhile) {
  cluster_->update_error = absl::FailedPreconditionError("port taken");
  Operation uninstall;
  cluster_->before_update = [&] {
    uninstall = Begin(OperationKind::kUninstall);
    runner_.Accept(uninstall);
  };
  runner_.Tick();
  EXPECT_EQ(Record().operation, uninstall.name);
  runner_.Tick();
  runner_.Tick();
  EXPECT_THAT(runner_.Get("upgrade-1")->error,
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner_.Get(uninstall.name)->state, OperationState::kSucceeded);
  EXPECT_EQ(cluster_->apps.count("greeter"), 0u);
}

TEST_F(UpgradeOperationTest, ReturnThatIsRefusedIsTriedAgain) {
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  cluster_->apps["greeter"].failure = "it exits with 1";
  runner_.Tick();
  cluster_->update_error = absl::InternalError("no answer");
  runner_.Tick();
  EXPECT_TRUE(runner_.Get("upgrade-1")->running());
  EXPECT_THAT(runner_.Get("upgrade-1")->waiting_for, ElementsAre("no answer"));
  EXPECT_EQ(Record().operation, "upgrade-1");
  cluster_->update_error = absl::OkStatus();
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kRunning;
  runner_.Tick();
  EXPECT_EQ(runner_.Get("upgrade-1")->error.message(),
            "it exits with 1; greeter 1.0 runs again");
  EXPECT_EQ(cluster_->manifests["greeter"], R"({"id":"/greeter"})");
}

TEST_F(UpgradeOperationTest, AnotherRunOfTheServerTakesItUp) {
  runner_.Tick();
  OperationRunner next{&store_, &clusters_, [] { return kNow; }, nullptr};
  ASSERT_THAT(next.Recover(), IsOk());
  next.Tick();
  // What was said once is not said again.
  EXPECT_EQ(cluster_->updates, 1);
  cluster_->apps["greeter"].state = AppState::kRunning;
  next.Tick();
  EXPECT_EQ(Record().version, "2.0");
}

TEST_F(UpgradeOperationTest, WaitsForWhatComesFirstAndStaysWhenThatFails) {
  Operation before = operation_;
  before.name = "before";
  before.service = "zk";
  before.state = OperationState::kFailed;
  before.error = absl::FailedPreconditionError("no disk");
  ASSERT_THAT(store_.PutOperation(before), IsOk());
  operation_.after = {"before"};
  runner_.Accept(operation_);
  runner_.Tick();
  EXPECT_EQ(cluster_->updates, 0);
  EXPECT_EQ(runner_.Get("upgrade-1")->error.message(),
            "zk, which comes before it, did not come up: no disk");
  EXPECT_EQ(Record().version, "1.0");
}

}  // namespace
}  // namespace orrery::catalog
