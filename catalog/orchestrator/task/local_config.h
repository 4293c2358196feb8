// Settings of the `local` target (orchestrators.md §3.1).

#ifndef CATALOG_ORCHESTRATOR_TASK_LOCAL_CONFIG_H_
#define CATALOG_ORCHESTRATOR_TASK_LOCAL_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace orrery::catalog {

struct ArtifactLimits {
  int64_t max_bytes = int64_t{4} << 30;
  int64_t max_entries = 100000;
  int64_t max_unpacked_bytes = int64_t{16} << 30;
  absl::Duration time = absl::Minutes(10);
  // A download that brings no byte for so long has failed.
  absl::Duration stall = absl::Seconds(60);
};

struct LocalConfig {
  // Of orreryd, which is what orchestrates here; empty when it says none.
  std::string version;
  // Used by this target alone.
  std::string state_dir;
  // The program `orrery-shim`, as an absolute path.
  std::string shim_path;

  // What apps are told as HOST, and what endpoints are made with.
  std::string advertised_host = "127.0.0.1";
  // Dynamic host ports, both ends included.
  int first_port = 31000;
  int last_port = 32000;

  // Whether an app may name the user root.
  bool allow_root = false;
  // Folders below which `file:` artifacts and host volumes may lie.
  std::vector<std::string> allow_host_paths;

  // What apps may ask for; nothing means what the host has, less a reserve.
  std::optional<double> cpus;
  // MiB.
  std::optional<double> mem;
  double overcommit_cpus = 2.0;
  double overcommit_mem = 1.0;

  // A delegated, writable group of control groups v2 under which each instance
  // gets its own; empty means limits are not enforced.
  std::string cgroup;

  ArtifactLimits artifact_limits;
  int64_t log_bytes = int64_t{10} << 20;
  // Of each stream, with the one being written.
  int log_files = 2;
  // Ended instances of an app whose logs and files stay.
  int keep_finished = 5;
  absl::Duration keep_finished_for = absl::Hours(7 * 24);
  // Between two measurements of what instances take on the disk.
  absl::Duration disk_interval = absl::Seconds(60);
  // An app that has not come up by then has failed.
  absl::Duration deployment_deadline = absl::Minutes(10);
  // Artifacts that are fetched and tasks that are started at the same time;
  // they wait for disk and wire more than they compute.
  int launch_threads = 8;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_LOCAL_CONFIG_H_
