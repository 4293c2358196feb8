// What orreryd tells a shim through its channel, a stream socket: one
// specification, then the end of the stream; the shim answers with a report, or
// closes it. A specification holds the environment with its secrets, so it is
// never an argument and never a file. Standard library only.

#ifndef CATALOG_ORCHESTRATOR_SHIM_LAUNCH_SPEC_H_
#define CATALOG_ORCHESTRATOR_SHIM_LAUNCH_SPEC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orrery::catalog {

// Descriptors a shim is started with; it has no other but the standard ones.
inline constexpr int kShimLockDescriptor = 3;
inline constexpr int kShimSpecDescriptor = 4;

struct LaunchSpec {
  // First the program, as a path.
  std::vector<std::string> arguments;
  // NAME=value.
  std::vector<std::string> environment;
  // Working directory of the task.
  std::string directory;
  // The group of control groups v2 the task runs in; empty for none.
  std::string cgroup;
  // Numbers to switch to; nothing keeps those of the shim.
  std::optional<uint32_t> user;
  uint32_t group = 0;
  std::vector<uint32_t> supplementary_groups;
  // Between SIGTERM and SIGKILL; of a check, its time limit.
  uint32_t grace_milliseconds = 3000;

  bool operator==(const LaunchSpec&) const = default;
};

// Begins with a mark and ends with another, so that a text that was cut short
// is never taken for a whole one.
std::string EncodeLaunchSpec(const LaunchSpec& spec);
// Nothing when `text` is not exactly one whole specification.
std::optional<LaunchSpec> DecodeLaunchSpec(const std::string& text);

// What the shim answers: that the task runs, or that a file of the instance
// folder, without which nothing is started, cannot be written.
struct ShimReport {
  // An errno; 0 when the task runs.
  int error = 0;
  std::string file;

  bool operator==(const ShimReport&) const = default;
};

std::string EncodeShimReport(const ShimReport& report);
std::optional<ShimReport> DecodeShimReport(const std::string& text);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_SHIM_LAUNCH_SPEC_H_
