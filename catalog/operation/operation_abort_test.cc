#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "catalog/operation/operation_runner.h"
#include "registry/status/error_details.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/fake_orchestrator.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(1);
constexpr char kOld[] = R"({"id":"/greeter"})";
constexpr char kNew[] = R"({"id":"/greeter","cmd":"new"})";

class OperationAbortTest : public ::testing::Test {
 protected:
  OperationAbortTest() {
    auto cluster = std::make_unique<tests::FakeOrchestrator>();
    cluster_ = cluster.get();
    clusters_.Add("local", std::move(cluster));
  }

  // Stores an operation on greeter 1.0 as the use cases do, to 2.0 when it is
  // an upgrade, and takes it up.
  void Begin(OperationKind kind) {
    Operation operation;
    operation.name = "op";
    operation.kind = kind;
    operation.cluster = "local";
    operation.service = "greeter";
    operation.create_time = kNow;
    PlanStep step;
    step.cluster = "local";
    step.service = "greeter";
    step.package = "greeter";
    const bool is_upgrade = kind == OperationKind::kUpgrade;
    step.version = is_upgrade ? "2.0" : "1.0";
    step.manifest = is_upgrade ? kNew : kOld;
    operation.plan = MakePlan({step}, {});
    ServiceRecord record;
    record.cluster = "local";
    record.name = "greeter";
    record.package = "greeter";
    record.version = "1.0";
    record.manifest = kOld;
    record.operation = operation.name;
    ASSERT_THAT(store_.Put(operation, record, 0), IsOk());
    if (kind != OperationKind::kInstall) {
      ASSERT_THAT(cluster_->Create({"greeter", kOld, {}}), IsOk());
    }
    runner_.Accept(operation);
  }

  ServiceRecord Record() {
    return store_.GetService("local", "greeter")->record;
  }

  std::unique_ptr<registry::SqliteStateStore> state_ =
      *registry::SqliteStateStore::Open(":memory:");
  CatalogStore store_{state_.get()};
  Clusters clusters_;
  tests::FakeOrchestrator* cluster_;
  OperationRunner runner_{&store_, &clusters_, [] { return kNow; }, nullptr};
};

TEST_F(OperationAbortTest, InstallationThatHasNotBegunLeavesNothing) {
  Begin(OperationKind::kInstall);
  const auto ended = runner_.Abort("op");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->state, OperationState::kFailed);
  EXPECT_EQ(ended->error.message(), "aborted; nothing of greeter is left");
  EXPECT_EQ(registry::ReasonOf(ended->error).reason, "OPERATION_ABORTED");
  EXPECT_EQ(ended->end_time, kNow);
  EXPECT_THAT(store_.GetService("local", "greeter"),
              StatusIs(absl::StatusCode::kNotFound));
  runner_.Tick();
  EXPECT_EQ(cluster_->creates, 0);
}

TEST_F(OperationAbortTest, InstallationThatRunsHalfStaysAsAService) {
  Begin(OperationKind::kInstall);
  runner_.Tick();
  cluster_->apps["greeter"].waiting_for = {"instance 0: first health check"};
  const auto ended = runner_.Abort("op");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->error.message(),
            "aborted; greeter stays as it is, greeter 1.0 (instance 0: first "
            "health check); take it away: orrery uninstall greeter");
  EXPECT_EQ(Record().operation, "");
  EXPECT_EQ(Record().version, "1.0");
  EXPECT_EQ(cluster_->apps.count("greeter"), 1u);
}

TEST_F(OperationAbortTest, UpgradeTheClusterKnowsNothingOfChangesNothing) {
  Begin(OperationKind::kUpgrade);
  ASSERT_THAT(runner_.Abort("op"), IsOk());
  EXPECT_EQ(Record().version, "1.0");
  EXPECT_EQ(Record().operation, "");
  runner_.Tick();
  EXPECT_EQ(cluster_->manifests["greeter"], kOld);
}

TEST_F(OperationAbortTest, UpgradeTheClusterWasToldOfIsWhatTheServiceIs) {
  Begin(OperationKind::kUpgrade);
  runner_.Tick();
  ASSERT_THAT(runner_.Abort("op"), IsOk());
  EXPECT_EQ(Record().version, "2.0");
  EXPECT_EQ(Record().manifest, cluster_->manifests["greeter"]);
}

