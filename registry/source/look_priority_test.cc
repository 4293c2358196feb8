#include "registry/source/look_priority.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

struct Priority {
  int policy = -1;
  int nice = -1;
};

Priority OfThisThread() {
  return {sched_getscheduler(0), getpriority(PRIO_PROCESS, 0)};
}

TEST(LookPriorityTest, WhoYieldsIsBehindOthersAndSoAreItsThreads) {
  const Priority before = OfThisThread();
  Priority one;
  Priority started;
  std::thread([&] {
    YieldToReaders();
    one = OfThisThread();
    std::thread([&] { started = OfThisThread(); }).join();
  }).join();
  EXPECT_EQ(one.policy, SCHED_BATCH);
  EXPECT_EQ(one.nice, std::max(10, before.nice));
  EXPECT_EQ(started.policy, SCHED_BATCH);
  EXPECT_EQ(started.nice, one.nice);
  EXPECT_EQ(OfThisThread().policy, before.policy);
  EXPECT_EQ(OfThisThread().nice, before.nice);
}

}  // namespace
}  // namespace orrery::registry
