#include "catalog/orchestrator/local/app_status.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kCreated = absl::FromUnixSeconds(1700000000);

absl::Time At(double seconds) { return kCreated + absl::Seconds(seconds); }

class AppStatusTest : public ::testing::Test {
 protected:
  AppStatusTest() {
    model_.id = "/echod";
    model_.port_definitions = {{0, "api", "tcp", {}}};
    Build();
  }

  // Takes the model over, with one instance that was not launched yet.
  void Build() {
    app_ = LocalApp();
    app_.app = std::make_shared<const MarathonApp>(model_);
    app_.record.service = "echod";
    app_.record.create_time = kCreated;
    app_.record.change_time = kCreated;
    app_.slots.emplace_back(0, std::vector<int>{31000},
                            Backoff(absl::Seconds(1), 2, absl::Hours(1)));
  }
  LocalSlot& slot() { return app_.slots[0]; }
  LocalInstance& Launch(InstancePhase phase, absl::Time time) {
    slot().instance = std::make_unique<LocalInstance>();
    LocalInstance& instance = *slot().instance;
    instance.plan.app = app_.app;
    instance.plan.record.id = "echod.instance-1";
    instance.plan.record.task_id = "echod.instance-1._app.1";
    instance.plan.record.ports = {31000};
    instance.plan.directory = "/state/instances/echod.instance-1";
    instance.plan.progress = std::make_shared<FetchProgress>();
    instance.phase = phase;
    instance.phase_time = time;
    if (phase == InstancePhase::kRunning) {
      instance.task = IdentityRecord{{4711, 1, "b"}, time};
      instance.checks.emplace(*app_.app, std::vector<int>{31000}, "127.0.0.1",
                              time);
    }
    return instance;
  }
  AppStatus Describe(absl::Time now) const {
    return DescribeApp(app_, "127.0.0.1", absl::Minutes(10), now);
  }

  MarathonApp model_;
  LocalApp app_;
};

TEST_F(AppStatusTest, RunningWithoutChecksIsRunning) {
  Launch(InstancePhase::kRunning, At(1));
  const AppStatus status = Describe(At(2));
  EXPECT_EQ(status.state, AppState::kRunning);
  EXPECT_EQ(status.instances, 1);
  EXPECT_THAT(status.waiting_for, IsEmpty());
  ASSERT_EQ(status.tasks.size(), 1u);
  EXPECT_EQ(status.tasks[0].state, "running");
  EXPECT_EQ(status.tasks[0].health, "none");
  EXPECT_EQ(status.tasks[0].pid, 4711);
  EXPECT_EQ(status.tasks[0].sandbox,
            "/state/instances/echod.instance-1/sandbox");
  EXPECT_THAT(status.endpoints,
              ElementsAre(AllOf(Field(&AppEndpoint::name, "api"),
                                Field(&AppEndpoint::host, "127.0.0.1"),
                                Field(&AppEndpoint::port, 31000))));
}

TEST_F(AppStatusTest, TaskThatSurvivesSigkillForHalfAMinuteIsStuck) {
  LocalInstance& instance = Launch(InstancePhase::kKilling, At(0));
  instance.stop = StopOrder{At(0), "", 3, At(60)};
  EXPECT_EQ(Describe(At(33)).tasks[0].state, "killing");
  const AppStatus status = Describe(At(33.1));
  EXPECT_EQ(status.tasks[0].state, "stuck");
  EXPECT_THAT(status.waiting_for,
              ElementsAre(HasSubstr("SIGKILL has no effect")));
}

TEST_F(AppStatusTest, ObstacleIsToldWhileItIsTriedWhetherItIsStillThere) {
  slot().obstacle = "port 80 is held by pid 7 (nginx)";
  slot().obstacle_since = At(0);
  const std::string told =
      "instance 0 waits: port 80 is held by pid 7 (nginx), since "
      "2023-11-14T22:13:20Z";
  EXPECT_THAT(Describe(At(1)).waiting_for, ElementsAre(told));
  Launch(InstancePhase::kStaging, At(2));
  EXPECT_THAT(Describe(At(2)).waiting_for, ElementsAre(told));
}

TEST_F(AppStatusTest, ProblemOfAnAppIsItsFailureThoughItRuns) {
  app_.problem = "its record is broken";
  Launch(InstancePhase::kRunning, At(0));
  EXPECT_EQ(Describe(At(1)).state, AppState::kFailed);
  EXPECT_EQ(Describe(At(1)).failure, "its record is broken");
}

TEST_F(AppStatusTest, WaitsForAHealthCheckWithNumbersAndSince) {
  AppHealthCheck check;
  check.port_index = 0;
  check.path = "/health";
  model_.health_checks = {check};
  Build();
  Launch(InstancePhase::kRunning, At(0));
  const AppStatus status = Describe(At(5));
  EXPECT_EQ(status.state, AppState::kDeploying);
  EXPECT_THAT(status.waiting_for,
              ElementsAre("instance 0 waits for its health check GET "
                          "http://127.0.0.1:31000/health: 0 tries since "
                          "2023-11-14T22:13:20Z"));
  EXPECT_EQ(status.tasks[0].health, "unknown");
}

