#include "registry/read_traffic.h"

#include <chrono>
#include <ctime>
#include <thread>

namespace orrery::registry {
namespace {

constexpr std::chrono::milliseconds kTurn(1);
// In one turn; fewer find a core when they need it.
constexpr uint64_t kManyReads = 10;

std::chrono::nanoseconds CpuTimeOfThisThread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) +
         std::chrono::nanoseconds(time.tv_nsec);
}

// Of the calling thread.
struct Turn {
  std::chrono::nanoseconds begin = CpuTimeOfThisThread();
  uint64_t reads_before = 0;
};

}  // namespace

void ReadTraffic::GiveWay() {
  thread_local Turn turn;
  const std::chrono::nanoseconds now = CpuTimeOfThisThread();
  if (now - turn.begin < kTurn) return;
  turn.begin = now;
  const uint64_t reads = reads_.load(std::memory_order_relaxed);
  const bool many = reads - turn.reads_before >= kManyReads;
  if (many) std::this_thread::sleep_for(kTurn);
  turn.reads_before = reads_.load(std::memory_order_relaxed);
}

}  // namespace orrery::registry
