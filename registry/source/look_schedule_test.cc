#include "registry/source/look_schedule.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;
using Outcome = LookSchedule::Outcome;

constexpr absl::Duration kPoll = absl::Minutes(5);

class LookScheduleTest : public ::testing::Test {
 protected:
  // From now to the next look, after looks that ended like this.
  absl::Duration After(Outcome outcome, int times = 1) {
    for (int i = 0; i < times; ++i) {
      schedule_.Begin();
      schedule_.End(outcome, now_);
    }
    return schedule_.next() - now_;
  }
  // Up to a tenth earlier.
  static auto About(absl::Duration delay) {
    return AllOf(Ge(0.9 * delay), Le(delay));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'500'000'000);
  LookSchedule schedule_{"u", kPoll};
};

TEST_F(LookScheduleTest, FirstLookIsDueAtOnce) {
  EXPECT_EQ(schedule_.next(), absl::InfinitePast());
}

TEST_F(LookScheduleTest, SourcesAndLooksSpreadOut) {
  std::set<absl::Time> times;
  for (int i = 0; i < 20; ++i) {
    LookSchedule schedule(absl::StrCat("s", i), kPoll);
    for (int look = 0; look < 5; ++look) {
      schedule.End(Outcome::kSuccess, now_);
      times.insert(schedule.next());
      EXPECT_THAT(schedule.next() - now_, About(kPoll));
    }
  }
  EXPECT_THAT(times, SizeIs(Ge(90)));
}

TEST_F(LookScheduleTest, FailuresDoubleTheTimeUpToHalfAnHour) {
  EXPECT_THAT(After(Outcome::kFailure), About(2 * kPoll));
  EXPECT_THAT(After(Outcome::kFailure), About(4 * kPoll));
  EXPECT_THAT(After(Outcome::kFailure), About(absl::Minutes(30)));
  EXPECT_THAT(After(Outcome::kFailure, 100), About(absl::Minutes(30)));
  EXPECT_THAT(After(Outcome::kSuccess), About(kPoll));
}

TEST_F(LookScheduleTest, FailuresNeverMakePollsMoreFrequent) {
  schedule_.End(Outcome::kFailure, now_);
  LookSchedule slow("u", absl::Hours(6));
  slow.End(Outcome::kFailure, now_);
  EXPECT_THAT(slow.next() - now_, About(absl::Hours(6)));
}

TEST_F(LookScheduleTest, WhatIsNoFaultOfTheRemoteChangesNothing) {
  After(Outcome::kFailure);
  EXPECT_THAT(After(Outcome::kNeither, 5), About(2 * kPoll));
}

TEST_F(LookScheduleTest, HintForgetsFailuresAndIsAnsweredAMomentLater) {
  After(Outcome::kFailure, 5);
  EXPECT_EQ(schedule_.Hint(now_, now_) - now_, absl::Seconds(1));
  EXPECT_EQ(schedule_.next() - now_, absl::Seconds(1));
  now_ += absl::Seconds(1);
  EXPECT_THAT(After(Outcome::kFailure), About(2 * kPoll));
}

TEST_F(LookScheduleTest, ManyHintsAreAnsweredTogetherAndNeverPutOffForLong) {
  const absl::Time first = now_;
  absl::Time due;
  for (int i = 0; i < 20; ++i) {
    due = schedule_.Hint(now_, now_);
    now_ += absl::Milliseconds(500);
  }
  EXPECT_EQ(due - first, absl::Seconds(5));
}

TEST_F(LookScheduleTest, HintDuringALookWantsAnother) {
  schedule_.Hint(now_, now_);
  schedule_.Begin();
  now_ += absl::Seconds(10);
  schedule_.Hint(now_, now_);
  schedule_.End(Outcome::kSuccess, now_);
  EXPECT_EQ(schedule_.next() - now_, absl::Seconds(1));
  EXPECT_THAT(After(Outcome::kSuccess), About(kPoll));
}

TEST_F(LookScheduleTest, ServerThatAsksForAPauseGetsItHintedOrNot) {
  LookSchedule schedule("u", absl::Seconds(1));
  schedule.End(Outcome::kRetryLater, now_);
  EXPECT_EQ(schedule.next() - now_, absl::Minutes(5));
  now_ += absl::Minutes(1);
  EXPECT_EQ(schedule.Hint(now_, now_) - now_, absl::Minutes(4));
}

TEST_F(LookScheduleTest, RestartsDoNotMakeFailuresMoreFrequent) {
  const absl::Time since = now_;
  std::set<absl::Time> looks;
  // One every ten seconds, for two hours.
  for (; now_ < since + absl::Hours(2); now_ += absl::Seconds(10)) {
    LookSchedule schedule("u", kPoll);
    schedule.Resume(since, absl::InfinitePast(), now_);
    EXPECT_GT(schedule.next(), now_);
    if (schedule.next() <= now_ + absl::Seconds(10)) {
      looks.insert(schedule.next());
    }
  }
  // After 10, 30 and 60 minutes, and then every half an hour.
  EXPECT_THAT(looks, SizeIs(5));
  EXPECT_THAT(*looks.begin() - since, About(2 * kPoll));
}

TEST_F(LookScheduleTest, RestartMovesNoLookThatWasDue) {
  After(Outcome::kFailure);
  const absl::Time due = schedule_.next();
  LookSchedule restarted("u", kPoll);
  restarted.Resume(now_, absl::InfinitePast(), now_ + absl::Minutes(3));
  EXPECT_EQ(restarted.next(), due);
}

TEST_F(LookScheduleTest, FailuresAfterARestartAreCountedOn) {
  schedule_.Resume(now_ - absl::Minutes(20), absl::InfinitePast(), now_);
  EXPECT_THAT(After(Outcome::kFailure), About(absl::Minutes(30)));
  EXPECT_THAT(After(Outcome::kSuccess), About(kPoll));
}

TEST_F(LookScheduleTest, PauseHoldsOverARestart) {
  LookSchedule schedule("u", absl::Seconds(1));
  schedule.Resume(now_ - absl::Minutes(1), now_ + absl::Minutes(4), now_);
  EXPECT_EQ(schedule.next() - now_, absl::Minutes(4));
  EXPECT_EQ(schedule.Hint(now_, now_) - now_, absl::Minutes(4));
}

TEST_F(LookScheduleTest, ClockThatWasPutBackDelaysNothingForLong) {
  schedule_.Resume(now_ + absl::Hours(9), now_ + absl::Hours(9), now_);
  EXPECT_LE(schedule_.next() - now_, kPoll);
}

TEST_F(LookScheduleTest, LookAfterAHintTakesNothingThatWasSeenBefore) {
  const absl::Time real = absl::FromUnixSeconds(42);
  EXPECT_EQ(schedule_.SeenSince(real), real - 0.1 * kPoll);
  schedule_.Hint(now_, real);
  EXPECT_EQ(schedule_.SeenSince(real + absl::Seconds(3)), real);
  schedule_.Begin();
  EXPECT_EQ(schedule_.SeenSince(real), real - 0.1 * kPoll);
}

}  // namespace
}  // namespace orrery::registry