TEST_F(AppStatusTest, AdoptedTaskThatWasUpIsUpUntilACheckFails) {
  AppHealthCheck check;
  check.port_index = 0;
  model_.health_checks = {check};
  Build();
  app_.record.deployed_time = At(1);
  Launch(InstancePhase::kRunning, At(0)).adopted = true;
  EXPECT_EQ(Describe(At(5)).state, AppState::kRunning);
  slot().instance->adopted = false;
  EXPECT_EQ(Describe(At(5)).state, AppState::kUnhealthy);
}

TEST_F(AppStatusTest, WaitsForBackoffWithLastEnd) {
  slot().backoff.Fail(At(0));
  slot().backoff.Fail(At(1));
  slot().next_launch = At(3);
  slot().last_end = "exit code 3; stderr ends: no config";
  const AppStatus status = Describe(At(2));
  EXPECT_EQ(status.state, AppState::kDeploying);
  EXPECT_THAT(status.waiting_for,
              ElementsAre("instance 0 ended 2 times and is started again at "
                          "2023-11-14T22:13:23Z, last: exit code 3; stderr "
                          "ends: no config"));
}

TEST_F(AppStatusTest, CrashLoopPastAMinuteHasFailed) {
  for (int i = 0; i < 7; ++i) slot().backoff.Fail(At(i));
  slot().last_end = "exit code 3";
  slot().next_launch = At(100);
  const AppStatus status = Describe(At(50));
  EXPECT_EQ(status.state, AppState::kFailed);
  EXPECT_EQ(status.failure,
            "instance 0 ended 7 times in a row, last: exit code 3");
}

TEST_F(AppStatusTest, AFewEndsAtTheBeginningAreNoFailure) {
  for (int i = 0; i < 5; ++i) slot().backoff.Fail(At(i));
  slot().next_launch = At(100);
  EXPECT_EQ(Describe(At(50)).state, AppState::kDeploying);
}

TEST_F(AppStatusTest, EndingAllTheTimeForHalfAMinuteHasFailed) {
  for (int i = 0; i < 6; ++i) slot().backoff.Fail(At(i));
  slot().next_launch = At(100);
  EXPECT_EQ(Describe(At(29)).state, AppState::kDeploying);
  EXPECT_EQ(Describe(At(31)).state, AppState::kFailed);
}

TEST_F(AppStatusTest, PermanentFailureHasFailedAtOnce) {
  slot().permanent_failure = "artifact 'x' has another digest";
  const AppStatus status = Describe(At(1));
  EXPECT_EQ(status.state, AppState::kFailed);
  EXPECT_THAT(status.failure, HasSubstr("artifact 'x' has another digest"));
}

TEST_F(AppStatusTest, DeadlineEndsTheDeploymentWithWhatItWaitsFor) {
  slot().obstacle = "port 80 is held by pid 7 (nginx)";
  slot().obstacle_since = At(0);
  slot().next_launch = At(601);
  EXPECT_EQ(Describe(At(599)).state, AppState::kDeploying);
  const AppStatus late = Describe(At(601));
  EXPECT_EQ(late.state, AppState::kFailed);
  EXPECT_EQ(late.failure,
            "it did not come up within 10m: instance 0 waits: port 80 is held "
            "by pid 7 (nginx), since 2023-11-14T22:13:20Z");
}

TEST_F(AppStatusTest, DeadlineCountsFromTheStartOfOrreryd) {
  app_.free_time = At(1000);
  EXPECT_EQ(Describe(At(1600)).state, AppState::kDeploying);
  EXPECT_EQ(Describe(At(1601)).state, AppState::kFailed);
  app_.record.change_time = At(2000);
  EXPECT_EQ(Describe(At(2600)).state, AppState::kDeploying);
}

TEST_F(AppStatusTest, DownAfterItWasUpIsUnhealthyAndHasNoDeadline) {
  app_.record.deployed_time = At(1);
  slot().backoff.Fail(At(10000));
  slot().next_launch = At(10001);
  EXPECT_EQ(Describe(At(10000)).state, AppState::kUnhealthy);
}

TEST_F(AppStatusTest, RemovalSaysWhoDoesNotEnd) {
  app_.record.removing = true;
  LocalInstance& instance = Launch(InstancePhase::kRunning, At(0));
  instance.phase = InstancePhase::kKilling;
  instance.stop = StopOrder{At(10), "", 1, At(20)};
  EXPECT_EQ(Describe(At(11)).state, AppState::kRemoving);
  EXPECT_THAT(Describe(At(11)).waiting_for,
              ElementsAre("instance 0 is to end since "
                          "2023-11-14T22:13:30Z, SIGKILL after 3s"));
  EXPECT_THAT(Describe(At(60)).waiting_for, ElementsAre(HasSubstr("stuck")));
}

TEST_F(AppStatusTest, NoInstancesIsRunning) {
  app_.slots.clear();
  EXPECT_EQ(Describe(At(1)).state, AppState::kRunning);
}

}  // namespace
}  // namespace orrery::catalog
