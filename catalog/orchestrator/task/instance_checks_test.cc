#include "catalog/orchestrator/task/instance_checks.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::UnixEpoch();

class InstanceChecksTest : public ::testing::Test {
 protected:
  InstanceChecksTest() {
    actions_.probe = [this](NetworkProbe probe) {
      started_.push_back(std::move(probe));
    };
    actions_.next_key = [this] { return ++key_; };
    actions_.run = [this](const AppHealthCheck& check) {
      commands_.push_back(check.command.value_or(""));
      return std::optional<ProcessHandle>();
    };
  }

  MarathonApp AppWith(const AppHealthCheck& check) {
    MarathonApp app;
    app.port_definitions = {{0, "api", "tcp", {}}, {0, "admin", "tcp", {}}};
    app.health_checks = {check};
    return app;
  }

  CheckActions actions_;
  uint64_t key_ = 0;
  std::vector<NetworkProbe> started_;
  std::vector<std::string> commands_;
};

TEST_F(InstanceChecksTest, AsksThePortOfItsIndex) {
  AppHealthCheck check;
  check.port_index = 1;
  check.path = "health";
  InstanceChecks checks(AppWith(check), {31000, 31001}, "127.0.0.1", kStart);
  EXPECT_FALSE(checks.Step(kStart, actions_));
  ASSERT_THAT(started_, SizeIs(1));
  EXPECT_EQ(started_[0].port, 31001);
  EXPECT_EQ(started_[0].path, "/health");
  EXPECT_EQ(checks.health(), Health::kUnknown);
}

TEST_F(InstanceChecksTest, OneProbeAtATime) {
  AppHealthCheck check;
  check.port_index = 0;
  InstanceChecks checks(AppWith(check), {31000, 31001}, "h", kStart);
  checks.Step(kStart, actions_);
  checks.Step(kStart + absl::Hours(1), actions_);
  EXPECT_THAT(started_, SizeIs(1));
  EXPECT_EQ(checks.NextTime(), absl::InfiniteFuture());
  checks.Note(started_[0].key, {ProbeVerdict::kPass, ""}, kStart, "");
  EXPECT_EQ(checks.health(), Health::kHealthy);
  EXPECT_EQ(checks.NextTime(), kStart + absl::Seconds(60));
}

TEST_F(InstanceChecksTest, AnswerOfAStrangerIsAFailure) {
  AppHealthCheck check;
  check.port_index = 0;
  InstanceChecks checks(AppWith(check), {31000, 31001}, "h", kStart);
  checks.Step(kStart, actions_);
  checks.Note(started_[0].key, {ProbeVerdict::kPass, ""}, kStart,
              "by pid 7 (nginx)");
  EXPECT_EQ(checks.health(), Health::kUnknown);
  ASSERT_THAT(checks.Standing(), SizeIs(1));
  EXPECT_THAT(checks.Standing()[0].last_reason,
              HasSubstr("port 31000 is held by pid 7 (nginx)"));
}

TEST_F(InstanceChecksTest, SaysWhyItMustBeKilled) {
  AppHealthCheck check;
  check.protocol = "MESOS_TCP";
  check.port_index = 0;
  check.delay = absl::ZeroDuration();
  check.grace_period = absl::ZeroDuration();
  check.max_consecutive_failures = 1;
  InstanceChecks checks(AppWith(check), {31000, 31001}, "h", kStart);
  checks.Step(kStart, actions_);
  EXPECT_TRUE(checks.Note(started_[0].key,
                          {ProbeVerdict::kFail, "connection refused"}, kStart,
                          ""));
  EXPECT_EQ(checks.kill_reason(),
            "health check TCP h:31000 failed 1 time, last: connection refused");
}

TEST_F(InstanceChecksTest, CommandThatCannotStartIsAFailure) {
  AppHealthCheck check;
  check.protocol = "COMMAND";
  check.command = "curl localhost";
  check.delay = absl::Seconds(15);
  InstanceChecks checks(AppWith(check), {}, "h", kStart);
  checks.Step(kStart + absl::Seconds(14), actions_);
  EXPECT_THAT(commands_, IsEmpty());
  checks.Step(kStart + absl::Seconds(15), actions_);
  EXPECT_THAT(commands_, ElementsAre("curl localhost"));
  EXPECT_THAT(checks.Standing()[0].last_reason, HasSubstr("cannot be started"));
}

TEST_F(InstanceChecksTest, ReadinessAsksTheNamedPortUntilItPassedOnce) {
  MarathonApp app;
  app.port_definitions = {{0, "api", "tcp", {}}, {0, "admin", "tcp", {}}};
  AppReadinessCheck readiness;
  readiness.port_name = "admin";
  readiness.path = "/ready";
  app.readiness_checks = {readiness};
  InstanceChecks checks(app, {31000, 31001}, "h", kStart);
  EXPECT_FALSE(checks.ready());
  EXPECT_EQ(checks.health(), Health::kHealthy);
  checks.Step(kStart, actions_);
  ASSERT_THAT(started_, SizeIs(1));
  EXPECT_EQ(started_[0].port, 31001);
  EXPECT_THAT(started_[0].status_codes, ElementsAre(200));
  checks.Note(started_[0].key, {ProbeVerdict::kPass, ""}, kStart, "");
  EXPECT_TRUE(checks.ready());
  EXPECT_EQ(checks.NextTime(), absl::InfiniteFuture());
}

}  // namespace
}  // namespace orrery::catalog
