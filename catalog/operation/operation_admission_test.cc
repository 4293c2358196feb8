// A policy that changes between a plan and its execution.

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/planning_fixture.h"
#include "registry/status/error_details.h"
#include "signing/refusal.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;

class RefusesAll : public ReleaseAdmission {
 public:
  explicit RefusesAll(absl::Status refusal) : refusal_(std::move(refusal)) {}

  absl::Status Admit(const registry::Release& /*release*/) const override {
    return refusal_;
  }
  absl::Status AdmitRunning(const RunningService& /*record*/) const override {
    return refusal_;
  }

 private:
  const absl::Status refusal_;
};

class OperationAdmissionTest : public PlanningTest {
 protected:
  OperationAdmissionTest() {
    Add("zk", 1, "3.4");
    Add("zk", 2, "3.5");
  }

  static ReleaseAdmissionPtr Denied() {
    return std::make_shared<RefusesAll>(
        signing::Refuse(signing::RefusalCode::kNameDenied, "denied"));
  }
  // Nobody can say at the moment.
  static ReleaseAdmissionPtr Unanswered() {
    return std::make_shared<RefusesAll>(
        signing::Refuse(signing::RefusalCode::kLogStale, "too old"));
  }

  Operation Ended(const StartedPlan& started) {
    Finish();
    return *runner_.Get(started.operations.front().name);
  }
};

TEST_F(OperationAdmissionTest, ClusterIsNotToldWhatIsNotAdmittedAnyMore) {
  InstallRequest request;
  request.cluster = "local";
  request.package = "zk";
  const auto started = installer_.Install(request, "");
  ASSERT_THAT(started, IsOk());
  admission_ = Denied();
  const Operation ended = Ended(*started);
  EXPECT_EQ(ended.state, OperationState::kFailed);
  EXPECT_EQ(registry::ReasonOf(ended.error).reason, "NOT_TRUSTED");
  EXPECT_EQ(ended.error.message(),
            "not admitted by policy: name.denied: denied");
  EXPECT_TRUE(cluster_->apps.empty());
  EXPECT_THAT(store_.GetService("local", "zk"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(OperationAdmissionTest, WaitsWhileNobodyCanSayWhatIsAdmitted) {
  InstallRequest request;
  request.cluster = "local";
  request.package = "zk";
  const auto started = installer_.Install(request, "");
  ASSERT_THAT(started, IsOk());
  admission_ = Unanswered();
  const Operation waiting = Ended(*started);
  EXPECT_EQ(waiting.state, OperationState::kRunning);
  EXPECT_THAT(waiting.waiting_for,
              ElementsAre("not admitted by policy: log.stale: too old"));
  EXPECT_TRUE(cluster_->apps.empty());
  admission_ = nullptr;
  EXPECT_EQ(Ended(*started).state, OperationState::kSucceeded);
}

TEST_F(OperationAdmissionTest, ContentOfAnotherRevisionIsAChange) {
  Install("zk", "release=1");
  StoredService stored = *store_.GetService("local", "zk");
  stored.record.tree = "h1:of what ran before";
  Operation done;
  done.name = "done";
  done.state = OperationState::kSucceeded;
  ASSERT_THAT(store_.Put(done, stored.record, stored.revision), IsOk());
  const auto started = upgrader_.Upgrade(Request("zk", "release=1"), "");
  ASSERT_THAT(started, IsOk());
  ASSERT_EQ(started->operations.size(), 1u);
  admission_ = Denied();
  EXPECT_EQ(Ended(*started).state, OperationState::kFailed);
}

TEST_F(OperationAdmissionTest, UpgradeThatIsNotAdmittedLeavesWhatRuns) {
  Install("zk", "release=1");
  const auto started = upgrader_.Upgrade(Request("zk"), "");
  ASSERT_THAT(started, IsOk());
  admission_ = Denied();
  EXPECT_EQ(Ended(*started).state, OperationState::kFailed);
  EXPECT_EQ(VersionOf("zk"), "3.4");
}

TEST_F(OperationAdmissionTest, WhatRunsIsToldNewOptionsAndIsRemoved) {
  Install("zk", "release=1");
  admission_ = Denied();
  UpgradeRequest request = Request("zk", "release=1");
  request.options = R"({"text":"new"})";
  const auto started = upgrader_.Upgrade(request, "");
  ASSERT_THAT(started, IsOk());
  EXPECT_EQ(Ended(*started).state, OperationState::kSucceeded);
  ASSERT_THAT(uninstaller_.Uninstall({.cluster = "local", .service = "zk"}, ""),
              IsOk());
  Finish();
  EXPECT_THAT(store_.GetService("local", "zk"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace orrery::catalog