TEST_F(OperationAbortTest, UpgradeOnItsWayBackIsWhatTheClusterWasToldLast) {
  Begin(OperationKind::kUpgrade);
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  cluster_->update_error = absl::InternalError("no answer");
  runner_.Tick();
  runner_.Tick();
  ASSERT_THAT(runner_.Abort("op"), IsOk());
  // It could not go back: the cluster still has the new form.
  EXPECT_EQ(Record().version, "2.0");
  EXPECT_EQ(Record().manifest, cluster_->manifests["greeter"]);
}

TEST_F(OperationAbortTest, UpgradeThatIsGoingBackStaysWhatItWas) {
  Begin(OperationKind::kUpgrade);
  runner_.Tick();
  cluster_->apps["greeter"].state = AppState::kFailed;
  runner_.Tick();
  runner_.Tick();
  ASSERT_THAT(runner_.Abort("op"), IsOk());
  EXPECT_EQ(Record().version, "1.0");
  EXPECT_EQ(cluster_->manifests["greeter"], kOld);
}

TEST_F(OperationAbortTest, UninstallThatHasNotBegunChangesNothing) {
  Begin(OperationKind::kUninstall);
  const auto ended = runner_.Abort("op");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->error.message(),
            "aborted; greeter stays as it is, greeter 1.0; take it away: "
            "orrery uninstall greeter");
  EXPECT_EQ(Record().operation, "");
  EXPECT_EQ(cluster_->apps.count("greeter"), 1u);
}

TEST_F(OperationAbortTest, UninstallTheClusterWasToldOfIsDoneByTheNextOne) {
  Begin(OperationKind::kUninstall);
  cluster_->removes_at_once = false;
  runner_.Tick();
  ASSERT_EQ(cluster_->apps["greeter"].state, AppState::kRemoving);
  const auto ended = runner_.Abort("op");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->error.message(),
            "aborted; the cluster is taking greeter away and cannot be called "
            "back; it stays in the list until: orrery uninstall greeter");
  EXPECT_EQ(Record().operation, "");
}

TEST_F(OperationAbortTest, UninstallOfWhatIsGoneLeavesNothing) {
  Begin(OperationKind::kUninstall);
  cluster_->removes_at_once = false;
  runner_.Tick();
  cluster_->apps.erase("greeter");
  const auto ended = runner_.Abort("op");
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ(ended->error.message(), "aborted; nothing of greeter is left");
  EXPECT_THAT(store_.GetService("local", "greeter"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(OperationAbortTest, AnotherRunOfTheServerDoesNotTakeItUp) {
  Begin(OperationKind::kInstall);
  runner_.Tick();
  ASSERT_THAT(runner_.Abort("op"), IsOk());
  OperationRunner next{&store_, &clusters_, [] { return kNow; }, nullptr};
  ASSERT_THAT(next.Recover(), IsOk());
  EXPECT_EQ(next.running(), 0);
  EXPECT_EQ(registry::ReasonOf(next.Get("op")->error).reason,
            "OPERATION_ABORTED");
}

TEST_F(OperationAbortTest, OneThatHasEndedOrIsUnknownIsRefused) {
  Begin(OperationKind::kInstall);
  runner_.Tick();
  ASSERT_THAT(runner_.Abort("op"), IsOk());
  const absl::Status again = runner_.Abort("op").status();
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(registry::ReasonOf(again).reason, "OPERATION_ENDED");
  const absl::Status unknown = runner_.Abort("none").status();
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(registry::ReasonOf(unknown).reason, "OPERATION_NOT_FOUND");
}

TEST_F(OperationAbortTest, OneThatAnotherHasTakenOverHasEnded) {
  Begin(OperationKind::kInstall);
  StoredService stored = *store_.GetService("local", "greeter");
  Operation uninstall = *runner_.Get("op");
  uninstall.name = "uninstall";
  uninstall.kind = OperationKind::kUninstall;
  stored.record.operation = uninstall.name;
  ASSERT_THAT(store_.Put(uninstall, stored.record, stored.revision), IsOk());
  EXPECT_EQ(registry::ReasonOf(runner_.Abort("op").status()).reason,
            "OPERATION_ENDED");
  EXPECT_EQ(Record().operation, "uninstall");
}

}  // namespace
}  // namespace orrery::catalog
