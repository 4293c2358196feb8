#include "cli-plugin/command/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "absl/time/clock.h"

namespace orrery::cli {
namespace {

constexpr int kInterruptedExit = 130;

// A signal handler can reach nothing else.
volatile std::sig_atomic_t g_raised = 0;
volatile std::sig_atomic_t g_write_end = -1;

void OnInterrupt(int) {
  if (g_raised != 0) _exit(kInterruptedExit);
  g_raised = 1;
  const char byte = 0;
  // The pipe is empty, so this cannot fail for want of room.
  [[maybe_unused]] const ssize_t written = write(g_write_end, &byte, 1);
}

}  // namespace

Interrupts::Interrupts() : read_end_(-1) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
  read_end_ = ends[0];
  g_write_end = ends[1];
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  // Without SA_RESTART: a read of the terminal ends, too.
  sigaction(SIGINT, &action, nullptr);
}

bool Interrupts::raised() const { return g_raised != 0; }

absl::Time Interrupts::Now() { return absl::Now(); }

bool Interrupts::SleepFor(absl::Duration duration) {
  pollfd entry = {read_end_, POLLIN, 0};
  poll(&entry, 1, static_cast<int>(absl::ToInt64Milliseconds(duration)));
  return !raised();
}

}  // namespace orrery::cli
