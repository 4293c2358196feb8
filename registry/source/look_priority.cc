#include "registry/source/look_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace orrery::registry {
namespace {

constexpr int kNice = 10;
// Longer than what the kernel gives others, and so a thread that wakes up need
// not wait for the end of it (EEVDF; older schedulers do not read it).
constexpr uint64_t kSliceNanoseconds = 3'000'000;

// struct sched_attr of sched_setattr(2), for which the C library has no name.
struct SchedulingAttributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

}  // namespace

void YieldToReaders() {
  SchedulingAttributes attributes{};
  attributes.size = sizeof(attributes);
  // Does not preempt others when it wakes up.
  attributes.policy = SCHED_BATCH;
  attributes.nice = std::max(kNice, getpriority(PRIO_PROCESS, 0));
  attributes.runtime = kSliceNanoseconds;
  syscall(SYS_sched_setattr, /*pid=*/0, &attributes, /*flags=*/0);
}

}  // namespace orrery::registry
