#include "catalog/orchestrator/task/health_check.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

const absl::Time kStart = absl::UnixEpoch();

absl::Time At(double seconds) { return kStart + absl::Seconds(seconds); }

AppHealthCheck Check(const std::string& protocol) {
  AppHealthCheck check;
  check.protocol = protocol;
  check.grace_period = absl::Seconds(300);
  check.interval = absl::Seconds(60);
  check.delay = absl::Seconds(15);
  check.max_consecutive_failures = 3;
  return check;
}

const ProbeResult kPass = {ProbeVerdict::kPass, ""};
const ProbeResult kFail = {ProbeVerdict::kFail, "connection refused"};
const ProbeResult kNoChange = {ProbeVerdict::kNoChange, ""};

TEST(HealthTrackerTest, IsAskedEveryTenthOfASecondUntilItPasses) {
  HealthTracker tracker(Check("HTTP"), kStart);
  EXPECT_EQ(tracker.next_probe(), At(0));
  EXPECT_FALSE(tracker.Note(kFail, At(0)));
  EXPECT_EQ(tracker.next_probe(), At(0.1));
  EXPECT_FALSE(tracker.Note(kPass, At(0.1)));
  EXPECT_EQ(tracker.next_probe(), At(60.1));
  EXPECT_EQ(tracker.health(), Health::kHealthy);
}

TEST(HealthTrackerTest, CommandBeginsAfterItsDelayAndComesAsOften) {
  HealthTracker tracker(Check("COMMAND"), kStart);
  EXPECT_EQ(tracker.next_probe(), At(15));
  EXPECT_FALSE(tracker.Note(kFail, At(15)));
  EXPECT_EQ(tracker.next_probe(), At(15.1));
}

TEST(HealthTrackerTest, FailuresInGraceDoNotCount) {
  HealthTracker tracker(Check("TCP"), kStart);
  for (int i = 0; i < 2999; ++i) {
    EXPECT_FALSE(tracker.Note(kFail, At(i * 0.1)));
  }
  EXPECT_EQ(tracker.failures(), 0);
  EXPECT_EQ(tracker.health(), Health::kUnknown);
}

TEST(HealthTrackerTest, AfterGraceFailuresCountOnceAnInterval) {
  HealthTracker tracker(Check("TCP"), kStart);
  EXPECT_FALSE(tracker.Note(kFail, At(300)));
  EXPECT_FALSE(tracker.Note(kFail, At(300.1)));
  EXPECT_EQ(tracker.failures(), 1);
  EXPECT_EQ(tracker.health(), Health::kUnhealthy);
  EXPECT_FALSE(tracker.Note(kFail, At(360)));
  EXPECT_TRUE(tracker.Note(kFail, At(420)));
  EXPECT_EQ(tracker.failures(), 3);
}

TEST(HealthTrackerTest, FirstPassEndsTheGrace) {
  HealthTracker tracker(Check("HTTP"), kStart);
  EXPECT_FALSE(tracker.Note(kPass, At(1)));
  EXPECT_FALSE(tracker.Note(kFail, At(61)));
  EXPECT_EQ(tracker.failures(), 1);
  EXPECT_FALSE(tracker.Note(kFail, At(121)));
  EXPECT_TRUE(tracker.Note(kFail, At(181)));
}

TEST(HealthTrackerTest, PassForgetsFailures) {
  HealthTracker tracker(Check("HTTP"), kStart);
  tracker.Note(kPass, At(1));
  tracker.Note(kFail, At(61));
  tracker.Note(kFail, At(121));
  EXPECT_FALSE(tracker.Note(kPass, At(181)));
  EXPECT_EQ(tracker.failures(), 0);
  EXPECT_FALSE(tracker.Note(kFail, At(241)));
  EXPECT_EQ(tracker.last_reason(), "connection refused");
}

struct ZeroCase {
  const char* protocol;
  bool kills;
};

TEST(HealthTrackerTest, ZeroFailuresKillsAtOnceOnlyBesideTheTask) {
  for (const ZeroCase& c : std::vector<ZeroCase>{{"HTTP", false},
                                                 {"HTTPS", false},
                                                 {"TCP", false},
                                                 {"COMMAND", true},
                                                 {"MESOS_HTTP", true},
                                                 {"MESOS_TCP", true}}) {
    AppHealthCheck check = Check(c.protocol);
    check.max_consecutive_failures = 0;
    HealthTracker tracker(check, kStart);
    EXPECT_FALSE(tracker.Note(kFail, At(299))) << c.protocol;
    EXPECT_EQ(tracker.Note(kFail, At(400)), c.kills) << c.protocol;
  }
}

TEST(HealthTrackerTest, IgnoredAnswerChangesNothing) {
  HealthTracker tracker(Check("HTTP"), kStart);
  tracker.Note(kPass, At(1));
  tracker.Note(kFail, At(61));
  EXPECT_FALSE(tracker.Note(kNoChange, At(121)));
  EXPECT_EQ(tracker.failures(), 1);
  EXPECT_EQ(tracker.health(), Health::kUnhealthy);
}

}  // namespace
}  // namespace orrery::catalog
