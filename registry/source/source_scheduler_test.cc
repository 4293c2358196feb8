#include "registry/source/source_scheduler.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using Turn = SourceScheduler::Turn;

Turn Never() { return {absl::InfiniteFuture()}; }

TEST(SourceSchedulerTest, DueNamesRunAndLaterOnesWait) {
  std::promise<std::string> ran;
  std::atomic<int> runs = 0;
  SourceScheduler scheduler({2, 2}, [&](const std::string& name) {
    if (runs++ == 0) ran.set_value(name);
    return Never();
  });
  scheduler.Schedule("later", {absl::Now() + absl::Hours(1)});
  scheduler.Schedule("now", {absl::Now()});
  scheduler.Start();
  EXPECT_EQ(ran.get_future().get(), "now");
  scheduler.Stop();
  EXPECT_EQ(runs, 1);
}

TEST(SourceSchedulerTest, HangingNameDelaysNoOther) {
  std::promise<void> release;
  std::promise<void> healthy;
  std::shared_future<void> released = release.get_future().share();
  SourceScheduler scheduler({2, 2}, [&](const std::string& name) {
    if (name == "hangs") released.wait();
    if (name == "healthy") healthy.set_value();
    return Never();
  });
  scheduler.Schedule("hangs", {absl::InfinitePast()});
  scheduler.Start();
  scheduler.Schedule("healthy", {absl::Now()});
  healthy.get_future().wait();
  release.set_value();
  scheduler.Stop();
}

TEST(SourceSchedulerTest, DoubtfulNamesThatHangDelayNoOther) {
  std::promise<void> release;
  std::promise<void> healthy;
  std::atomic<int> hanging = 0;
  std::shared_future<void> released = release.get_future().share();
  SourceScheduler scheduler({3, 2}, [&](const std::string& name) {
    if (name == "healthy") {
      healthy.set_value();
    } else {
      ++hanging;
      released.wait();
    }
    return Never();
  });
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    scheduler.Schedule(name, {absl::InfinitePast(), /*doubtful=*/true});
  }
  scheduler.Schedule("healthy", {absl::Now()});
  scheduler.Start();
  healthy.get_future().wait();
  EXPECT_LE(hanging, 2);
  release.set_value();
  scheduler.Stop();
}

TEST(SourceSchedulerTest, NameNeverRunsTwiceAtOnce) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> runs = 0;
  std::promise<void> done;
  SourceScheduler scheduler({4, 4}, [&](const std::string&) {
    most = std::max<int>(most, ++inside);
    if (++runs == 50) done.set_value();
    --inside;
    return runs < 50 ? Turn{absl::Now()} : Never();
  });
  scheduler.Schedule("u", {absl::Now()});
  scheduler.Start();
  done.get_future().wait();
  scheduler.Stop();
  EXPECT_EQ(most, 1);
}

TEST(SourceSchedulerTest, ScheduledWhileItRunsMeansAgainAfterwards) {
  std::promise<void> entered;
  std::promise<void> release;
  std::promise<void> again;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> runs = 0;
  SourceScheduler scheduler({2, 2}, [&](const std::string&) {
    if (runs++ == 0) {
      entered.set_value();
      released.wait();
    } else {
      again.set_value();
    }
    return Never();
  });
  scheduler.Schedule("u", {absl::Now()});
  scheduler.Start();
  entered.get_future().wait();
  scheduler.Schedule("u", {absl::Now()});
  release.set_value();
  again.get_future().wait();
  scheduler.Stop();
  EXPECT_EQ(runs, 2);
}

TEST(SourceSchedulerTest, RemovedWhileItRunsIsNotDueAgain) {
  std::promise<void> entered;
  std::promise<void> release;
  std::promise<void> other;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> runs = 0;
  SourceScheduler scheduler({1, 1}, [&](const std::string& name) {
    if (name == "other") {
      other.set_value();
      return Never();
    }
    ++runs;
    entered.set_value();
    released.wait();
    return Turn{absl::InfinitePast()};
  });
  scheduler.Schedule("u", {absl::Now()});
  scheduler.Start();
  entered.get_future().wait();
  scheduler.Remove("u");
  scheduler.Schedule("other", {absl::Now()});
  release.set_value();
  other.get_future().wait();
  scheduler.Stop();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace orrery::registry
