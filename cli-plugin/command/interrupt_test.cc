#include "cli-plugin/command/interrupt.h"

#include <csignal>

#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

// Signals change the whole process, so each test is one of its own.
TEST(InterruptsDeathTest, FirstInterruptEndsWaitingAndNothingElse) {
  EXPECT_EXIT(
      {
        Interrupts interrupts;
        const bool before = interrupts.raised();
        raise(SIGINT);
        const bool slept = interrupts.SleepFor(absl::Hours(1));
        _exit(!before && interrupts.raised() && !slept ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(InterruptsDeathTest, SecondInterruptLeavesAtOnce) {
  EXPECT_EXIT(
      {
        const Interrupts interrupts;
        raise(SIGINT);
        raise(SIGINT);
        _exit(0);
      },
      ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace orrery::cli
