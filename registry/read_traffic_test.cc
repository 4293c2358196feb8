#include "registry/read_traffic.h"

#include <sys/resource.h>

#include <ctime>
#include <thread>

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

int64_t CpuMicroseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

// How often a thread rested that worked for 20 ms, with so many reads in each
// step.
int64_t RestsWith(int reads) {
  int64_t rests = 0;
  std::thread([&rests, reads] {
    ReadTraffic traffic;
    const int64_t end = CpuMicroseconds() + 20'000;
    while (CpuMicroseconds() < end) {
      for (int i = 0; i < reads; ++i) traffic.NoteRead();
      traffic.GiveWay();
    }
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    rests = usage.ru_nvcsw;
  }).join();
  return rests;
}

TEST(ReadTrafficTest, WorkRestsOnceAMillisecondWhileManyRead) {
  const int64_t rests = RestsWith(1);
  EXPECT_GE(rests, 10);
  EXPECT_LE(rests, 25);
}

TEST(ReadTrafficTest, WorkGoesOnWhenNobodyReads) { EXPECT_LE(RestsWith(0), 2); }

}  // namespace
}  // namespace orrery::registry
