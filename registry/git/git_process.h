#ifndef REGISTRY_GIT_GIT_PROCESS_H_
#define REGISTRY_GIT_GIT_PROCESS_H_

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace orrery::registry {

// One run of the git program as a child with an environment of its own.
struct GitCall {
  // Found on PATH unless it has a slash.
  std::string program = "git";
  // Without the program.
  std::vector<std::string> arguments;
  // `NAME=value`; nothing else is passed on.
  std::vector<std::string> environment;
  absl::Time deadline = absl::InfiniteFuture();
  // It is ended when it does nothing useful for so long; see StallWatch.
  absl::Duration stall_limit = absl::Seconds(60);
  // It is ended when it prints more.
  uint64_t max_output_bytes = uint64_t{64} << 20;
  // No file it writes may grow larger, which bounds what a fetch receives: it
  // comes as one pack.
  uint64_t max_file_bytes = uint64_t{1} << 30;
  // Of the address space of each of its processes: a small pack can hold deltas
  // that grow without end.
  uint64_t max_memory_bytes = uint64_t{4} << 30;
  std::stop_token stop;
};

// How it ended by itself.
struct GitResult {
  // 128 + signal when a signal ended it.
  int exit_code = 0;
  std::string output;
  // The end of what it said on the error stream: lines of at most 8 KiB
  // together.
  std::string errors;
};

// Runs it to its end; nothing it started is left behind. kDeadlineExceeded when
// the deadline passed or it stalled, kResourceExhausted when it printed too
// much, kCancelled when it was stopped, kFailedPrecondition when the program
// cannot be started. Blocks; thread-safe.
absl::StatusOr<GitResult> RunGit(const GitCall& call);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_GIT_PROCESS_H_
