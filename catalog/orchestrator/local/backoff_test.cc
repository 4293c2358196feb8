#include "catalog/orchestrator/local/backoff.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

absl::Time At(double seconds) {
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

TEST(BackoffTest, GrowsByItsFactorUpToTheLongest) {
  Backoff backoff(absl::Seconds(1), 2, absl::Seconds(5));
  EXPECT_EQ(backoff.Fail(At(0)), absl::Seconds(1));
  EXPECT_EQ(backoff.Fail(At(1)), absl::Seconds(2));
  EXPECT_EQ(backoff.Fail(At(3)), absl::Seconds(4));
  EXPECT_EQ(backoff.Fail(At(7)), absl::Seconds(5));
  EXPECT_EQ(backoff.failures(), 4);
}

TEST(BackoffTest, MarathonDefaultsReachAMinuteAfterThirtyFailures) {
  Backoff backoff(absl::Seconds(1), 1.15, absl::Seconds(300));
  int failures = 1;
  while (backoff.Fail(At(0)) <= absl::Seconds(60)) ++failures;
  EXPECT_EQ(failures, 31);
}

TEST(BackoffTest, IsForgottenAfterTheLongestWaitWithoutFailure) {
  Backoff backoff(absl::Seconds(1), 2, absl::Seconds(10));
  backoff.Fail(At(0));
  backoff.Fail(At(1));
  EXPECT_EQ(backoff.Fail(At(13)), absl::Seconds(4));
  EXPECT_EQ(backoff.Fail(At(27.5)), absl::Seconds(1));
  EXPECT_EQ(backoff.failures(), 1);
}

TEST(BackoffTest, CrashLoopOfADayIsNeverForgotten) {
  Backoff backoff(absl::Seconds(1), 1.15, absl::Seconds(300));
  absl::Time now = At(0);
  for (int i = 1; i <= 300; ++i) {
    now += backoff.Fail(now) + absl::Seconds(2);
    ASSERT_EQ(backoff.failures(), i);
  }
  EXPECT_EQ(backoff.delay(), absl::Seconds(300));
}

TEST(BackoffTest, FactorBelowOneDoesNotShrinkIt) {
  Backoff backoff(absl::Seconds(3), 0.5, absl::Seconds(10));
  backoff.Fail(At(0));
  EXPECT_EQ(backoff.Fail(At(1)), absl::Seconds(3));
}

}  // namespace
}  // namespace orrery::catalog
